namespace EdgeGateway.Priming;

/// <summary>A sensor whose baseline a history has filled.</summary>
/// <param name="Samples">What it has now; on a sampling grid, those of the grid.</param>
/// <param name="Until">Event time of the newest.</param>
/// <param name="Missing">How many more it needs before a model judges it; 0 = it is warm.</param>
internal sealed record PrimedSensor(string Id, long Samples, DateTimeOffset Until, long Missing);
