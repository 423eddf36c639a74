namespace EdgeGateway.Windows.Fields;

/// <summary>One sample as the statistics see it, in raw units less the first finite value; a missing one repeats the last.</summary>
/// <param name="Value">x, within 2e15.</param>
/// <param name="Difference">x less the previous x, 0 for the first.</param>
/// <param name="Number">How many samples there are with this one, from 1 at the first finite value.</param>
/// <param name="IsMissing">The sample was NaN, infinite or beyond 1e15.</param>
internal readonly record struct Sample(double Value, double Difference, long Number, bool IsMissing);
