using System.Collections.Immutable;
using EdgeGateway.Packages.Manifests;

namespace EdgeGateway.Packages.Verification;

/// <summary>What a device is, as far as packages are bound to it.</summary>
/// <param name="Groups">The groups that it belongs to, granted to it or not.</param>
/// <param name="Keys">Public keys of the group identities that it holds.</param>
/// <param name="Base">The model that runs; null: none, so no adapter fits.</param>
public sealed record DeviceIdentity(ImmutableArray<string> Groups, ImmutableArray<GroupRecipient> Keys, BaseModel? Base);
