namespace EdgeGateway.Windows.Fields;

/// <summary>
/// The newest window in the sensor's own unit, for the numbers in an alert. Values are first finite value + difference to
/// it, as everything here is kept that way, so they may differ from what was received in the last binary place.
/// </summary>
/// <param name="Samples">Length of the window, 0 to 60; missing samples count with the value that they repeat.</param>
/// <param name="Mean">Mean of the window; as all the others, NaN while there is no sample.</param>
/// <param name="Min">Smallest value.</param>
/// <param name="Max">Largest value.</param>
/// <param name="Last">Newest value.</param>
/// <param name="BaselineMedian">Median of up to 1,440 samples at the hop end 60 samples before the last one, so the window is not in it; NaN = absent.</param>
/// <param name="BaselineSpread">Spread (sc, in standard deviations of a normal distribution) that belongs to the median.</param>
public readonly record struct WindowEvidence(
    int Samples, double Mean, double Min, double Max, double Last, double BaselineMedian, double BaselineSpread);
