using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Models;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Roots;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Packages.Age;
using EdgeGateway.Tests.Packages.Verification;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Updates;
using EdgeGateway.Updates.Fetching;
using EdgeGateway.Updates.Keys;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Updates.Trust;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Updates;

/// <summary>A device that gets packages by its inbox, one turn after the other: what runs by itself in a gateway is done here when a test says so.</summary>
internal sealed class UpdateSite : IDisposable
{
    private readonly TempFolder folder = new();
    private Action? mend;
    private readonly GroupKey group = new("line-a", 4, X25519Identity.New());

    /// <param name="data">The data folder; null for one of its own.</param>
    public UpdateSite(string? data = null)
    {
        Data = data ?? folder.Path;
        (Parts, Worker) = Start();
    }

    public FakeTimeProvider Clock { get; private set; } = new(Sample.Now);

    public UpdateParts Parts { get; private set; }

    public UpdateWorker Worker { get; private set; }

    public ModelHost Host => Parts.Host;

    public string Data { get; }

    public int Boots { get; set; } = 1;

    /// <summary>Whether models are to have room for adapters.</summary>
    public bool NeedsRoom { get; set; } = true;

    /// <summary>What an operator has set.</summary>
    public DetectionSettings Detection { get; set; } = DetectionSettings.Default;

    /// <summary>Bytes that this process may still take.</summary>
    public long FreeMemory { get; set; } = long.MaxValue;

    /// <summary>The newest refusal of a model.</summary>
    public RefusedPackage? Refusal => Model.Refused.LastOrDefault();

    public SlotState Model => Parts.Slots[SlotId.Model];

    public SlotState Pumps => Parts.Slots[new SlotId("pumps")];

    /// <summary>Puts the grant of the group into the inbox.</summary>
    public void Grant() => Put("line-a.4.grant.age", EdgeGateway.Packages.Groups.Grant.Seal(group, [Parts.DeviceKey.Status.Recipient!]));

    /// <summary>Puts a package of the built-in model into the inbox; gives the digest of its manifest.</summary>
    public string PutModel(int release, int epoch = 1, Func<PackageManifest, PackageManifest>? change = null, string? damaged = null, double? threshold = null) =>
        PutPackage(new PackageSlot(PackageKind.Model, "phi-sensor"), LoadedModel.BuiltIn, release, epoch, change, damaged, threshold);

    /// <summary>Puts a package of a folder into the inbox.</summary>
    /// <param name="change">Of the manifest, before it is signed.</param>
    /// <param name="damaged">The blob of this path is cut by a byte.</param>
    /// <param name="threshold">In place of the one that it was made with.</param>
    public string PutPackage(PackageSlot slot, string files, int release, int epoch = 1, Func<PackageManifest, PackageManifest>? change = null, string? damaged = null, double? threshold = null)
    {
        var recipient = new GroupRecipient(group.Group, group.Epoch, group.Identity.Recipient.Text);
        var plain = Directory.GetFiles(files).Order(StringComparer.Ordinal).ToDictionary(f => Path.GetFileName(f)!, File.ReadAllBytes);
        plain[SensorModel.FileName] = threshold is null ? plain[SensorModel.FileName] : WithThreshold(plain[SensorModel.FileName], threshold.Value);
        var sealedBytes = plain.ToDictionary(f => f.Key, f => Sealed.Seal(f.Value, group.Identity.Recipient));
        var manifest = Sample.Manifest with
        {
            Slot = slot,
            Release = release,
            Epoch = epoch,
            Groups = [recipient],
            Base = Own.Value.Identity,
            Golden = null,
            Blobs = [.. plain.Select(f => new PackageBlob(f.Key, f.Value.Length, Digest(f.Value), sealedBytes[f.Key].Length, Digest(sealedBytes[f.Key])))],
        };
        manifest = change?.Invoke(manifest) ?? manifest;
        var envelope = Sample.Signed(manifest, 11, 12).ToJson();
        var name = Digest(envelope)[..8];
        foreach (var blob in manifest.Blobs)
        {
            mend += blob.Path == damaged ? () => Put($"{name}/blobs/{blob.SealedName}", sealedBytes[blob.Path]) : null;
            Put($"{name}/blobs/{blob.SealedName}", blob.Path == damaged ? sealedBytes[blob.Path][..^1] : sealedBytes[blob.Path]);
        }

        Put($"{name}/manifest.json", envelope);
        return Digest(envelope);
    }

