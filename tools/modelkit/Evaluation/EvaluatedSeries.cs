using EdgeGateway.Replay;

namespace EdgeGateway.ModelKit.Evaluation;

/// <summary>What the judges found in one series.</summary>
/// <param name="Labels">Its labels; without any, those of a series without events whose step was learned.</param>
/// <param name="Windows">Windows closed, of all sensors.</param>
/// <param name="PayloadBytes">What a gateway would have received.</param>
/// <param name="Judged">By judge, in the order of <see cref="SeriesEvaluation.Judges"/>.</param>
/// <param name="Kinds">The labelled kind of each detected event and what its first alert called it; empty where labels name no kinds.</param>
/// <param name="Verdicts">Verdicts that the model computed, and the time they took.</param>
internal sealed record EvaluatedSeries(
    ReplayFile File,
    SeriesLabels Labels,
    int Rows,
    long Windows,
    long PayloadBytes,
    IReadOnlyList<JudgedSeries> Judged,
    Reliability Reliability,
    IReadOnlyList<(string Labelled, string Named)> Kinds,
    long Verdicts,
    TimeSpan Took);

/// <summary>What one judge found in one series.</summary>
/// <param name="JudgedWindows">Windows that the model judged; null where it was not asked.</param>
/// <param name="AlertBytes">All transitions of its alerts as they are sent; null for a statistic that writes none.</param>
internal sealed record JudgedSeries(SeriesScore Score, IReadOnlyList<RaisedAnomaly> Raised, long? JudgedWindows, long? AlertBytes);
