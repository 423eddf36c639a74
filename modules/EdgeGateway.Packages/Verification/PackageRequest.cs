using System.Globalization;
using EdgeGateway.Packages.Manifests;

namespace EdgeGateway.Packages.Verification;

/// <summary>What was asked for; null takes any.</summary>
/// <param name="Slot">Kind and name.</param>
/// <param name="Release">From 1.</param>
/// <param name="Sha256">Of the envelope.</param>
/// <param name="ByOperator">Whether an operator asked for this very release: then it may be lower than the highest accepted one.</param>
public sealed record PackageRequest(PackageSlot? Slot, int? Release, string? Sha256, bool ByOperator)
{
    /// <summary><c>adapter pumps release 3</c>.</summary>
    public override string ToString() => $"{Slot?.ToString() ?? "any slot,"} release {Release?.ToString(CultureInfo.InvariantCulture) ?? "any"}";
}
