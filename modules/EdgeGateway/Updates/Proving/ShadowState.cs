using System.Collections.Immutable;

namespace EdgeGateway.Updates.Proving;

/// <summary>What shadow judging has counted; kept on disk, it goes on after a restart.</summary>
/// <param name="Started">When it began, by the gateway's clock.</param>
/// <param name="Windows">Live windows that both judged.</param>
/// <param name="Disagreements">Windows that one of the two took for anomalous.</param>
/// <param name="ActiveAlerts">Beginnings of anomalies that the other model saw.</param>
/// <param name="CandidateAlerts">The same of the candidate.</param>
/// <param name="Sure">By kind, as the other model named it: ended anomalies that it gave a probability of 90 % or more.</param>
internal sealed record ShadowState(DateTimeOffset Started, int Windows, int Disagreements, int ActiveAlerts, int CandidateAlerts, ImmutableSortedDictionary<string, SureAnomalies> Sure)
{
    /// <summary>Nothing counted yet.</summary>
    public static ShadowState New(DateTimeOffset now) => new(now, 0, 0, 0, 0, ImmutableSortedDictionary.Create<string, SureAnomalies>(StringComparer.Ordinal));
}

/// <summary>What a candidate is compared with live.</summary>
/// <param name="Running">What judges now.</param>
/// <param name="Alone">Where that is an adapter, its model without it; null elsewhere.</param>
internal sealed record ShadowStates(ShadowState? Running, ShadowState? Alone);

/// <summary>Anomalies that the other model was sure of.</summary>
/// <param name="Missed">Those of them in which the candidate took no window for anomalous.</param>
internal readonly record struct SureAnomalies(int All, int Missed);
