using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Roots;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Storage;
using EdgeGateway.Twin;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Updates.Trust;

/// <summary>
/// What this device trusts: the chain of roots; floors and the newest signed time as it accepted them itself (<c>own</c>), as the hub says that it once reported them (<c>heard</c>,
/// for a data folder that was lost or brought back from a backup), and as the image has them. Nothing counts before it is on disk. For all threads.
/// </summary>
internal sealed class TrustStore
{
    /// <summary>Name of the folder of updates within the data folder.</summary>
    public const string FolderName = "updates";

    /// <summary>Bytes of what is reported, of the 8 KB that all has.</summary>
    public const int MostReported = 2048;

    private const int MostBytes = 1 << 20;
    private readonly Lock gate = new();
    private readonly FirstRoot first;
    private readonly RootChain chain;
    private readonly TimeProvider clock;
    private readonly DateTimeOffset release;
    private readonly TrustLog log;
    private readonly string folder;
    private readonly string path;
    private ImmutableArray<Root> roots;
    private FloorRecord own;
    private FloorRecord heard;

    /// <summary>Reads and verifies what is there, and writes nothing.</summary>
    /// <param name="folder">The folder of updates within the data folder.</param>
    /// <param name="release">The day this version was released: a clock that shows an earlier one is not set.</param>
    public TrustStore(string folder, FirstRoot first, TimeProvider clock, DateTimeOffset release, TrustLog log, ILogger logger)
    {
        (this.folder, this.first, this.clock, this.release, this.log, path, chain) = (folder, first, clock, release, log, Path.Combine(folder, "trust.json"), new RootChain(folder));
        roots = chain.Read(first, out var unproven);
        (own, heard) = Read(out var unread);
        own = roots.Aggregate(FloorRecord.None, (floors, root) => floors.Max(FloorRecord.Of(root))).Max(own);
        Problems = [.. new[] { unproven, unread }.OfType<string>()];
        foreach (var problem in Problems)
        {
            logger.TrustImpaired(problem);
        }
    }

    /// <summary>What was wrong at the start, a sentence each.</summary>
    public ImmutableArray<string> Problems { get; }

    /// <summary>Why there is no <see cref="Current"/>, when there is none; one sentence.</summary>
    public string WhyNone => Problems.FirstOrDefault("There is no root of trust, so that nothing can be installed: name a root file in updates.root of the settings, or build an image with trust/root.json.");

    /// <summary>Root and floors that packages are held against; null: there is no root, and nothing can be installed.</summary>
    public TrustState? Current
    {
        get
        {
            lock (gate)
            {
                return roots.IsEmpty ? null : first.Floors.Onto(heard.Onto(own.Onto(TrustState.Of(roots[^1]), int.MaxValue), roots[^1].Epoch), roots[^1].Epoch);
            }
        }
    }

    /// <summary>What our clock shows, when it can be believed; null: the newest signed time stands in for it.</summary>
    public DateTimeOffset? TrustedTime => clock.GetUtcNow() is var now && now >= release && now >= (Current?.NewestSigned ?? now) ? now : null;

    /// <summary>
    /// The state in which what already runs is opened again: the root that it was accepted under, expired or not, no floors, and with no time given no expiry. Null: that version is
    /// not in the chain, because the image or the site begins with a later one.
    /// </summary>
    public TrustState? At(int rootVersion)
    {
        lock (gate)
        {
            return roots.FirstOrDefault(root => root.Version == rootVersion) is { } root ? TrustState.Of(root) : null;
        }
    }

