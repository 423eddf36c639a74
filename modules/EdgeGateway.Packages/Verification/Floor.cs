namespace EdgeGateway.Packages.Verification;

/// <summary>The highest that a device has accepted in a slot.</summary>
/// <param name="Release">A lower one takes an operator's act.</param>
/// <param name="Epoch">A lower one is never taken.</param>
public sealed record Floor(int Release, int Epoch);
