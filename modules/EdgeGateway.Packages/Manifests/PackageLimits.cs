namespace EdgeGateway.Packages.Manifests;

/// <summary>How far a model or adapter may differ from the one that runs, in percent, where its makers ask for less than the device allows; null: as the device says. Meaning: docs/formats/package.md, section Proof.</summary>
/// <param name="LeastRecall">Of the canonical windows of a kind that the running model finds, 1 to 100.</param>
/// <param name="MostFalseAlarms">Of the canonical normal windows that it takes for faults, 100 to 1000.</param>
/// <param name="MostDisagreement">Of the live windows, 1 to 100.</param>
/// <param name="MostAlerts">Of the beginnings of anomalies that it sees live, 100 to 1000.</param>
/// <param name="MostSilence">Of the anomalies that it is sure of live, 1 to 100.</param>
public sealed record PackageLimits(int? LeastRecall, int? MostFalseAlarms, int? MostDisagreement, int? MostAlerts, int? MostSilence);
