using EdgeGateway.Soak.Harness;

namespace EdgeGateway.Soak;

/// <summary>How much one gateway carries: many sensors for a while, then as many messages as it can take.</summary>
internal sealed class Scale(TextWriter output, TimeProvider clock)
{
    /// <summary>Runs both parts; true when all targets are met.</summary>
    public async Task<bool> RunAsync(CancellationToken token)
    {
        await output.WriteLineAsync($"{Environment.ProcessorCount} cores, shared by generator, broker and module. \"Others\": what other processes used of the machine meanwhile; above 10 % the figure is disturbed.");
        var steady = await new SteadyLoad(output, clock).RunAsync(token);
        var fast = await new Throughput(output, clock).RunAsync(token);
        await output.WriteLineAsync(steady && fast ? "scale: all targets met" : "scale: NOT all targets met");
        return steady && fast;
    }
}
