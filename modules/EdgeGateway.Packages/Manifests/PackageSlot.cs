namespace EdgeGateway.Packages.Manifests;

/// <summary>Where a package belongs; releases and floors count within it.</summary>
/// <param name="Kind">Model or adapter.</param>
/// <param name="Name">1 to 64 of a-z 0-9 -.</param>
public sealed record PackageSlot(PackageKind Kind, string Name)
{
    /// <summary><c>adapter pumps</c>.</summary>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} {Name}";
}
