using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Tests.Updates.Fetching;

namespace EdgeGateway.Scenarios.Updates;

/// <summary>A gateway whose models and adapters come from a blob store, named by the twin, with sensors that can be fed.</summary>
internal sealed class UpdateSite : IAsyncDisposable
{
    /// <summary>Sensors that are fed, all of them of one asset.</summary>
    public const int Sensors = 8;

    private const int RowsAtOnce = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private readonly MosquittoBroker broker;
    private readonly Site feed;
    private readonly Azurite store;
    private readonly IEnumerator<string> rows = SiteRecordings.Messages(Sensors).GetEnumerator();
    private GatewayProcess? gateway;

    private UpdateSite(HubSite hub, MosquittoBroker broker, Azurite store) => (Hub, this.broker, this.store, feed) = (hub, broker, store, new Site(broker.Port));

    /// <summary>The hub and the gateway's folder.</summary>
    public HubSite Hub { get; }

    /// <summary>The gateway.</summary>
    public GatewayProcess Gateway => gateway!;

    /// <summary>Everything that lies in the store, by name: whoever holds it can read that.</summary>
    public Dictionary<string, byte[]> Stored { get; } = [];

    /// <summary>A gateway that runs and judges by the image's model.</summary>
    public static async Task<UpdateSite> StartedAsync(Workshop people, Azurite store)
    {
        var host = await store.StartedAsync();
        var broker = await MosquittoBroker.StartedAsync();
        var site = new UpdateSite(await HubSite.StartedAsync(broker), broker, store);
        var updates = new JsonObject { ["hosts"] = new JsonArray(host), ["caFile"] = store.CaFile, ["root"] = people.Root, ["proof"] = new JsonObject { ["windows"] = 200 } };
        await File.WriteAllTextAsync(site.Hub.PathOf("site.json"), new JsonObject { ["schema"] = 1, ["hub"] = new JsonObject { ["port"] = site.Hub.Stand.MqttPort }, ["updates"] = updates }.ToJsonString());
        site.Hub.Patch(site.Hub.Desired);
        await site.StartAsync();
        return site;
    }

    /// <summary>Starts the gateway, and returns once it reads its sensors.</summary>
    public async Task StartAsync()
    {
        gateway?.Dispose();
        gateway = Hub.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        await Eventually.HoldsAsync(() => (string?)Hub.Status()["state"] == "running", () => $"it runs, but said:\n{Gateway.Output}");
    }

    /// <summary>A person reads the fingerprint from the device, and the device is granted the group's key by it.</summary>
    public async Task GrantAsync(Workshop people)
    {
        var (key, fingerprint) = await KeyAsync();
        var (code, said, grant) = await people.GrantAsync("line-a", fingerprint, key);
        Assert.True(code == 0, said);
        await NameGrantAsync("line-a", grant);
    }

    /// <summary>The device key and its fingerprint, as the device prints them and the hub has them.</summary>
    public async Task<(string Key, string Fingerprint)> KeyAsync()
    {
        using var asked = GatewayProcess.Start(Path.GetTempPath(), Hub.Stand.ModuleEnvironment(HubSite.Module), "keys", "--data", Hub.PathOf("data"));
        Assert.Equal(0, await asked.ExitAsync());
        var (key, fingerprint) = (Printed("key"), Printed("fingerprint"));
        await Eventually.HoldsAsync(() => (string?)Reported("device")?["key"] == key, () => $"{key} is reported, but there is {Reported()} and the gateway said:\n{Gateway.Output}");
        return (key, fingerprint);

        string Printed(string name) => asked.Output.Split('\n').Single(line => line.StartsWith($"  {name} ", StringComparison.Ordinal)).Split(' ')[^1];
    }

    /// <summary>Puts a grant into the store and names it in the twin.</summary>
    public async Task NameGrantAsync(string group, string grant)
    {
        var name = $"{group}-{Stored.Count}.grant.age";
        await PutAsync(name, grant);
        Hub.Patch(new JsonObject { ["trust"] = new JsonObject { ["keys"] = new JsonObject { [group] = With(Address(name), "epoch", 1) } } });
    }

