using System.Diagnostics;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;

namespace EdgeGateway.ModelKit.Bench;

/// <summary>Readings that go through the gateway's stages at a steady rate while a model is measured: payload -> reading -> window -> fields -> prompt. The model is not asked.</summary>
internal sealed class IngestLoad : IDisposable
{
    /// <summary>Sensors of one payload.</summary>
    private const int Sensors = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly double readingsPerSecond;
    private readonly SeriesReplay replay;
    private readonly double[] values = new double[Sensors];
    private readonly Random random = new(1);
    private readonly Thread thread;
    private readonly long began = Stopwatch.GetTimestamp();
    private DateTimeOffset time = DateTimeOffset.UnixEpoch.AddYears(50);
    private readonly ManualResetEventSlim stop = new();

    /// <param name="readingsPerSecond">Of all sensors together.</param>
    public IngestLoad(int readingsPerSecond, SensorModel sensor)
    {
        this.readingsPerSecond = readingsPerSecond;
        string[] columns = [.. Enumerable.Range(0, Sensors).Select(i => $"v{i}")];
        var (settings, accounting) = (ReplaySettings.For("load.csv", columns), new Accounting());
        replay = new SeriesReplay("load.csv", columns, settings, accounting, ReplayRun.NewChain(settings, sensor, new WindowJudge(model: null, sensor, accounting), accounting));
        thread = new Thread(Run);
        thread.Start();
    }

    /// <summary>Readings a second that were taken so far.</summary>
    public double Reached => Taken / Stopwatch.GetElapsedTime(began).TotalSeconds;

    private double Taken => (double)replay.Rows * Sensors;

    public void Dispose()
    {
        stop.Set();
        thread.Join();
        stop.Dispose();
    }

    private void Run()
    {
        do
        {
            while (!stop.IsSet && Taken < readingsPerSecond * Stopwatch.GetElapsedTime(began).TotalSeconds)
            {
                for (var i = 0; i < Sensors; i++)
                {
                    values[i] = Math.Round(20 + random.NextDouble(), 3);
                }

                time = time.AddSeconds(1);
                replay.Add(new RecordedRow(time, values), static (_, _) => { });
            }
        }
        while (!stop.Wait(Pause));
    }
}
