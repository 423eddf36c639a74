using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeGateway.Packages.Json;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Packages.Groups;

/// <summary>
/// Who belongs to a group: a list that a person confirmed, each device by the fingerprint that it printed itself (docs/formats/package.md, Groups and grants).
/// </summary>
public sealed partial class ConfirmedMembers
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private readonly Dictionary<string, string> fingerprints = new(StringComparer.Ordinal);

    private ConfirmedMembers(string group) => Group = group;

    /// <summary>Name of the group.</summary>
    public string Group { get; }

    /// <summary>
    /// Reads a list: <c>{ "group": name, "members": [ { "device": id, "fingerprint": text, "confirmedBy": name } ] }</c>, 1 to <see cref="Grant.MostMembers"/> members.
    /// </summary>
    /// <exception cref="FormatException">It is no such list; the message is a sentence for who wrote it.</exception>
    public static ConfirmedMembers Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var list = JsonDocument.Parse(json, Strict);
            var members = new ConfirmedMembers(Text(list.RootElement, "group", "The list"));
            var rows = list.RootElement.TryGetProperty("members", out var found) && found.ValueKind == JsonValueKind.Array ? found.GetArrayLength() : 0;
            Require(rows is > 0 and <= Grant.MostMembers, $"The list needs 1 to {Grant.MostMembers} members.");
            foreach (var row in found.EnumerateArray())
            {
                members.Add(row);
            }

            return members;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the second: half of a surrogate pair in a text
        {
            throw new FormatException($"The list of members is no JSON as it should be: {e.Message}", e);
        }
    }

    /// <summary>Holds reported keys against the list. A key counts for the device that reported it, and only there.</summary>
    public Confirmation Confirm(IReadOnlyCollection<ReportedKey> reported)
    {
        var (members, refusals) = (new Dictionary<string, X25519Recipient>(StringComparer.Ordinal), new List<string>());
        foreach (var (device, text) in reported)
        {
            var shown = Forms.Shown(device); // whoever holds the hub wrote it
            if (X25519Recipient.Parse(text) is not { } key)
            {
                refusals.Add($"{shown} reported something that is no key (age1...): look at the device.");
            }
            else if (!fingerprints.TryGetValue(device, out var confirmed))
            {
                refusals.Add($"{shown} is not on the list of group {Group}: put it there when the device itself prints {key.Fingerprint}.");
            }
            else if (confirmed != key.Fingerprint)
            {
                refusals.Add($"{shown} is said to have the key {key.Fingerprint}, confirmed was {confirmed}: it was set up anew, or this is somebody else's key. See what the device prints.");
            }
            else
            {
                members[device] = key;
            }
        }

        refusals.AddRange(fingerprints.Keys.Except(reported.Select(r => r.Device)).Select(device =>
            $"{device} is on the list of group {Group} and has reported no key: start it once while the hub can be reached."));
        return new Confirmation([.. members.Values], [.. refusals]);
    }

    private static void Require(bool holds, string sentence)
    {
        if (!holds)
        {
            throw new FormatException(sentence);
        }
    }

    private static string Text(JsonElement row, string name, string what)
    {
        Require(row.ValueKind == JsonValueKind.Object, $"{what} is no JSON object.");
        var text = row.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        Require(text is { Length: > 0 and <= 128 }, $"{what} needs \"{name}\", a text of 1 to 128 characters.");
        return text!;
    }

    [GeneratedRegex(@"\A[0-9a-f]{4}(-[0-9a-f]{4}){7}\z")]
    private static partial Regex Fingerprint();

    private void Add(JsonElement row)
    {
        var device = Text(row, "device", $"Member {fingerprints.Count + 1} of the list");
        var fingerprint = Text(row, "fingerprint", device);
        Text(row, "confirmedBy", device);
        Require(Fingerprint().IsMatch(fingerprint), $"{device} has a fingerprint that is not eight groups of four of 0-9 a-f: copy it from the device.");
        Require(!fingerprints.ContainsValue(fingerprint), $"{device} has the fingerprint of another device of the list: two devices never have one key.");
        Require(fingerprints.TryAdd(device, fingerprint), $"{device} is on the list twice: keep the line that is right.");
    }
}
