using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hubstand.Identities;

namespace Hubstand.Twins;

/// <summary>The cloud's twins, one file each in the folder <c>twins</c>.</summary>
internal sealed class TwinStore
{
    private readonly string folder;
    private readonly Dictionary<IdentityName, Twin> twins = [];
    private readonly Lock changing = new();

    public TwinStore(string dataFolder) => folder = Directory.CreateDirectory(Path.Combine(dataFolder, "twins")).FullName;

    public Twin Read(IdentityName name)
    {
        lock (changing)
        {
            return Load_NeedsLock(name);
        }
    }

    /// <summary>Changes desired properties by a patch, or replaces them.</summary>
    /// <returns>What a client is told: only the change, with <c>$version</c>.</returns>
    public JsonObject ChangeDesired(IdentityName name, JsonObject properties, bool replace)
    {
        lock (changing)
        {
            var twin = Load_NeedsLock(name);
            var desired = replace ? [] : (JsonObject)twin.Desired.DeepClone();
            TwinMerge.Apply(desired, properties);
            var change = replace ? TwinMerge.Difference(twin.Desired, desired) : properties;
            Save_NeedsLock(name, twin with { Desired = desired, DesiredVersion = twin.DesiredVersion + 1 });
            return Twin.With(change, twin.DesiredVersion + 1);
        }
    }

    /// <summary>Merges reported properties; null when the sum would exceed the limits.</summary>
    public Twin? PatchReported(IdentityName name, JsonObject patch)
    {
        lock (changing)
        {
            var twin = Load_NeedsLock(name);
            var reported = (JsonObject)twin.Reported.DeepClone();
            TwinMerge.Apply(reported, patch);
            if (TwinRules.Check(reported) is not null)
            {
                return null;
            }

            var changed = twin with { Reported = reported, ReportedVersion = twin.ReportedVersion + 1 };
            Save_NeedsLock(name, changed);
            return changed;
        }
    }

    /// <summary>Lets a deployment change desired properties, unless it brought the same before.</summary>
    /// <param name="deployed">As <see cref="Deployment"/> reads it.</param>
    public void Deploy(IdentityName name, JsonObject deployed)
    {
        lock (changing)
        {
            var twin = Load_NeedsLock(name);
            if (!JsonNode.DeepEquals(twin.Deployed, deployed))
            {
                Save_NeedsLock(name, twin with { Desired = Deployment.Over(twin.Desired, deployed), DesiredVersion = twin is { Deployed: null, DesiredVersion: 1 } ? 1 : twin.DesiredVersion + 1, Deployed = deployed });
            }
        }
    }

    /// <summary>Starts again at version 1, with what a deployment brought.</summary>
    public void Reset(IdentityName name)
    {
        lock (changing)
        {
            Save_NeedsLock(name, Twin.New with { Desired = Deployment.Over([], Load_NeedsLock(name).Deployed ?? []) });
        }
    }

    private Twin Load_NeedsLock(IdentityName name)
    {
        if (!twins.TryGetValue(name, out var twin))
        {
            twin = AtomicFile.TryRead(PathOf(name)) is { } json ? JsonSerializer.Deserialize<Twin>(json)! : Twin.New;
            twins[name] = twin;
        }

        return twin;
    }

    private void Save_NeedsLock(IdentityName name, Twin twin)
    {
        AtomicFile.Replace(PathOf(name), JsonSerializer.SerializeToUtf8Bytes(twin));
        twins[name] = twin;
    }

    private string PathOf(IdentityName name) => Path.Combine(folder, Uri.EscapeDataString(name.ToString()) + ".json");
}