    public void Put(string name, byte[] content)
    {
        var path = Path.Combine(Data, Inbox.FolderName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    /// <summary>A root that the release keys of the first one may not sign.</summary>
    public void PutRoot(Root root) => Put($"root.{root.Version}.json", Sample.Signed(root, 1, 2).ToJson());

    /// <summary>Looks, and does what is due until nothing is.</summary>
    public async Task TurnAsync()
    {
        await Worker.LookOnceAsync(TestContext.Current.CancellationToken);
        foreach (var slot in Worker.Slots)
        {
            while (await slot.AdvanceAsync(TestContext.Current.CancellationToken) == TimeSpan.Zero || slot.Waiting.Code == "shadow")
            {
                if (slot.Waiting.Code == "shadow")
                {
                    // nothing is judged live here; without a model in place there is nothing to compare with
                    Host.SetNone()?.Dispose();
                }
            }
        }
    }

    /// <summary>The process dies and a new one starts.</summary>
    public async Task KillAsync()
    {
        Worker.Dispose();
        Host.Dispose();
        (Parts, Worker) = Start();
        await Worker.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What was cut in the inbox is whole.</summary>
    public void Mend() => mend?.Invoke();

    /// <summary>A window is judged.</summary>
    public void Judge() => Host.Ask(new PromptWriter(Host.Sensor).Write(Any.Window(Any.Sensor(), 1)), new float[Host.Sensor.Labels.Length]);

    public Floor Floor() => Parts.Trust.Current!.FloorOf(new PackageSlot(PackageKind.Model, "phi-sensor"));

    /// <summary>From the next process on the clock shows this.</summary>
    public void StopClockAt(DateTimeOffset time) => Clock = new FakeTimeProvider(time);

    /// <summary>The folder of updates is lost; what lies in the inbox is not.</summary>
    public async Task WipeAsync()
    {
        Directory.Delete(Path.Combine(Data, TrustStore.FolderName), recursive: true);
        await KillAsync();
        await Worker.LookOnceAsync(TestContext.Current.CancellationToken);
    }

    public string PathOf(string name) => Path.Combine(Data, TrustStore.FolderName, name);

    public void Dispose()
    {
        Worker.Dispose();
        Host.Dispose();
        group.Dispose();
        folder.Dispose();
    }

    /// <summary>As few as a slow model would be asked.</summary>
    private static readonly Lazy<CanonicalWindows> Windows = new(() => CanonicalWindows.Load(CanonicalWindows.BuiltIn).First(CanonicalWindows.Fewest));

    /// <summary>The image's model: for its identity alone.</summary>
    private static readonly Lazy<LoadedModel> Own = new(() => LoadedModel.Load(LoadedModel.BuiltIn, adapters: true));

    private (UpdateParts, UpdateWorker) Start()
    {
        var (updates, logger) = (Path.Combine(Data, TrustStore.FolderName), NullLogger.Instance);
        var slots = SlotsFile.Open(updates, out _);
        var log = new TrustLog(updates, Clock, logger);
        var device = new DeviceKey(updates, [new FileKeySealer()], log);
        var first = new FirstRoot(Sample.Signed(Sample.Root, 1, 2).ToJson(), "root.json", FloorRecord.None, null);
        UpdateWorker worker = null!;
        var parts = new UpdateParts(
            slots, new PackageStore(updates), new TrustStore(updates, first, Clock, Sample.Now.AddMonths(-1), log, logger), log, device, new GroupKeys(updates, device, log),
            new ModelHost(SensorModel.Load(LoadedModel.BuiltIn)) { NeedsRoom = () => NeedsRoom }, new StartWatch(slots, () => ($"boot {Boots}", TimeSpan.FromMinutes(1))), Clock, new Random(1), logger)
        {
            Fetcher = new Fetcher(new UpdateSettings([], null, null), Clock),
            Memory = new MemoryProtection(false, false, false),
            Canonical = Windows,
            Limits = new ProofLimits(),
            Detection = () => Detection,
            FreeMemory = () => FreeMemory,
            Groups = () => worker.Groups,
            Query = slot => worker.QueryOf(slot),
            WithStagesStopped = (action, _) =>
            {
                action();
                return Task.CompletedTask;
            },
            LoadOwn = () => LoadedModel.Load(LoadedModel.BuiltIn, NeedsRoom),
            Changed = () => { },
            ModelChanged = () => worker.Reconsider(),
        };
        worker = new UpdateWorker(Data, parts);
        return (parts, worker);
    }

    private static byte[] WithThreshold(byte[] sensor, double threshold)
    {
        var json = JsonNode.Parse(sensor)!;
        json["threshold"] = threshold;
        return JsonSerializer.SerializeToUtf8Bytes(json);
    }

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