    /// <summary>Puts a package into the store.</summary>
    /// <returns>What the twin says of it.</returns>
    public async Task<JsonObject> StoreAsync(MadePackage package)
    {
        var name = $"packages/{package.Name}-{Stored.Count}";
        await PutAsync($"{name}/manifest.json", package.Manifest);
        foreach (var blob in Directory.GetFiles(Path.Combine(package.Folder, "blobs")))
        {
            await PutAsync($"{name}/blobs/{Path.GetFileName(blob)}", blob);
        }

        return With(Address($"{name}/manifest.json"), "release", package.Release);
    }

    /// <summary>Puts a file into the store.</summary>
    public async Task PutAsync(string name, string file)
    {
        Stored[name] = await File.ReadAllBytesAsync(file);
        await store.PutAsync(name, Stored[name]);
    }

    /// <summary>What the twin says of a file in the store.</summary>
    public JsonObject Address(string name) => new()
    {
        ["url"] = store.Url(name).ToString(),
        ["sha256"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Stored[name])),
        ["query"] = Azurite.ContainerSas(TimeProvider.System.GetUtcNow().AddHours(1)),
    };

    /// <summary>Asks for an adapter by the twin, and has the sensors take it; returns the version of the twin.</summary>
    public long AskForAdapter(JsonObject address) => Hub.Patch(new JsonObject
    {
        ["sources"] = new JsonObject { ["plant"] = new JsonObject { ["adapter"] = "pumps" } },
        ["adapters"] = new JsonObject { ["pumps"] = address.DeepClone() },
    });

    /// <summary>Asks for a model by the twin.</summary>
    public long AskForModel(JsonObject address) => Hub.Patch(new JsonObject { ["model"] = address.DeepClone() });

    /// <summary>What the gateway says of the model, or of the adapter <c>pumps</c>; empty when it knows none.</summary>
    public JsonObject Slot(bool adapter = true)
    {
        var slots = Models()["slots"];
        return (adapter ? slots?["adapters"]?["pumps"] : slots?["model"])?.AsObject() ?? [];
    }

    /// <summary>What the gateway answers to the command <c>models</c>.</summary>
    public JsonObject Models() => Hub.Answer("models");

    /// <summary>Feeds the sensors until a slot has a release in force and confirmed.</summary>
    public Task ActiveAsync(int release, bool adapter = true) => FedUntilAsync(
        () =>
        {
            var slot = Slot(adapter);
            Assert.False((int?)slot["refused"]?["release"] == release, $"Release {release} was refused: {slot["refused"]}");
            return slot["active"] is JsonObject active && (int)active["release"]! == release && (string)slot["state"]! == "settled";
        },
        $"release {release} judges");

    /// <summary>Waits until a release is refused.</summary>
    /// <returns>The code and the sentence.</returns>
    public async Task<(string Code, string Sentence)> RefusedAsync(JsonObject address, bool adapter = true)
    {
        var digest = ((string)address["sha256"]!)[..12];
        await FedUntilAsync(
            () =>
            {
                var slot = Slot(adapter);
                Assert.False((string?)(slot["active"] as JsonObject)?["sha256"] == digest, $"Release {address["release"]} was activated.");
                return (string?)slot["refused"]?["sha256"] == digest;
            },
            $"release {address["release"]} is refused");
        var refused = Slot(adapter)["refused"]!;
        return ((string)refused["code"]!, (string)refused["error"]!);
    }

    /// <summary>Feeds the sensors for as long as something does not hold.</summary>
    public async Task FedUntilAsync(Func<bool> condition, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, string.Create(CultureInfo.InvariantCulture, $"Not within {Patience.TotalMinutes} minutes: {what}, but there is {Models()} and the gateway said:\n{Gateway.Output}"));
            await feed.PublishAsync("plant/site", Enumerable.Range(0, RowsAtOnce).TakeWhile(_ => rows.MoveNext()).Select(_ => rows.Current));
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What the hub has of the gateway's report.</summary>
    public JsonNode? Reported(string? key = null)
    {
        var reported = Hub.Stand.Twin(Hub.Stand.NameOf(HubSite.Module))["reported"]!;
        return key is null ? reported : reported[key];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        gateway?.Dispose();
        rows.Dispose();
        feed.Dispose();
        await Hub.DisposeAsync();
        broker.Dispose();
    }

    private static JsonObject With(JsonObject json, string name, int value)
    {
        json[name] = value;
        return json;
    }
}
