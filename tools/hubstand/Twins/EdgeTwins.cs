using System.Text.Json.Nodes;
using Hubstand.Hub;
using Hubstand.Identities;

namespace Hubstand.Twins;

/// <summary>edgeHub's copies of twins: what modules see while there is no way to the cloud, and how both sides meet again.</summary>
internal sealed class EdgeTwins(TwinStore cloud, Switches switches, TimeProvider clock)
{
    /// <summary>edgeHub reads a twin again after an outage only if its last copy is older.</summary>
    private static readonly TimeSpan FreshCopy = TimeSpan.FromSeconds(120);

    private readonly Dictionary<IdentityName, Copy> copies = [];
    private readonly Lock changing = new();

    /// <summary>What a GET answers: the cloud's twin, the last copy, or nothing known.</summary>
    public JsonObject Read(IdentityName name)
    {
        lock (changing)
        {
            if (switches.EmptyTwin)
            {
                return Empty();
            }

            if (!switches.Offline)
            {
                return Sync_NeedsLock(name).Twin.ToJson();
            }

            return copies.TryGetValue(name, out var copy) ? copy.Twin.ToJson() : Empty();
        }
    }

    /// <summary>Merges reported properties: at the cloud, or into the copy to be pushed later.</summary>
    /// <returns>The new version; null when refused.</returns>
    public long? PatchReported(IdentityName name, JsonObject patch)
    {
        lock (changing)
        {
            if (!switches.Offline)
            {
                var changed = cloud.PatchReported(name, patch);
                Sync_NeedsLock(name);
                return changed?.ReportedVersion;
            }

            // only the patch was checked: the sum may fail later, and nobody will be told
            var copy = copies.GetValueOrDefault(name) ?? new Copy(Twin.New, [], clock.GetUtcNow());
            var reported = (JsonObject)copy.Twin.Reported.DeepClone();
            TwinMerge.Apply(reported, patch);
            var pending = copy.Pending.Select(p => p.DeepClone().AsObject()).Append((JsonObject)patch.DeepClone()).ToList();
            copies[name] = copy with { Twin = copy.Twin with { Reported = reported }, Pending = pending };
            return copy.Twin.ReportedVersion;
        }
    }

    /// <summary>Takes over a desired change that was passed on to the module.</summary>
    public void Passed(IdentityName name)
    {
        lock (changing)
        {
            Sync_NeedsLock(name);
        }
    }

    /// <summary>The way to the cloud is open again: pushes what was reported.</summary>
    /// <returns>Catch-up patches by identity, for copies that are old enough: differences, which carry <c>$metadata</c> as edgeHub's do.</returns>
    public IReadOnlyDictionary<IdentityName, JsonObject> BackOnline()
    {
        lock (changing)
        {
            var patches = new Dictionary<IdentityName, JsonObject>();
            foreach (var (name, copy) in copies.ToList())
            {
                copy.Pending.ForEach(patch => cloud.PatchReported(name, patch));
                if (clock.GetUtcNow() - copy.SyncedAt <= FreshCopy)
                {
                    copies[name] = copy with { Pending = [] };
                    continue;
                }

                var twin = Sync_NeedsLock(name).Twin;
                if (TwinMerge.Difference(copy.Twin.Desired, twin.Desired) is { Count: > 0 } difference)
                {
                    difference["$metadata"] = new JsonObject { ["$lastUpdated"] = clock.GetUtcNow().ToString("O") };
                    patches[name] = Twin.With(difference, twin.DesiredVersion);
                }
            }

            return patches;
        }
    }

    /// <summary>Forgets the copy of an identity that was made again.</summary>
    public void Forget(IdentityName name)
    {
        lock (changing)
        {
            copies.Remove(name);
        }
    }

    private Copy Sync_NeedsLock(IdentityName name) => copies[name] = new Copy(cloud.Read(name), [], clock.GetUtcNow());

    private static JsonObject Empty() => new() { ["desired"] = new JsonObject(), ["reported"] = new JsonObject() };

    private sealed record Copy(Twin Twin, List<JsonObject> Pending, DateTimeOffset SyncedAt);
}
