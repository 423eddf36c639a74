using System.Globalization;
using EdgeGateway.Soak.Harness;

namespace EdgeGateway.Soak;

/// <summary>What one rate for a while did. CPU in cores: seconds a second, measured after the module has settled.</summary>
/// <param name="Lag">How long after the generator's end the last reading had gone through all stages.</param>
/// <param name="Others">Share of the machine that other processes used.</param>
internal sealed record Trial(
    ReadingMode Mode, int Rate, long Sent, double SentPerSecond, TimeSpan Lag, double Generator, double Broker, double Module, double Others, IReadOnlyDictionary<string, long> Counted)
{
    private const double MostLost = 0.001;
    private static readonly TimeSpan MostLag = TimeSpan.FromSeconds(1);

    /// <summary>Nobody waits longer for a gateway that is too slow.</summary>
    private static readonly TimeSpan Hopeless = TimeSpan.FromMinutes(1);

    /// <summary>Title of the lines of <see cref="ToString"/>.</summary>
    public const string Header = "                            rate   sent/s   lost     judged/closed   behind   generator  broker  module (cores)  CPU-s/million   others";

    /// <summary>Whether the module took all of it as it came and judged every window.</summary>
    public bool Holds => SentPerSecond > 0.98 * Rate && Lost < MostLost && Lag < MostLag && Judged == Closed;

    /// <summary>Whether it was so far behind that a rate near this one need not be tried.</summary>
    public bool FarBehind => Lag >= Hopeless;

    public double ModuleSecondsPerMillion => Module / SentPerSecond * 1e6;

    /// <summary>Whether others used so much of the machine that it should be measured again.</summary>
    public bool Disturbed => Others > 0.1;

    private long Closed => Counted["windows.closed"];

    private long Judged => Counted.GetValueOrDefault("windows.judged");

    /// <summary>Published and not taken, in parts of what was published; the reading that marks the end is one more.</summary>
    private double Lost => (Sent + 1 - Counted["taken"]) / (double)Sent;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Mode} {Rate,8} {SentPerSecond,8:0} {Lost,7:0.00 %} {Judged,9}/{Closed,-8} {Lag.TotalSeconds,5:0.00} s {Generator,10:0.00} {Broker,8:0.00} {Module,7:0.00} {ModuleSecondsPerMillion,16:0.0} {Others,10:0 %}");

    /// <summary>Starts broker and gateway anew, publishes at a rate, and stops them.</summary>
    /// <param name="settle">Time before measuring begins: just-in-time compilation.</param>
    public static async Task<Trial> RunAsync(ReadingMode mode, int topics, int rate, TimeSpan settle, TimeSpan measure, string? warmData, TimeProvider clock, CancellationToken token)
    {
        using var broker = await Harness.Broker.StartAsync(token);
        using var gateway = await Gateway.StartAsync(broker, "soak", mode, warmData, token);
        using var generator = new Generator(broker, topics, rate, settle + measure + TimeSpan.FromSeconds(0.5), mode);
        await generator.StartedAsync(token);
        await Task.Delay(settle, clock, token);
        Measured[] processes = [generator.Process, broker.Process, gateway.Process];
        var (began, busy, before) = (clock.GetTimestamp(), Machine.BusySeconds, processes.Select(p => p.CpuSeconds).ToArray());
        await Task.Delay(measure, clock, token);
        var cores = processes.Select((p, i) => (p.CpuSeconds - before[i]) / clock.GetElapsedTime(began).TotalSeconds).ToArray();
        var all = (Machine.BusySeconds - busy) / clock.GetElapsedTime(began).TotalSeconds;
        var (sent, perSecond) = await generator.EndAsync(token);
        var ended = clock.GetTimestamp();
        try
        {
            await gateway.WorkThroughAsync(2, clock.GetUtcNow(), token, Hopeless);
        }
        catch (SoakException) when (clock.GetElapsedTime(ended) >= Hopeless)
        {
            // behind by more than a minute: that is the outcome
        }

        var lag = clock.GetElapsedTime(ended);
        var counted = await gateway.StopAsync(token);
        return new Trial(mode, rate, sent, perSecond, lag, cores[0], cores[1], cores[2], Math.Max(0, all - cores.Sum()) / Environment.ProcessorCount, counted);
    }
}
