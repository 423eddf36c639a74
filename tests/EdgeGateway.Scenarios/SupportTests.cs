using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary><c>EdgeGateway support</c> and the command: what they say, and what they keep to themselves.</summary>
public class SupportTests
{
    private const string Password = "canary-of-the-password";
    private const string Query = "sv=2024&sig=canary-of-the-query";
    private static readonly string[] Entries = ["about.json", "doctor.json", "settings.json", "metrics.json", "database.json", "slots.json", "files.json"];

    [Fact]
    public async Task The_bundle_of_a_gateway_that_runs_holds_no_secret_and_nothing_that_harms_who_opens_it()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port, WithSecrets);
        await File.WriteAllTextAsync(site.PathOf("password"), Password + "\n", TestContext.Current.CancellationToken);
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        await gateway.SaysAsync("The operator page is served");
        await File.WriteAllTextAsync(Path.Combine(site.Data, "=cmd<b>\u202e"), "", TestContext.Current.CancellationToken);
        var files = await BundleAsync(site, "without passwords");
        Assert.Equal(0, await gateway.StopAsync());

        Assert.Superset(Entries.ToHashSet(), files.Keys.ToHashSet());
        string[] secrets = [Password, "canary-of-the-query", .. SecretsIn(site.Data)];
        Assert.True(secrets.Length >= 5, "the gateway made no tokens");
        Assert.All(files.Values, text => Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal)));
        Assert.All(files.Values, text => Assert.All("<>\u202e", c => Assert.DoesNotContain(c, text)));

        // the same search finds what is there
        Assert.Contains(files.Values, text => text.Contains(Site.Gateway, StringComparison.Ordinal));
        Assert.Contains("(hidden)", files["settings.json"], StringComparison.Ordinal);
        Assert.Contains(@"=cmd\u003Cb\u003E\u202E", files["files.json"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_leaves_a_bundle_of_the_gateway_that_runs_in_its_data_folder_and_no_secret_in_it()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        await File.WriteAllTextAsync(site.PathOf("password"), Password + "\n", TestContext.Current.CancellationToken);
        var settings = new JsonObject { ["schema"] = 1, ["hub"] = new JsonObject { ["port"] = site.Stand.MqttPort } };
        settings["broker"] = new JsonObject { ["host"] = "127.0.0.1", ["port"] = broker.Port };
        WithSecrets(settings);
        settings["operations"]!["metrics"] = MosquittoBroker.FreePort();
        await File.WriteAllTextAsync(site.PathOf("site.json"), settings.ToJsonString(), TestContext.Current.CancellationToken);
        site.Patch(new JsonObject { ["sources"] = site.Desired["sources"]!.DeepClone() });
        using var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        await gateway.SaysAsync("The operator page is served");
        await Eventually.HoldsAsync(() => (string?)site.Status()["state"] == "running", () => $"it runs, but said:\n{gateway.Output}");

        var (status, answer) = await site.InvokeAsync("support");
        Assert.True(status == 200, answer.ToJsonString());
        var path = (string)answer["file"]!;
        Assert.StartsWith(Path.Combine(site.PathOf("data"), "support"), path, StringComparison.Ordinal);
        Assert.Equal((string)answer["sha256"]!, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken))));
        var files = await ReadAsync(path);
        Assert.Equal(0, await gateway.StopAsync());

        Assert.Superset(Entries.Append("status.json").ToHashSet(), files.Keys.ToHashSet());
        string[] secrets = [Password, "canary-of-the-query", .. SecretsIn(site.PathOf("data"))];
        Assert.True(secrets.Length >= 4, "the gateway made no tokens");
        Assert.All(files.Values, text => Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal)));
        Assert.Equal("running", (string?)JsonNode.Parse(files["status.json"])!["state"]);
        Assert.Equal("twin", (string?)JsonNode.Parse(files["settings.json"])!["sections"]!["sources.plant"]!["from"]);
        Assert.Contains("lets this gateway in", files["doctor.json"], StringComparison.Ordinal);
        Assert.Contains("edgegateway_running", files["metrics.json"], StringComparison.Ordinal);
        Assert.Contains("\"schema\"", files["database.json"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_database_and_a_folder_that_is_not_there_are_said_and_end_nothing()
    {
        using var site = new Site(port: 1);
        Assert.Contains("does not exist", (await BundleAsync(site, "There is no data folder"))["files.json"], StringComparison.Ordinal);
        Directory.CreateDirectory(site.Data);
        await File.WriteAllTextAsync(Path.Combine(site.Data, "gateway.db"), "no database at all, but long enough to be looked at", TestContext.Current.CancellationToken);
        Assert.Contains("error", (await BundleAsync(site, "without passwords"))["database.json"], StringComparison.Ordinal);
    }

    private static void WithSecrets(JsonObject settings)
    {
        settings["broker"]!["user"] = "gateway";
        settings["broker"]!["passwordFile"] = "password";
        settings["operations"] = new JsonObject { ["page"] = MosquittoBroker.FreePort() };
        settings["adapters"] = new JsonObject { ["pumps"] = new JsonObject { ["release"] = 1, ["url"] = "https://127.0.0.1:1/manifest.json", ["sha256"] = new string('a', 64), ["query"] = Query } };
    }

    /// <summary>The page's tokens and whatever of the device's keys is text.</summary>
    private static IEnumerable<string> SecretsIn(string data) =>
        from file in Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories)
        where Path.GetFileName(file) is "tokens" || Path.GetFileName(file).Contains("key", StringComparison.Ordinal)
        from word in Encoding.Latin1.GetString(File.ReadAllBytes(file)).Split(['\n', ' ', '"', ','])
        where word.Length > 24 && !word.StartsWith("age1", StringComparison.Ordinal) // the public part is no secret
        select word;

    private static async Task<Dictionary<string, string>> BundleAsync(Site site, string says)
    {
        var path = site.PathOf("bundle.zip");
        using var support = GatewayProcess.Start(Path.GetDirectoryName(site.Configuration)!, "support", "--config", site.Configuration, "--data", site.Data, "--out", path);
        Assert.Equal(0, await support.ExitAsync());
        Assert.Contains(says, support.Output, StringComparison.Ordinal);
        return await ReadAsync(path);
    }

    private static async Task<Dictionary<string, string>> ReadAsync(string path)
    {
        await using var zip = await ZipFile.OpenReadAsync(path, TestContext.Current.CancellationToken);
        var files = new Dictionary<string, string>();
        foreach (var entry in zip.Entries)
        {
            using var reader = new StreamReader(await entry.OpenAsync(TestContext.Current.CancellationToken));
            files[entry.FullName] = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }

        return files;
    }
}
