using System.Text.Json.Nodes;

namespace EdgeGateway.Twin;

/// <summary>What became of a change of the desired properties.</summary>
public enum PatchResult
{
    /// <summary>It is merged.</summary>
    Merged,

    /// <summary>It is not newer than what is known.</summary>
    Old,

    /// <summary>Something before it is missing, or it cannot be read: the whole must be asked for.</summary>
    Gap,
}

/// <summary>
/// The desired properties as they were put together from whole twins and patches that are partial, repeated, out of order or missing. A whole twin is believed, also when its
/// version is lower (the module was deleted and made anew). An empty one without a version is what edgeHub says while it knows nothing, and changes nothing.
/// </summary>
internal sealed class DesiredTwin
{
    private JsonObject properties = [];

    /// <summary>Version of <see cref="Properties"/>; null before anything is known.</summary>
    public long? Version { get; private set; }

    /// <summary>The merged properties without the hub's own names; a copy.</summary>
    public JsonObject Properties => (JsonObject)properties.DeepClone();

    /// <summary>Goes on from what an earlier run knew.</summary>
    public void Restore(long version, JsonObject desired) => (Version, properties) = (version, TwinJson.Own(desired));

    /// <summary>Takes the desired part of a whole twin; false when it says that nothing is known.</summary>
    public bool TakeWhole(JsonObject desired)
    {
        if (TwinJson.VersionOf(desired) is not { } version)
        {
            return false;
        }

        // merged into nothing, so that a null deletes here too
        (Version, properties) = (version, []);
        TwinJson.Merge(properties, TwinJson.Own(desired));
        return true;
    }

    /// <summary>Takes a change as it came; null is one that could not be read.</summary>
    public PatchResult TakePatch(JsonObject? patch)
    {
        if (patch is null || Version is not { } known || TwinJson.VersionOf(patch) is not { } version || version > known + 1)
        {
            return PatchResult.Gap;
        }

        if (version <= known)
        {
            return PatchResult.Old;
        }

        Version = version;
        TwinJson.Merge(properties, TwinJson.Own(patch));
        return PatchResult.Merged;
    }
}
