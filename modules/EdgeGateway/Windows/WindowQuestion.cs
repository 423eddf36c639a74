using System.Collections.Immutable;
using EdgeGateway.Ingest;
using EdgeGateway.Stages;
using EdgeGateway.Storage;

namespace EdgeGateway.Windows;

/// <summary>Somebody wants to see the newest samples of a sensor, as they are when the question passes the Windows stage.</summary>
/// <param name="Answer">Completes with null when there is no such sensor.</param>
internal sealed record WindowQuestion(string SensorId, TaskCompletionSource<CapturedWindow?> Answer) : StageEvent;

/// <summary>The newest samples of one sensor, at most a whole window of 60.</summary>
internal sealed record CapturedWindow(Sensor Sensor, ImmutableArray<SensorSample> Samples);
