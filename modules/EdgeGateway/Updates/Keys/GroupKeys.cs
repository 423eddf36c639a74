using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Storage;
using EdgeGateway.Updates.Trust;

namespace EdgeGateway.Updates.Keys;

/// <summary>
/// The keys of groups that this device was granted, kept as they came: sealed to the device key. Those of old epochs stay, and so do several of one epoch: a grant proves nothing
/// by itself, so a second one must not push out the first.
/// </summary>
/// <param name="folder">The folder of updates within the data folder.</param>
internal sealed partial class GroupKeys(string folder, DeviceKey device, TrustLog log)
{
    /// <summary>Grants that are kept.</summary>
    public const int Most = 64;

    /// <summary>Characters of the recipient in a file's name: enough to tell the keys of one epoch apart.</summary>
    private const int Told = 12;
    private readonly string grants = Path.Combine(folder, "grants");

    /// <summary>Keeps a grant that the device key opens.</summary>
    /// <param name="group">The group and <paramref name="epoch"/> that it was asked for.</param>
    /// <returns>Null: it is kept, durably. <see cref="RefusalCode.GroupKey"/>, which waits, while the device key is not ready.</returns>
    /// <exception cref="StorageException">It is not kept.</exception>
    public Refusal? Take(byte[] grant, string group, int epoch)
    {
        var refusal = TryOpen(grant, group, epoch, out var key);
        using (key)
        {
            if (key is not null)
            {
                refusal = Keep(grant, key);
            }
        }

        log.Note(refusal is null ? "granted" : "refused", $"grant {group} epoch {epoch}", code: refusal?.CodeText ?? "", sentence: refusal?.Sentence ?? "");
        return refusal;
    }

    /// <summary>The public keys of the groups whose grants the device key opens, the newest epoch of a group first. Opens each file.</summary>
    public ImmutableArray<GroupRecipient> Held() => [.. Files().Select(file => Read(file)).OfType<GroupRecipient>()];

    /// <summary>Grants that the device key does not open, by group and epoch: they were made for an earlier one, or damaged.</summary>
    public ImmutableArray<string> Unreadable() => [.. Files().Where(file => Read(file) is null).Select(file => $"{file.Group} epoch {file.Epoch}")];

    /// <summary>The secret key of one that is held, which the caller disposes; null when it is not there any more.</summary>
    public GroupKey? Open(GroupRecipient key)
    {
        foreach (var file in Files().Where(f => (f.Group, f.Epoch) == (key.Group, key.Epoch)))
        {
            if (TryOpen(file, out var opened) && opened.Identity.Recipient.Text == key.Recipient)
            {
                return opened;
            }

            opened?.Dispose();
        }

        return null;
    }

    [GeneratedRegex(@"\A([a-z0-9][a-z0-9-]{0,63})\.([1-9][0-9]{0,9})\.[02-9ac-hj-np-z]{12}\.grant\.age\z")]
    private static partial Regex FileName();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,63}\z")]
    private static partial Regex GroupName();

    private Refusal? TryOpen(byte[] grant, string group, int epoch, out GroupKey? key)
    {
        key = null;
        if (!GroupName().IsMatch(group) || epoch < 1)
        {
            return new Refusal(RefusalCode.Grant, "A group is named by 1 to 64 of a-z 0-9 -, a letter or digit first, and its epochs count from 1: correct trust.keys.");
        }

        if (device.Identity is not { } identity)
        {
            return new Refusal(RefusalCode.GroupKey, device.Status.Sentence);
        }

        try
        {
            key = Grant.Open(grant, identity, group, epoch);
            return null;
        }
        catch (SealingException e)
        {
            return new Refusal(e.Code, e.Failure != SealingFailure.NoKey ? e.Message
                : $"The grant of group {group}, epoch {epoch}, is not for this device: confirm its fingerprint {identity.Recipient.Fingerprint} and have the group granted again.");
        }
    }

    private Refusal? Keep(byte[] grant, GroupKey key)
    {
        var path = Path.Combine(grants, string.Create(CultureInfo.InvariantCulture, $"{key.Group}.{key.Epoch}.{key.Identity.Recipient.Text.AsSpan(4, Told)}.grant.age"));
        if (!File.Exists(path) && Files().Count() >= Most)
        {
            return new Refusal(RefusalCode.Grant, $"{grants} has {Most} grants, and more are not kept: remove those of groups that this device has left.");
        }

        Directory.CreateDirectory(grants);
        DurableFile.Replace(path, grant);
        return null;
    }

    private GroupRecipient? Read(GrantFile file)
    {
        using var key = TryOpen(file, out var opened) ? opened : null;
        return key is null ? null : new GroupRecipient(file.Group, file.Epoch, key.Identity.Recipient.Text);
    }

    private bool TryOpen(GrantFile file, [NotNullWhen(true)] out GroupKey? key)
    {
        key = null;
        return KeptFile.Read(file.Path, Grant.MostBytes, out _) is { } grant && TryOpen(grant, file.Group, file.Epoch, out key) is null && key is not null;
    }

    private IEnumerable<GrantFile> Files()
    {
        var names = Directory.Exists(grants) ? Directory.GetFiles(grants) : [];
        return from path in names
               let match = FileName().Match(Path.GetFileName(path))
               where match.Success && int.TryParse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out _)
               let file = new GrantFile(path, match.Groups[1].Value, int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture))
               orderby file.Group, file.Epoch descending, file.Path
               select file;
    }

    private sealed record GrantFile(string Path, string Group, int Epoch);
}
