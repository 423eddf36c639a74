using EdgeGateway.Prompts;

namespace EdgeGateway.Verdicts;

/// <summary>Who is asked about the windows of a source: the model alone, or with an adapter. One instance for as long as it is in place.</summary>
/// <param name="Model">Name of the model, and its release where it came as a package: <c>phi-sensor 4</c>.</param>
/// <param name="Adapter">Name of the adapter in the settings; null for the model alone.</param>
/// <param name="AdapterVersion">The same with its release; null for the model alone.</param>
/// <param name="Sensor">What it reads and answers, with its threshold and calibration.</param>
internal sealed record JudgeVersions(string Model, string? Adapter, string? AdapterVersion, SensorModel Sensor);
