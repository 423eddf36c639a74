using EdgeGateway.Packages.Manifests;

namespace EdgeGateway.Settings;

/// <summary>
/// How far a model or adapter may differ from the one that runs, and from what stays under all releases, before it is refused. The gateway's own; a manifest may ask for less, never for more. All in percent but the last
/// two. What chance gives comes on top of each (<see cref="RateTest"/>).
/// </summary>
/// <param name="LeastRecall">
/// Of the canonical windows of a kind that the running model finds, so many must be found, 1 to 100. An adapter for one kind of machine may see less of faults that never occur there,
/// but must not be blind for one.
/// </param>
/// <param name="MostFalseAlarms">Of the canonical normal windows that the running model takes for faults, so many may be, 100 to 1000.</param>
/// <param name="MostDisagreement">Of the live windows, in so many the two may differ, 1 to 100.</param>
/// <param name="MostAlerts">Of the beginnings of anomalies that the running model sees live, so many may be seen, 100 to 1000.</param>
/// <param name="MostSilence">Of the live anomalies of a kind that the running model is sure of, so many may be missed whole, 1 to 100.</param>
/// <param name="ShadowWindows">
/// Live windows after which shadow judging ends, 200 to 1,000,000. In about one of a hundred normal ones an anomaly begins: 12,000 tell three times as many from twice as many in 95 of a
/// hundred cases, 4,000 four times as many.
/// </param>
/// <param name="ShadowHours">Hours after which it ends with fewer, if there are <see cref="FewestShadowWindows"/>, 1 to 720.</param>
public sealed record ProofLimits(
    int LeastRecall = 25, int MostFalseAlarms = 200, int MostDisagreement = 20, int MostAlerts = 200, int MostSilence = 50, int ShadowWindows = 12_000, int ShadowHours = 24)
{
    /// <summary>With fewer live windows nothing is decided, however long it takes.</summary>
    public int FewestShadowWindows => ShadowWindows / 3;

    /// <summary>The stricter one of each.</summary>
    /// <param name="limits">Those of a manifest; null: it has none.</param>
    public ProofLimits TightenedBy(PackageLimits? limits) => this with
    {
        LeastRecall = Math.Max(LeastRecall, limits?.LeastRecall ?? LeastRecall),
        MostFalseAlarms = Math.Min(MostFalseAlarms, limits?.MostFalseAlarms ?? MostFalseAlarms),
        MostDisagreement = Math.Min(MostDisagreement, limits?.MostDisagreement ?? MostDisagreement),
        MostAlerts = Math.Min(MostAlerts, limits?.MostAlerts ?? MostAlerts),
        MostSilence = Math.Min(MostSilence, limits?.MostSilence ?? MostSilence),
    };
}
