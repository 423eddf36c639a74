using System.Globalization;
using EdgeGateway.Replay;

namespace EdgeGateway.Updates.Proving;

/// <summary>Asks a model of the golden windows of its own package: here it must say what it said where the package was made.</summary>
internal static class GoldenProof
{
    /// <summary>Judges the last window of each series.</summary>
    /// <param name="goldenJson">The opened blob; it is signed, but nobody else has looked into it.</param>
    public static ProofResult Run(JudgedModel candidate, ReadOnlyMemory<byte> goldenJson, CancellationToken token)
    {
        if (!GoldenWindow.TryRead(goldenJson, out var windows, out var problem))
        {
            return ProofResult.Refused("golden-form", $"Its golden windows break a rule: {problem}; have the package made anew with modelkit.");
        }

        return windows.Select(window => Judge(candidate, window, token)).FirstOrDefault(result => !result.IsPassed) ?? ProofResult.Passed;
    }

    private static ProofResult Judge(JudgedModel candidate, GoldenWindow window, CancellationToken token)
    {
        if (candidate.Sensor.Labels.All(l => l.Kind != window.Label))
        {
            return ProofResult.Refused("golden-form", $"Its golden window {Shown(window.Name)} has the label {Shown(window.Label)}, which the model does not know; have the package made anew with modelkit.");
        }

        var series = window.Times.Zip(window.Values, (time, value) => new RecordedRow(DateTimeOffset.FromUnixTimeMilliseconds(time), [value]));
        if (SeriesVerdict.Of(candidate, series, token) is not [.., var last] || last.End != window.Times.Length)
        {
            return ProofResult.Refused("golden-form", string.Create(CultureInfo.InvariantCulture,
                $"Its golden window {Shown(window.Name)} of {window.Times.Length} samples does not end with a window that the model judges (from {candidate.Sensor.MinimumSamples} samples on, every tenth); have the package made anew with modelkit."));
        }

        return last.Label == window.Label && last.Margin > 0 ? ProofResult.Passed : ProofResult.Refused("golden", string.Create(CultureInfo.InvariantCulture,
            $"Of its golden window {Shown(window.Name)} it says {last.Label} (margin {last.Margin:0.00}) here, where it was made {window.Label} ({window.Margin:0.00}): it is computed otherwise on this device, or the windows are of another model."));
    }

    /// <summary>Foreign text as a sentence can show it: at most 64 characters, printable ASCII.</summary>
    private static string Shown(string text) => string.Concat(text.Take(64).Select(c => c is >= ' ' and <= '~' ? c : '?'));
}
