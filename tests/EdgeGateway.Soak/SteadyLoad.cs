using System.Globalization;
using EdgeGateway.Soak.Harness;
using EdgeGateway.Stages;

namespace EdgeGateway.Soak;

/// <summary>2,000 sensors at one reading a second for ten minutes, into two gateways side by side: one acknowledges what it received, the other what its journal holds.</summary>
internal sealed class SteadyLoad(TextWriter output, TimeProvider clock)
{
    private const int Sensors = 2000;
    private const long BudgetBytesPerDay = 2_000_000_000;
    private const long MostMemory = 512L << 20; // the limit of the container
    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Runs and prints; true when no reading is lost, every window of a warm sensor is judged, and memory and bytes written are within their bounds.</summary>
    public async Task<bool> RunAsync(CancellationToken token)
    {
        await output.WriteLineAsync($"\n{Sensors} sensors, one reading a second each, QoS 1, MQTT 5, {Duration.TotalMinutes} minutes (300 samples are the warm-up)");
        using var broker = await Broker.StartAsync(token);
        using var received = await Gateway.StartAsync(broker, "received", new ReadingMode(1, "received", "5"), null, token);
        using var durable = await Gateway.StartAsync(broker, "durable", new ReadingMode(1, "durable", "5"), null, token);
        var (began, busy) = (clock.GetTimestamp(), Machine.BusySeconds);
        using var generator = new Generator(broker, Sensors, Sensors, Duration, new ReadingMode(1, "received", "5"));
        var (messages, _) = await generator.EndAsync(token);
        await Task.WhenAll(received.WorkThroughAsync(2, clock.GetUtcNow(), token), durable.WorkThroughAsync(2, clock.GetUtcNow(), token));
        var elapsed = clock.GetElapsedTime(began);
        var others = Machine.BusySeconds - busy - broker.Process.CpuSeconds - received.Process.CpuSeconds - durable.Process.CpuSeconds;
        await output.WriteLineAsync(Text($"broker {Share(broker.Process.CpuSeconds, elapsed)} of a core; generator and others {Share(others / Environment.ProcessorCount, elapsed)} of the machine"));
        await output.WriteLineAsync("ack        peak RSS   CPU, % of a core   lost   judged of warm   not warm   alerts   written a day: running + snapshots");
        return await ReportAsync("received", received, messages, elapsed, token) & await ReportAsync("durable", durable, messages, elapsed, token);
    }

    private async Task<bool> ReportAsync(string ack, Gateway gateway, long messages, TimeSpan elapsed, CancellationToken token)
    {
        var (memory, cpu, running) = (gateway.Process.PeakResidentBytes, gateway.Process.CpuSeconds, gateway.Process.WrittenBytes * (Day / elapsed));
        var journal = new FileInfo(Path.Combine(gateway.Data, "journal.db"));
        var untilLarge = journal.Exists ? elapsed * (CheckpointSchedule.LargeJournal / (double)journal.Length) : Day;
        var counted = await gateway.StopAsync(token);
        var snapshot = new FileInfo(Path.Combine(gateway.Data, "sensors.snapshot")).Length;
        var hourly = CheckpointSchedule.IntervalAfter(snapshot, BudgetBytesPerDay);
        var snapshots = snapshot * (Day / (untilLarge < hourly ? untilLarge : hourly));
        var (closed, judged, warming) = (counted["windows.closed"], counted["windows.judged"], counted["windows.not_judged.warming"]);
        var lost = messages + 1 - counted["taken"];
        await output.WriteLineAsync(Text(
            $"{ack,-8} {memory / 1e6,7:0} MB {cpu / elapsed.TotalSeconds,14:0.0 %} {lost,11} {judged / (double)(closed - warming),13:0.0 %} {warming / (double)closed,13:0.0 %} {counted.GetValueOrDefault("alerts.delivered.mqtt") - 1,6} {(running + snapshots) / 1e9,9:0.00} GB: {running / 1e9:0.00} + {snapshots / 1e9:0.00}"));

        // the journal of durable comes on top of the budget, which is for snapshots
        return lost == 0 && judged == closed - warming && memory < MostMemory && (ack == "durable" || running + snapshots <= BudgetBytesPerDay);
    }

    private static string Share(double seconds, TimeSpan elapsed) => Text($"{seconds / elapsed.TotalSeconds:0.0 %}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
