using System.Globalization;

namespace SensorSimulator.Commands;

/// <summary>Says every ten seconds how far something is, and how long it still takes where its end is known.</summary>
internal sealed class Progress(TextWriter error, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly long began = clock.GetTimestamp();
    private TimeSpan shown;

    /// <summary>So many of <paramref name="unit"/> are done, at least one.</summary>
    public void Report(int done, string unit, int? total = null)
    {
        var elapsed = clock.GetElapsedTime(began);
        if (elapsed - shown >= Interval)
        {
            shown = elapsed;
            var left = total is { } all ? string.Create(CultureInfo.InvariantCulture, $" of {all}, {elapsed / done * (all - done):h\\:mm\\:ss} left") : "";
            error.WriteLine($"{done}{left}: {unit}");
        }
    }
}
