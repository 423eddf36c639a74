namespace EdgeGateway.Packages.Groups;

/// <summary>Key that a hub says a device reported. Whoever holds the hub can say so of any key.</summary>
/// <param name="Key"><c>age1...</c>, or whatever was reported.</param>
public sealed record ReportedKey(string Device, string Key);
