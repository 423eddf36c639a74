using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Roots;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Updates.Trust;

/// <summary>Floors and the root under which they were set: as they are kept on disk, reported to the hub and shipped with an image.</summary>
/// <param name="Root">Version of the root; 0: none.</param>
/// <param name="Keys">Which release keys it had: floors of releases, and the time, count under these alone. The first 16 hexadecimal digits of a SHA-256.</param>
/// <param name="Newest">The newest <c>issued</c> that was accepted.</param>
internal sealed partial record FloorRecord(int Root, string Keys, DateTimeOffset Newest, ImmutableDictionary<PackageSlot, Floor> Floors)
{
    /// <summary>Nothing is known.</summary>
    public static readonly FloorRecord None = new(0, "", DateTimeOffset.UnixEpoch, ImmutableDictionary<PackageSlot, Floor>.Empty);

    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>What a root says by itself.</summary>
    public static FloorRecord Of(Root root) => None with { Root = root.Version, Keys = KeysOf(root), Newest = root.Issued };

    /// <summary>What an accepted package says.</summary>
    public static FloorRecord Of(AcceptedPackage package) => Of(package.Trust.Root) with
    {
        Newest = package.Manifest.Issued,
        Floors = None.Floors.Add(package.Manifest.Slot, new Floor(package.Manifest.Release, package.Manifest.Epoch)),
    };

    /// <summary>
    /// Both together. Epochs never fall. Of two roots with other release keys the releases and the time under the later one count alone, as <see cref="RootVerifier"/> has it;
    /// of two that have the same version, those of <paramref name="other"/>.
    /// </summary>
    public FloorRecord Max(FloorRecord other)
    {
        var (older, newer) = other.Root >= Root ? (this, other) : (other, this);
        var same = older.Keys == newer.Keys;
        var floors = newer.Floors.ToBuilder();
        foreach (var (slot, floor) in older.Floors)
        {
            var there = floors.GetValueOrDefault(slot, new Floor(0, 0));
            floors[slot] = new Floor(same ? Math.Max(floor.Release, there.Release) : there.Release, Math.Max(floor.Epoch, there.Epoch));
        }

        return newer with { Newest = same && older.Newest > newer.Newest ? older.Newest : newer.Newest, Floors = floors.ToImmutable() };
    }

    /// <summary>
    /// A state with these floors too. Those that were set under a later root than it has count whole: the device had come to that one, and lost it.
    /// </summary>
    /// <param name="highestEpoch">Epochs count up to this: what no signature proves must not shut out every package that may be signed.</param>
    public TrustState Onto(TrustState state, int highestEpoch)
    {
        var counts = Keys == KeysOf(state.Root) || Root > state.Root.Version;
        var floors = state.Floors.ToBuilder();
        foreach (var (slot, floor) in Floors)
        {
            var there = state.FloorOf(slot);
            floors[slot] = new Floor(counts ? Math.Max(floor.Release, there.Release) : there.Release, Math.Max(Math.Min(floor.Epoch, highestEpoch), there.Epoch));
        }

        return state with { Floors = floors.ToImmutable(), NewestSigned = counts && Newest > state.NewestSigned ? Newest : state.NewestSigned };
    }

    /// <summary>
    /// <c>{ "root": 2, "keys": "1a2b...", "newest": "2026-11-26T12:00:00Z", "model": { "phi": [7, 1] }, "adapter": { "pumps": [3, 2] } }</c>: release and epoch by kind and name.
    /// </summary>
    public JsonObject ToJson() => ToJson(Floors);

    /// <summary>The same, with as many floors as fit, the first ones first.</summary>
    /// <param name="most">Bytes.</param>
    /// <param name="first">Which slots come first.</param>
    public JsonObject ToJson(int most, Func<PackageSlot, bool> first)
    {
        var slots = Floors.OrderByDescending(f => first(f.Key)).ThenBy(f => f.Key.Kind).ThenBy(f => f.Key.Name, StringComparer.Ordinal).ToList();
        while (true)
        {
            var json = ToJson(slots);
            if (slots.Count == 0 || Encoding.UTF8.GetByteCount(json.ToJsonString()) <= most)
            {
                return json;
            }

            slots.RemoveAt(slots.Count - 1);
        }
    }

    /// <summary>Reads what <see cref="ToJson()"/> writes; false when it is anything else. Members that it does not know are left out.</summary>
    public static bool TryRead(JsonObject? json, [NotNullWhen(true)] out FloorRecord? record)
    {
        record = null;
        try
        {
            if (json is not null && (int?)json["root"] is >= 0 and { } root && (string?)json["keys"] is { Length: <= 16 } keys
                && DateTimeOffset.TryParseExact((string?)json["newest"], TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var newest))
            {
                record = new FloorRecord(root, keys, newest, Enum.GetValues<PackageKind>().SelectMany(kind => Read(kind, json[MemberOf(kind)])).ToImmutableDictionary());
            }
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            // a member has another form
        }

        return record is not null;
    }

    /// <summary>One line for people.</summary>
    public override string ToString() => ToJson().ToJsonString();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,63}\z")]
    private static partial Regex Name();

    private static string KeysOf(Root root) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(root.ReleaseRole.Keys.Select(key => key.Id).Order(StringComparer.Ordinal)))))[..16];

    private static string MemberOf(PackageKind kind) => kind == PackageKind.Model ? "model" : "adapter";

    private static IEnumerable<KeyValuePair<PackageSlot, Floor>> Read(PackageKind kind, JsonNode? floors) =>
        from entry in floors?.AsObject() ?? []
        let floor = entry.Value is JsonArray { Count: 2 } pair && Name().IsMatch(entry.Key) && (int?)pair[0] is >= 0 and { } release && (int?)pair[1] is >= 0 and { } epoch
            ? new Floor(release, epoch) : throw new FormatException()
        select KeyValuePair.Create(new PackageSlot(kind, entry.Key), floor);

    private JsonObject ToJson(IEnumerable<KeyValuePair<PackageSlot, Floor>> floors)
    {
        var json = new JsonObject { ["root"] = Root, ["keys"] = Keys, ["newest"] = Newest.ToString(TimeForm, CultureInfo.InvariantCulture) };
        foreach (var kind in floors.GroupBy(f => f.Key.Kind).OrderBy(g => g.Key))
        {
            json[MemberOf(kind.Key)] = new JsonObject(kind.OrderBy(f => f.Key.Name, StringComparer.Ordinal)
                .Select(f => KeyValuePair.Create<string, JsonNode?>(f.Key.Name, new JsonArray(f.Value.Release, f.Value.Epoch))));
        }

        return json;
    }
}
