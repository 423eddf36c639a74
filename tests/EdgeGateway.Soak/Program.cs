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
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
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
