using System.Runtime.InteropServices;
using EdgeGateway.Soak;
using EdgeGateway.Soak.Harness;

const string Usage = """
    Long measurements of the whole module, bounded in time. Each prints a table and a verdict. Exit code: 0 = targets met, 1 = not met or not possible, 2 = usage.

      ./soak scale    2,000 sensors for 10 minutes, then the highest rate of messages (about 25 minutes)
    """;

if (args is not ["scale"])
{
    (args.Length == 0 ? Console.Out : Console.Error).WriteLine(Usage);
    return args.Length == 0 ? 0 : 2;
}

using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await new Scale(Console.Out, TimeProvider.System).RunAsync(stop.Token) ? 0 : 1;
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

// the processes that were started end with this one
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
