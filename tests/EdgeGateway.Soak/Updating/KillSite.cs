using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Packages.Files;
using EdgeGateway.Soak.Harness;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Updates.Fetching;
using EdgeGateway.Updates;
using EdgeGateway.Updates.Keys;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Updates.Trust;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Soak.Updating;

/// <summary>The module as a process that gets models from a server of packages or from its inbox, judges the sensors of a plant meanwhile, and is killed.</summary>
internal sealed class KillSite : IAsyncDisposable
{
    private const string Adapter = "pumps";

    /// <summary>Seconds of the plant a second: 120 windows.</summary>
    private const int Speed = 600;

    private static readonly TimeSpan PlantTime = TimeSpan.FromDays(7);
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "EdgeGateway.dll");
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-updates-");
    private readonly RawServer server;
    private Measured? module;
    private Measured? plant;
    private SealedPackage? asked;
    private DateTimeOffset begins = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private KillSite(Broker broker)
    {
        Broker = broker;
        server = new RawServer(AnswerAsync);
        File.WriteAllText(CaFile, RawServer.Certificate.ExportCertificatePem());
        Data = Path.Combine(folder.FullName, "data");
    }

    /// <summary>The people who make packages.</summary>
    public PackageMaker Maker { get; } = new();

    public Broker Broker { get; }

    /// <summary>The data folder.</summary>
    public string Data { get; private set; }

    /// <summary>All that the module may write to besides what belongs to the system.</summary>
    public string Folder => folder.FullName;

    /// <summary>The folder of updates within the data folder.</summary>
    public string Updates => Path.Combine(Data, TrustStore.FolderName);

    /// <summary>What the module that runs has printed; of the last one when none does.</summary>
    public string Output => module?.Output ?? "";

    public bool IsRunning => module is { HasExited: false };

    /// <summary>The disk's word on the model.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public SlotState Model => SlotOf(SlotId.Model);

    /// <summary>Bytes of files that the server sends before the module is killed, the envelope among them; null: it is not killed.</summary>
    public long? KillAfter { get; set; }

    private string CaFile => Path.Combine(folder.FullName, "ca.pem");

    private string Configuration => Path.Combine(folder.FullName, "gateway.json");

    private string Packages => Path.Combine(folder.FullName, "packages");

    /// <summary>Broker and server, and no module yet.</summary>
    public static async Task<KillSite> StartAsync(CancellationToken token) => new(await Broker.StartAsync(token));

    /// <summary>A device that was set up: its key, and that of its group.</summary>
    public async Task SetUpAsync(CancellationToken token)
    {
        Directory.CreateDirectory(Updates);
        var log = new TrustLog(Updates, TimeProvider.System, NullLogger.Instance);
        using var device = DeviceKey.Of(Updates, null, TimeProvider.System, log);
        await device.OpenAsync(token);
        if (new GroupKeys(Updates, device, log).Take(Maker.GrantTo(device.Identity!.Recipient), "line-a", 1) is { } refusal)
        {
            throw new SoakException(refusal.Sentence);
        }
    }

    /// <summary>A device like another one, with a copy of its data folder.</summary>
    public void CopyFrom(string data)
    {
        if (Directory.Exists(Data))
        {
            Directory.Delete(Data, recursive: true);
        }

        foreach (var file in Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Data, Path.GetRelativePath(data, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>Keeps the data folder as it is now for <see cref="CopyFrom"/>; nothing may run.</summary>
    public string KeepData(string name)
    {
        var kept = Path.Combine(folder.FullName, name);
        Directory.Move(Data, kept);
        return kept;
    }

    /// <summary>Where a package is to be made for the server.</summary>
    public string ServerFolder(string name) => Path.Combine(Packages, name);

    /// <summary>Where a package is to be made for the inbox.</summary>
    public string InboxFolder(string name) => Path.Combine(Data, Inbox.FolderName, name);

    /// <summary>The disk's word on a slot.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public SlotState SlotOf(SlotId slot) => SlotsFile.Look(Updates)[slot];

    /// <summary>The settings ask for this package from the next start on; null: for none.</summary>
    public void AskFor(SealedPackage? package) => asked = package;

    /// <summary>Starts the module.</summary>
    /// <param name="through">A program that starts it, with its arguments.</param>
    public void Run(params string[] through)
    {
        File.WriteAllText(Configuration, Settings());
        FeedOn();
        module?.Dispose();
        string[] command = [.. through, "dotnet", Program, "run", "--config", Configuration, "--data", Data];
        module = Measured.Start(command[0], command[1..], environment: [new("HOME", folder.FullName)]);
    }

    /// <summary>SIGKILL to it and to what started it.</summary>
    public void Kill() => module?.Kill();

    /// <summary>SIGABRT, and its end.</summary>
    public Task AbortAsync(CancellationToken token) => module!.AbortAsync(token);

    /// <summary>SIGTERM, and an end with 0.</summary>
    public async Task StopAsync(CancellationToken token)
    {
        module!.Terminate();
        await module.EndAsync(token);
    }

    /// <summary>Returns when something holds; the module must not end before.</summary>
    public Task HoldsAsync(Func<bool> condition, string what, CancellationToken token) => Eventually.HoldsAsync(
        () => condition() || (IsRunning ? false : throw new SoakException($"The module ended before {what}:\n{Output}")), () => $"{what}; slots.json: {Model}; the module said:\n{Output}", token, TimeSpan.FromMinutes(3));

    /// <summary>Returns when a package judges, is confirmed, and nothing is under way.</summary>
    public async Task SettledAsync(SealedPackage package, CancellationToken token)
    {
        var slot = package.Slot.Kind == EdgeGateway.Packages.Manifests.PackageKind.Model ? SlotId.Model : new SlotId(package.Slot.Name);
        await HoldsAsync(() => SlotOf(slot) is { Candidate: null, Confirmed: true } state && state.Active?.Sha256 == package.Sha256, $"release {package.Release} judges", token);
    }

    /// <summary>Files of the store that no slot needs; none when all is well. Half files of what is needed count, too.</summary>
    public IReadOnlyList<string> Superfluous()
    {
        var slots = SlotsFile.Look(Updates);
        var store = new PackageStore(Updates);
        var needed = slots.All.SelectMany(id => slots[id].Needed).ToHashSet(StringComparer.Ordinal);
        var blobs = needed.Select(store.Envelope).OfType<byte[]>().Select(PackageStore.ManifestOf).SelectMany(m => m!.Blobs).Select(store.BlobPath);
        return [.. Directory.EnumerateFiles(Path.Combine(Updates, "packages")).Concat(Directory.EnumerateFiles(Path.Combine(Updates, PackageFolder.BlobsName)))
            .Except(needed.Select(store.EnvelopePath)).Except(blobs).Select(path => Path.GetRelativePath(Updates, path))];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Kill();
        module?.Dispose();
        plant?.Dispose();
        await server.DisposeAsync();
        Broker.Dispose();
        Maker.Dispose();
        folder.Delete(recursive: true);
    }

    private void FeedOn()
    {
        if (plant is { HasExited: false })
        {
            return;
        }

        plant?.Dispose();
        plant = Measured.StartOwn(
            "SensorSimulator", "plant", "--host", "127.0.0.1", "--port", $"{Broker.Port}", "--speed", $"{Speed}", "--for", string.Create(CultureInfo.InvariantCulture, $"{(int)(PlantTime / Speed).TotalSeconds}s"),
            "--start", begins.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        begins += PlantTime;
    }

    private string Settings()
    {
        var settings = new JsonObject
        {
            ["schema"] = 1,
            ["gateway"] = "updates",
            ["broker"] = new JsonObject { ["host"] = "127.0.0.1", ["port"] = Broker.Port },
            ["sources"] = new JsonObject { ["plant"] = new JsonObject { ["topic"] = "plant/#", ["values"] = "*", ["time"] = "/ts", ["adapter"] = Adapter } },
            ["updates"] = new JsonObject { ["root"] = Maker.Root, ["hosts"] = new JsonArray(server.Host), ["caFile"] = CaFile, ["proof"] = new JsonObject { ["windows"] = 200 } },
        };
        if (asked is not null)
        {
            settings["model"] = new JsonObject
            {
                ["release"] = asked.Release,
                ["sha256"] = asked.Sha256,
                ["url"] = $"https://{server.Host}/{Path.GetRelativePath(Packages, asked.Folder)}/{PackageFolder.EnvelopeName}",
            };
        }

        return settings.ToJsonString();
    }

    /// <summary>Files with ranges; the module is killed where the number of bytes is reached.</summary>
    private async Task AnswerAsync(RawRequest request, Stream stream)
    {
        var (path, from) = (Path.Combine(Packages, request.Target.TrimStart('/')), request.From);
        var whole = await File.ReadAllBytesAsync(path, server.Stopped);
        var rest = whole.AsMemory(from);
        var head = from == 0 ? "HTTP/1.1 200 OK" : string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 206 Part\nContent-Range: bytes {from}-{whole.Length - 1}/{whole.Length}");
        var isLast = KillAfter <= rest.Length;
        await RawServer.WriteAsync(stream, string.Create(CultureInfo.InvariantCulture, $"{head}\nContent-Length: {rest.Length}\nETag: \"{Path.GetFileName(path)}\""), isLast ? rest[..(int)KillAfter!.Value] : rest);
        await stream.FlushAsync(server.Stopped);
        KillAfter -= rest.Length;
        if (isLast)
        {
            KillAfter = null;
            Kill();
        }
    }
}