    /// <summary>Takes the next root and keeps it, or says why not.</summary>
    /// <param name="sha256">As asked for; null takes any.</param>
    /// <exception cref="StorageException">It is good, and not kept: the old one is in force.</exception>
    public bool TryTakeRoot(ReadOnlyMemory<byte> envelope, string? sha256, [NotNullWhen(false)] out Refusal? refusal)
    {
        lock (gate)
        {
            refusal = null;
            if (Current is not { } current)
            {
                refusal = new Refusal(RefusalCode.RootVersion, WhyNone);
            }
            else if (RootVerifier.TryUpdate(current, envelope, sha256, out var next, out refusal))
            {
                chain.Write(next.Root.Version, envelope.Span);
                Write(own.Max(FloorRecord.Of(next.Root)), heard);
                roots = roots.Add(next.Root);
            }
        }

        log.Note(refusal is null ? "accepted" : "refused", refusal is null ? $"root version {roots[^1].Version}" : "root", sha256 ?? "", refusal?.CodeText ?? "", refusal?.Sentence ?? "");
        return refusal is null;
    }

    /// <summary>Raises the floors to those of a package that is in place.</summary>
    /// <exception cref="StorageException">They are not kept.</exception>
    public void Keep(AcceptedPackage package)
    {
        lock (gate)
        {
            Write(own.Max(FloorRecord.Of(package)), heard);
        }
    }

    /// <summary>
    /// Takes what the hub gives back of <see cref="ToReported"/>; to be called with every whole twin, before anything is reported. It can only raise floors. A hub can say anything:
    /// epochs count up to that of the root, and the time up to what our clock shows, or the release while that is not set. A release that is too high takes an operator's act.
    /// </summary>
    /// <exception cref="StorageException">It is not kept.</exception>
    public void TakeReported(JsonObject? reported)
    {
        if (!FloorRecord.TryRead(reported, out var said))
        {
            return;
        }

        lock (gate)
        {
            var latest = clock.GetUtcNow() is var now && now > release ? now : release;
            said = said with { Newest = said.Newest < latest ? said.Newest : Seconds(latest) };
            var (known, together) = (heard.Max(own), heard.Max(said));
            if (known.Max(said).ToString() != known.ToString() && together.ToString() != heard.ToString())
            {
                Write(own, together);
                log.Note("heard", "floors", sentence: "The hub gave back floors that this device had reported.");
            }
        }
    }

    /// <summary>What is reported, so that floors outlive the data folder: at most <see cref="MostReported"/> bytes, the slots that were accepted here first.</summary>
    public JsonObject ToReported()
    {
        lock (gate)
        {
            return heard.Max(own).ToJson(MostReported, own.Floors.ContainsKey);
        }
    }

    /// <summary>The floors in force, and which of the sources each comes from.</summary>
    public ImmutableArray<(PackageSlot Slot, Floor Floor, string Source)> Sources()
    {
        if (Current is not { } current)
        {
            return [];
        }

        var bare = TrustState.Of(current.Root);
        (string Name, TrustState State)[] sources =
        [
            ("accepted here", own.Onto(bare, int.MaxValue)),
            ("given back by the hub", heard.Onto(bare, bare.Root.Epoch)),
            ("of the image", first.Floors.Onto(bare, bare.Root.Epoch)),
        ];
        return
        [
            .. from floor in current.Floors
               orderby floor.Key.Kind, floor.Key.Name
               select (floor.Key, floor.Value, sources.FirstOrDefault(s => s.State.FloorOf(floor.Key) == floor.Value).Name ?? "of several sources"),
        ];
    }

    private static DateTimeOffset Seconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private (FloorRecord Own, FloorRecord Heard) Read(out string? problem)
    {
        var bytes = KeptFile.Read(path, MostBytes, out problem);
        var json = bytes is null ? null : TwinJson.Parse(bytes);
        if (FloorRecord.TryRead(json?["own"] as JsonObject, out var mine) && FloorRecord.TryRead(json!["heard"] as JsonObject, out var said))
        {
            return (mine, said);
        }

        problem ??= bytes is null ? null
            : $"{path} is damaged and is left out: floors are those that the hub gives back, else the image's; bring the file back from a backup if there is no hub.";
        return (FloorRecord.None, FloorRecord.None);
    }

    private void Write(FloorRecord mine, FloorRecord said)
    {
        Directory.CreateDirectory(folder);
        DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["own"] = mine.ToJson(), ["heard"] = said.ToJson() }));
        (own, heard) = (mine, said);
    }
}
