using System.Runtime.InteropServices;
using EdgeGateway.Soak;
using EdgeGateway.Soak.Harness;
using EdgeGateway.Soak.Updating;

const string Usage = """
    Long measurements, bounded in time. Each prints a table and a verdict. Exit code: 0 = targets met, 1 = not met or not possible, 2 = usage.

      ./soak scale    the whole module: 2,000 sensors for 10 minutes, then the highest rate of messages (about 25 minutes)
      ./soak load     in a container as it is deployed: what 100 sensors cost, then 10,000 readings a second for half an hour: nothing lost, memory stays (about 45 minutes, as root)
      ./soak days     72 hours of a plant at 400 times its speed, with networks that fail and changes of the twin: nothing lost, memory and handles stay (about twelve minutes)
      ./soak page     2,000 sensors for 22 minutes, ten of them with the operator page open in Chromium: what that costs, and that the browser does not grow
      ./soak engine   100,000 verdicts, 2,000 greedy answers, adapters swapped, 200 loads: memory, handles and answers stay (about a minute)
      ./soak power    kill -9 within the send path, networks that fail, power cuts, a full disk, clock steps: every alert at every sink (about half an hour, as root)
      ./soak outage   500 sensors, the broker away for ten minutes, the hub away for ten: what is told of that (about 15 minutes)
      ./soak hub      2,000 reconnects, 200 renewals of the token, 10,000 changes of the twin, alerts meanwhile: settings, alerts, memory and handles (about seven minutes)
      ./soak seal     a model and an adapter sealed and opened, beside age itself (half a minute; needs age)
      ./soak updates  kill -9 before, in and after each step of an update and at 200 random bytes of its way: the old or the new model, always, and no plain weights on any disk (about half an hour)
                      updates few: a sample of it; updates faults: files that are cut, packages for others, people who change their minds (some minutes each);
                      updates sizes: bytes of adapters on their way, and a sealed model loaded beside a plain one (a minute)
      ./soak fuzz     a million nearly valid inputs for every parser of packages: read or refused, nothing else (a few minutes)
    """;

Func<CancellationToken, Task<bool>>? runAsync = args switch
{
    ["scale"] => new Scale(Console.Out, TimeProvider.System).RunAsync,
    ["days"] => new PlantDays(Console.Out, TimeProvider.System).RunAsync,
    ["page"] => new PageLoad(Console.Out, TimeProvider.System).RunAsync,
    ["engine"] => token => Task.Run(() => new Engine(Console.Out, TimeProvider.System).Run(token), token),
    ["power"] => new PowerLoss(Console.Out).RunAsync,
    ["outage"] => new Outage(Console.Out).RunAsync,
    ["hub"] => new HubEndurance(Console.Out, TimeProvider.System).RunAsync,
    ["seal"] => token => Task.Run(() => Seal(token), token),
    ["updates"] => new UpdateKills(Console.Out, UpdateKills.Whole).RunAsync,
    ["updates", "few"] => new UpdateKills(Console.Out, UpdateKills.Few).RunAsync,
    ["updates", "faults"] => new UpdateFaults(Console.Out).RunAsync,
    ["updates", "sizes"] => new UpdateSizes(Console.Out).RunAsync,
    ["updates", "load", .. var of] => _ => LoadTrial.RunAsync(of), // a process of updates sizes
    ["fuzz"] => token => Task.Run(() => new Fuzz(Console.Out, TimeProvider.System).Run(token), token),
    _ => null,
};
if (runAsync is null)
{
    (args.Length == 0 ? Console.Out : Console.Error).WriteLine(Usage);
    return args.Length == 0 ? 0 : 2;
}

using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await runAsync(stop.Token) ? 0 : 1;
}
catch (SoakException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("Stopped.");
    return 1;
}

static bool Seal(CancellationToken token)
{
    using var sealing = new Sealing(Console.Out, TimeProvider.System);
    return sealing.Run(token);
}

// the processes that were started end with this one
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
