using System.Collections.Immutable;
using EdgeGateway.Stages;
using EdgeGateway.Windows;

namespace EdgeGateway.Verdicts;

/// <summary>The judgement of one window.</summary>
/// <param name="JudgedBy">Who judged.</param>
/// <param name="Score">
/// Log-odds that the window is not normal with the gate's share (model), or the gate score less its threshold (statistics); above <see cref="Threshold"/> it counts as anomalous.
/// NaN when nobody judged.
/// </param>
/// <param name="Threshold">What the score is compared with.</param>
/// <param name="Kinds">Probability of each kind of the model besides normal, in the order of its labels; empty when the model did not judge.</param>
/// <param name="NotJudged">Why nobody judged; null when somebody did.</param>
internal sealed record Verdict(WindowSummary Window, Judge JudgedBy, double Score, double Threshold, ImmutableArray<float> Kinds, NotJudgedReason? NotJudged) : StageEvent
{
    /// <summary>Whether the window is above the threshold.</summary>
    public bool Anomalous => Score > Threshold;

    /// <summary>Who was asked, or would have been; null when statistics decided.</summary>
    public JudgeVersions? By { get; init; }
}

/// <summary>Who decides on a window or alert.</summary>
public enum Judge { Model, Statistics, Limit, Timer }

/// <summary>Why a closed window was not judged. Each is a label of the counter <c>windows.not_judged</c>.</summary>
public enum NotJudgedReason
{
    /// <summary>Over the judging budget, and other windows looked worse.</summary>
    Budget,

    /// <summary>The sensor has not shown enough samples yet.</summary>
    Warming,

    /// <summary>The asset is out of service.</summary>
    Maintenance,

    /// <summary>No model is loaded and statistics do not decide.</summary>
    NoModel,
}
