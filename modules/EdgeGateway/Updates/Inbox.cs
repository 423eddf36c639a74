using System.Globalization;
using System.Text.RegularExpressions;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Files;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Updates;

/// <summary>
/// The folder <c>inbox</c> of the data folder, into which people without a network copy packages (a folder each), roots (<c>root.2.json</c>) and grants (<c>line-a.4.grant.age</c>). What lies
/// there is copied to where nobody else writes before it is judged; links are not followed; nothing is written or deleted there, as it may be a stick.
/// </summary>
internal sealed partial class Inbox(string folder, UpdateParts parts)
{
    /// <summary>In the data folder.</summary>
    public const string FolderName = "inbox";

    /// <summary>Names that are looked at.</summary>
    private const int Most = 256;

    private readonly HashSet<(string Path, DateTime Written, long Length)> known = [];
    private bool wasLookedAt;

    /// <summary>Makes the folder where there is none, for who can copy files into a container but make no folder there. A link to a stick that is not plugged in stays as it is.</summary>
    public static void Make(string data)
    {
        var folder = new DirectoryInfo(Path.Combine(data, FolderName));
        try
        {
            if (folder is { Exists: false, LinkTarget: null })
            {
                folder.Create();
            }
        }
        catch (IOException)
        {
            // a full disk or another thing of that name: the next start makes it, and nothing else waits for it
        }
    }

    /// <summary>Looks for what is new.</summary>
    /// <param name="ask">Told a package, and the slot that it is for.</param>
    /// <returns>Whether a root or a grant was taken.</returns>
    public bool Look(Action<SlotId, Candidate> ask)
    {
        if (!Directory.Exists(folder))
        {
            return false;
        }

        var entries = new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(e => e.LinkTarget is null).OrderBy(e => e.Name, StringComparer.Ordinal).Take(Most).ToList();
        var taken = false;
        foreach (var file in entries.OfType<FileInfo>().Where(IsNew).OrderBy(f => f.Name.Length).ThenBy(f => f.Name, StringComparer.Ordinal))
        {
            taken |= Take(file);
            known.Add(KeyOf(file));
        }

        // of several at once the highest release is taken for the newest act
        foreach (var (slot, candidate) in entries.OfType<DirectoryInfo>().Select(package => LookAt(package.FullName)).OfType<(SlotId, Candidate)>().OrderBy(found => found.Item2.Release).ToList())
        {
            ask(slot, candidate);
            parts.Slots.Saw(candidate.Sha256);
        }

        wasLookedAt = true;
        return taken;
    }

    /// <summary>A file that is still being copied changes, and is looked at again; so is one that a disk did not take, and a grant for which the device key is not ready yet.</summary>
    private bool IsNew(FileInfo file) => known.Count < 16 * Most && !known.Contains(KeyOf(file)) && (parts.DeviceKey.Identity is not null || !GrantName().IsMatch(file.Name));

    private static (string, DateTime, long) KeyOf(FileInfo file) => (file.FullName, file.LastWriteTimeUtc, file.Length);

    private bool Take(FileInfo file)
    {
        if (RootName().Match(file.Name) is { Success: true } root && file.Length <= Envelope.MaxBytes)
        {
            return int.TryParse(root.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var version) && version > parts.Trust.Current?.Root.Version
                && parts.Trust.TryTakeRoot(PlainBytes(file.Name), null, out _);
        }

        return GrantName().Match(file.Name) is { Success: true } grant && file.Length <= Grant.MostBytes && int.TryParse(grant.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out var epoch)
            && !parts.Keys.Held().Any(held => (held.Group, held.Epoch) == (grant.Groups[1].Value, epoch))
            && parts.Keys.Take(PlainBytes(file.Name), grant.Groups[1].Value, epoch) is null;
    }

    /// <summary>A package that was not looked at before; null when there is none.</summary>
    private (SlotId Slot, Candidate Candidate)? LookAt(string package)
    {
        var envelope = PackageFolder.ReadEnvelope(package);
        if (envelope.Length > Envelope.MaxBytes || PackageStore.ManifestOf(envelope) is not { } manifest || PackageStore.DigestOf(envelope) is var sha256 && parts.Slots.WasSeen(sha256))
        {
            return null;
        }

        var slot = manifest.Slot.Kind == PackageKind.Model ? SlotId.Model : new SlotId(manifest.Slot.Name);
        return (slot, new Candidate(sha256, manifest.Release, package, UpdateOrigin.Inbox, ByOperator: wasLookedAt || !parts.Slots.IsNew, parts.Clock.GetUtcNow(), UpdateStep.Fetch));
    }

    private byte[] PlainBytes(string name) => PackageFolder.ReadFile(folder, name, Grant.MostBytes);

    [GeneratedRegex(@"\Aroot\.([1-9][0-9]{0,9})\.json\z")]
    private static partial Regex RootName();

    [GeneratedRegex(@"\A([a-z0-9][a-z0-9-]{0,63})\.([1-9][0-9]{0,9})\.grant\.age\z")]
    private static partial Regex GrantName();
}
