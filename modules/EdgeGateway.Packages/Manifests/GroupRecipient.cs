namespace EdgeGateway.Packages.Manifests;

/// <summary>The public key of a group of devices in one epoch of the group.</summary>
/// <param name="Group">1 to 64 of a-z 0-9 -.</param>
/// <param name="Epoch">From 1.</param>
/// <param name="Recipient">An X25519 recipient of age, <c>age1...</c>, 62 characters.</param>
public sealed record GroupRecipient(string Group, int Epoch, string Recipient);
