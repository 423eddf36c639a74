using System.Globalization;
using EdgeGateway.Soak.Harness;

namespace EdgeGateway.Soak;

/// <summary>The highest rate at which a gateway takes all messages and judges every window, by quality of service, acknowledging and protocol.</summary>
internal sealed class Throughput(TextWriter output, TimeProvider clock)
{
    private const int Topics = 1000;
    private const int WarmSamples = 1500; // more than the longest memory of a sensor
    private const int Step = 2000;
    private const int MostTrials = 5;
    private const int Target = 10_000;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Measure = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan QuietPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstQuietPatience = TimeSpan.FromMinutes(2);

    /// <summary>Runs and prints; true when the target rate is reached at QoS 1 with ack received, over both protocols.</summary>
    public async Task<bool> RunAsync(CancellationToken token)
    {
        await output.WriteLineAsync($"\nThroughput: one reading of 66-68 bytes a message, {Topics} topics, {Measure.TotalSeconds} s a rate after {Settle.TotalSeconds} s");
        await PrintGeneratorLimitAsync(token);
        await PrintWithoutModelAsync(token);
        var warm = Directory.CreateTempSubdirectory("edgegateway-soak-");
        try
        {
            var capacity = await WarmUpAsync(warm.FullName, token);
            await output.WriteLineAsync(Trial.Header);
            var best = new List<int>();
            foreach (var mode in from protocol in new[] { "5", "3.1.1" } from way in new[] { (1, "received"), (1, "durable"), (0, "received") } select new ReadingMode(way.Item1, way.Item2, protocol))
            {
                var found = await HighestAsync(mode, capacity, warm.FullName, token);
                await output.WriteLineAsync($"{mode} highest rate that holds: {found}");
                best.AddRange(mode is { Qos: 1, Ack: "received" } ? [found] : []);
            }

            return best.TrueForAll(b => b >= Target);
        }
        finally
        {
            warm.Delete(recursive: true);
        }
    }

    private async Task PrintGeneratorLimitAsync(CancellationToken token)
    {
        foreach (var qos in new[] { 0, 1 })
        {
            using var broker = await Broker.StartAsync(token);
            using var generator = new Generator(broker, Topics, 0, TimeSpan.FromSeconds(5), new ReadingMode(qos, "received", "5"));
            var (_, perSecond) = await generator.EndAsync(token);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"generator alone, QoS {qos}: {perSecond:0} messages/s (broker {broker.Process.CpuSeconds:0.0} CPU-seconds in 5 s)"));
        }
    }

    /// <summary>Before a sensor has shown 300 samples everything is done for it but asking the model: so many samples are what it takes without the model.</summary>
    private async Task PrintWithoutModelAsync(CancellationToken token)
    {
        const int Rate = 10_000;
        await Machine.UntilQuietAsync(FirstQuietPatience, clock, token);
        var trial = await Trial.RunAsync(new ReadingMode(1, "received", "5"), Topics, Rate, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(18), null, clock, token);
        await output.WriteLineAsync($"without the model (sensors that warm up: all stages but the model itself):\n{Trial.Header}\n{trial}");
    }

    /// <summary>Floods a gateway until its sensors are warm and keeps its data folder; returns how many messages a second it took.</summary>
    private async Task<int> WarmUpAsync(string keep, CancellationToken token)
    {
        const int Rate = 30_000;
        var mode = new ReadingMode(1, "received", "5");
        using var broker = await Broker.StartAsync(token);
        using var gateway = await Gateway.StartAsync(broker, "soak", mode, null, token);
        var began = clock.GetTimestamp();
        using var generator = new Generator(broker, Topics, Rate, TimeSpan.FromSeconds(Topics * WarmSamples / (double)Rate), mode);
        var (messages, _) = await generator.EndAsync(token);
        await gateway.WorkThroughAsync(2, clock.GetUtcNow(), token);
        var perSecond = (int)(messages / clock.GetElapsedTime(began).TotalSeconds);
        await gateway.WorkThroughAsync(0, clock.GetUtcNow(), token);
        await gateway.StopAsync(token);
        foreach (var file in Directory.GetFiles(gateway.Data))
        {
            File.Copy(file, Path.Combine(keep, Path.GetFileName(file)));
        }

        await output.WriteLineAsync($"warm-up: {messages} messages at once were worked through at {perSecond}/s");
        return perSecond;
    }

    /// <summary>Goes up from a rate while it holds, down while it does not; a rate that did not hold while others disturbed it may be tried again.</summary>
    private async Task<int> HighestAsync(ReadingMode mode, int guess, string warmData, CancellationToken token)
    {
        var (rate, highest, lowestTooFast) = (Math.Max(Step, guess / Step * Step), 0, int.MaxValue);
        for (var trials = 0; trials < MostTrials && rate > 0 && rate > highest && rate < lowestTooFast; trials++)
        {
            await Machine.UntilQuietAsync(QuietPatience, clock, token);
            var trial = await Trial.RunAsync(mode, Topics, rate, Settle, Measure, warmData, clock, token);
            await output.WriteLineAsync($"{trial}  {(trial.Holds ? "holds" : "too fast")}");
            (highest, lowestTooFast) = trial.Holds ? (rate, lowestTooFast) : (highest, trial.Disturbed ? lowestTooFast : rate);
            rate = trial.Holds ? rate + Step : trial.FarBehind ? rate / 2 / Step * Step : rate - Step;
        }

        return highest;
    }
}
