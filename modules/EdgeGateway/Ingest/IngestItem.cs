using EdgeGateway.Stages;

namespace EdgeGateway.Ingest;

/// <summary>What leaves the Ingest stage: a reading, or a notice in its place in the stream.</summary>
/// <param name="Notice">Null when it is a reading.</param>
internal readonly record struct IngestItem(SensorReading Reading, StageEvent? Notice);
