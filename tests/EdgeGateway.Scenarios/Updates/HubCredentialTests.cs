using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Tests;
using EdgeGateway.Tests.Updates.Fetching;

namespace EdgeGateway.Scenarios.Updates;

/// <summary>What somebody reaches who holds the hub, with all rights on the twin, and the store, but no release key and no device.</summary>
public sealed class HubCredentialTests(Workshop people, Azurite store) : IClassFixture<Workshop>, IClassFixture<Azurite>
{
    private static readonly string Vectors = Path.Combine(SharedFolder.RepositoryRoot, "tests", "vectors", "adapters");
    private static readonly string Good = Path.Combine(Vectors, "honest");

    [Fact]
    public async Task A_hub_credential_alone_gives_neither_plaintext_weights_nor_a_foreign_model()
    {
        await using var site = await UpdateSite.StartedAsync(people, store);
        await site.GrantAsync(people);
        var (older, newer) = (await site.StoreAsync(await people.PackageAsync("pumps", 4, Good)), await site.StoreAsync(await people.PackageAsync("pumps", 5, Good)));
        site.AskForAdapter(newer);
        await site.ActiveAsync(release: 5);

        await ForeignPackagesAreRefusedAsync(site);
        await ForeignRootIsRefusedAsync(site);
        await ForeignServerIsNotAskedAsync(site, newer);
        await ForeignKeyIsNotGrantedAsync(site);
        Assert.Equal(5, (int)site.Slot()["active"]!["release"]!);
        NothingIsPlain(site);

        site.AskForAdapter(older);
        Assert.Equal(0, await site.Gateway.StopAsync());
        Directory.Delete(site.Hub.PathOf("data"), recursive: true);
        await site.StartAsync();
        await site.GrantAsync(people);
        Assert.Equal("rollback", (await site.RefusedAsync(older)).Code);
        Assert.Equal("image", (string?)site.Slot()["active"]);
    }

    /// <summary>Unsigned, and signed by a key that no root names; sealed for the devices, and for a group of his own whose key he gives them.</summary>
    private async Task ForeignPackagesAreRefusedAsync(UpdateSite site)
    {
        var (key, fingerprint) = await site.KeyAsync();
        await site.NameGrantAsync("line-m", (await people.GrantAsync("line-m", fingerprint, key)).Grant);
        await Eventually.HoldsAsync(() => File.Exists(site.Hub.PathOf("data/updates/trust.log")) && File.ReadAllText(site.Hub.PathOf("data/updates/trust.log")).Contains("line-m", StringComparison.Ordinal), "the key of his group is taken: it proves nothing");
        foreach (var (signer, group) in new[] { (null, "line-a"), ("mallory", "line-a"), ("mallory", "line-m") })
        {
            var foreign = await site.StoreAsync(await people.PackageAsync("pumps", 6, Good, signer, group));
            site.AskForAdapter(foreign);
            Assert.Equal("threshold", (await site.RefusedAsync(foreign)).Code);
        }
    }

    /// <summary>A next root that only he signed.</summary>
    private async Task ForeignRootIsRefusedAsync(UpdateSite site)
    {
        await site.PutAsync("root.2.json", await people.RootAsync(2, "mallet", "mallory", people.New()));
        var address = site.Address("root.2.json");
        address["version"] = 2;
        site.Hub.Patch(new JsonObject { ["trust"] = new JsonObject { ["root"] = address } });
        await Eventually.HoldsAsync(() => site.Models().ToJsonString().Contains("\"old-threshold\"", StringComparison.Ordinal), () => $"his root is refused, but there is {site.Models()}");
        Assert.Equal(1, (int)site.Models()["floors"]!["root"]!);
    }

    /// <summary>A server of his own under the address of a signed package.</summary>
    private static async Task ForeignServerIsNotAskedAsync(UpdateSite site, JsonObject signed)
    {
        await using var his = new RawServer((_, _) => Task.CompletedTask);
        var led = signed.DeepClone().AsObject();
        (led["url"], led["sha256"], led["release"]) = ($"https://{his.Host}/manifest.json", new string('0', 64), 7);
        site.AskForAdapter(led);
        Assert.Equal("address", (await site.RefusedAsync(led)).Code);
        Assert.Empty(his.Requests);
    }

    /// <summary>His own key, reported as the device's: nobody confirmed its fingerprint.</summary>
    private async Task ForeignKeyIsNotGrantedAsync(UpdateSite site)
    {
        var his = (await File.ReadAllLinesAsync(people.PathOf("line-m.1.recipient"), TestContext.Current.CancellationToken))[^1];
        var (code, said, grant) = await people.GrantAsync("line-a", (await site.KeyAsync()).Fingerprint, his);
        Assert.NotEqual(0, code);
        Assert.Contains("or this is somebody else's key", said, StringComparison.Ordinal);
        Assert.False(File.Exists(grant));
    }

    /// <summary>Neither in the store nor on the disk of the device is a piece of the weights that any of the packages brought.</summary>
    private static void NothingIsPlain(UpdateSite site)
    {
        var weights = File.ReadAllBytes(Path.Combine(Good, "adapter.onnx_adapter"));
        var written = Directory.EnumerateFiles(site.Hub.PathOf("data"), "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "gateway.lock");
        foreach (var (name, content) in site.Stored.Concat(written.Select(f => KeyValuePair.Create(f, File.ReadAllBytes(f)))))
        {
            Assert.True(content.AsSpan().IndexOf(weights.AsSpan(weights.Length / 2, 32)) < 0, $"{name} has weights in it as they are.");
            Assert.True(!name.EndsWith(".age", StringComparison.Ordinal) || content.AsSpan().StartsWith("age-encryption.org/v1\n"u8), $"{name} is not sealed.");
        }
    }
}
