using EdgeGateway.PhiTrain.Data;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.PhiTrain.Ablation;

/// <summary>Which digits a simple learner sees of a window.</summary>
/// <param name="Fields">The first so many of the fields, whose order is that of importance (detection recipe, section 2).</param>
/// <param name="Before">Also those of the sensor's window one hop before.</param>
internal sealed record DigitChoice(int Fields, bool Before)
{
    private static readonly byte[] None = [.. Enumerable.Repeat((byte)FieldLevels.Absent, SensorFields.Count)];

    /// <summary>How many digits that are.</summary>
    public int Count => Before ? 2 * Fields : Fields;

    /// <summary>The digits of one of these windows.</summary>
    public byte[] Of(TrainingWindows windows, int window) =>
        Of(windows.DigitsOf(window), window > 0 && windows.Series[window - 1] == windows.Series[window] ? windows.DigitsOf(window - 1) : []);

    /// <summary>The digits of a window.</summary>
    /// <param name="now">Its 32 digits.</param>
    /// <param name="before">Those of the window before; empty when there is none.</param>
    public byte[] Of(ReadOnlySpan<byte> now, ReadOnlySpan<byte> before) =>
        Before ? [.. now[..Fields], .. (before.IsEmpty ? None : before)[..Fields]] : now[..Fields].ToArray();
}
