using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeGateway.Soak.Harness;

/// <summary>SensorSimulator's load as a process of its own: one reading of 66-68 bytes a message, topics in turn.</summary>
internal sealed partial class Generator : IDisposable
{
    /// <param name="rate">Messages a second; 0 = as fast as the broker takes them.</param>
    public Generator(Broker broker, int topics, int rate, TimeSpan duration, ReadingMode mode) => Process = Measured.StartOwn(
        "SensorSimulator", "load", "--host", "127.0.0.1", "--port", $"{broker.Port}", "--topics", $"{topics}", "--rate", $"{rate}",
        "--for", string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds}s"), "--qos", $"{mode.Qos}", "--protocol", mode.Protocol);

    /// <summary>Its process.</summary>
    public Measured Process { get; }

    /// <summary>Returns when the first message is about to go out.</summary>
    public Task StartedAsync(CancellationToken token) =>
        Eventually.HoldsAsync(() => Process.Output.Contains("Publishing", StringComparison.Ordinal), () => $"the generator publishes, but it said:\n{Process.Output}", token);

    /// <summary>Returns at its end: messages, and messages a second.</summary>
    public async Task<(long Messages, double PerSecond)> EndAsync(CancellationToken token)
    {
        await Process.EndAsync(token);
        var said = Summary().Match(Process.Output);
        return (long.Parse(said.Groups[1].ValueSpan, CultureInfo.InvariantCulture), double.Parse(said.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public void Dispose() => Process.Dispose();

    [GeneratedRegex(@"(\d+) messages in [\d.]+ s, (\d+) messages/s")]
    private static partial Regex Summary();
}
