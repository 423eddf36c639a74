namespace EdgeGateway.Storage;

/// <summary>A database that could not be used at start, was moved aside and replaced by an empty one. To be reported, since what it held is missing.</summary>
/// <param name="Path">The file that the module uses, now empty.</param>
/// <param name="MovedTo">Where the damaged file lies for a person to look at.</param>
/// <param name="Reason">One clause: what was found.</param>
public sealed record StoreDamage(string Path, string MovedTo, string Reason);
