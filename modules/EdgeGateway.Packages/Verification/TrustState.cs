using System.Collections.Immutable;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Roots;

namespace EdgeGateway.Packages.Verification;

/// <summary>What a device has learnt of whom and what to trust; it keeps it between packages.</summary>
/// <param name="Root">The last one that was taken.</param>
/// <param name="Floors">By slot; a slot that is not there has none.</param>
/// <param name="NewestSigned">The newest <c>issued</c> that was accepted: it is later than this. Stands in for the time of a device that does not know it.</param>
public sealed record TrustState(Root Root, ImmutableDictionary<PackageSlot, Floor> Floors, DateTimeOffset NewestSigned)
{
    /// <summary>The state of a device that knows nothing but a root.</summary>
    public static TrustState Of(Root root) => new(root, ImmutableDictionary<PackageSlot, Floor>.Empty, root.Issued);

    /// <summary>The floor of a slot; release 0 and epoch 0 when there is none.</summary>
    public Floor FloorOf(PackageSlot slot) => Floors.GetValueOrDefault(slot, new Floor(0, 0));
}
