using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary>A Mosquitto with the files of <c>deployment/mosquitto</c>.</summary>
public class DeploymentTests
{
    private const string Root = $"edgegateway/{Site.Gateway}";
    private static readonly string[] Users = ["gateway", "sensors", "operator"];
    private static readonly string[] Topics = [$"{Root}/events", $"{Root}/status", $"{Root}/alerts/abcdefghij2345672345", $"{Root}/replies/me", $"{Root}/commands/ping", "plant/tank/level"];

    [Fact]
    public async Task Only_the_gateway_writes_what_is_the_gateways_only_operators_command_and_sensors_write_their_plant()
    {
        using var certificates = new Certificates();
        using var broker = await MosquittoBroker.DeployedAsync(certificates, Users);
        await broker.StartAsync();
        using var seen = Listen(broker, certificates, "operator");
        await Eventually.HoldsAsync(() => Publish(broker, certificates, "sensors", "plant/begin", "begin") == 0 && seen.Lines.Contains("plant/begin begin"), "the subscription is in force");
        foreach (var user in Users)
        {
            foreach (var topic in Topics)
            {
                Publish(broker, certificates, user, topic, user);
            }
        }

        Assert.NotEqual(0, Publish(broker, certificates, "stranger", Topics[0], "stranger"));
        Assert.NotEqual(0, Publish(broker, certificates, null, Topics[0], "nobody"));
        Publish(broker, certificates, "gateway", Topics[0], "end");
        await Eventually.HoldsAsync(() => seen.Lines.Contains($"{Topics[0]} end"), "the last message");
        Assert.Equal(
            [.. Topics[..4].Select(t => $"{t} gateway"), "plant/tank/level sensors", $"{Root}/commands/ping operator", $"{Topics[0]} end"],
            seen.Lines.Where(line => line != "plant/begin begin"));
    }

    [Fact]
    public async Task Sensors_read_nothing()
    {
        using var certificates = new Certificates();
        using var broker = await MosquittoBroker.DeployedAsync(certificates, Users);
        await broker.StartAsync();
        using var sensors = Listen(broker, certificates, "sensors");
        using var operators = Listen(broker, certificates, "operator");
        await Eventually.HoldsAsync(() => Publish(broker, certificates, "gateway", Topics[0], "one") == 0 && !operators.Lines.IsEmpty, "operators read");
        Assert.Empty(sensors.Lines);
    }

    [Fact]
    public async Task A_gateway_works_with_it_and_an_operators_command_reaches_it()
    {
        using var certificates = new Certificates();
        using var broker = await MosquittoBroker.DeployedAsync(certificates, Users);
        await broker.StartAsync();
        using var site = new Site(broker.Port, settings =>
        {
            var section = settings["broker"]!;
            (section["host"], section["caFile"], section["user"], section["passwordFile"]) = ("localhost", certificates.Ca, "gateway", "password");
            settings["sources"]!["end"]!["topic"] = "plant/end";
            settings["sources"]!["plant"]!["topic"] = "plant/line/#";
            settings["operations"] = new JsonObject { ["commands"] = new JsonArray("ping") };
        });
        await File.WriteAllTextAsync(site.PathOf("password"), "gateway\n", TestContext.Current.CancellationToken);
        using var seen = Listen(broker, certificates, "operator");
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        await gateway.SaysAsync($"edgegateway-{Site.Gateway}-out is connected");
        var (code, answer) = await Tool.RunAsync(
            "mosquitto_rr", [.. Client(broker, certificates, "operator"), "-V", "5", "-W", "20", "-t", $"{Root}/commands/ping", "-e", $"{Root}/replies/me", "-m", "{}"]);
        Assert.True(code == 0 && answer.Contains("\"status\":200", StringComparison.Ordinal), answer);
        Publish(broker, certificates, "sensors", "plant/end", """{"ts":"2026-01-01T00:00:00Z","v":2}""");
        await Eventually.HoldsAsync(() => seen.Lines.Any(l => l.StartsWith($"{Root}/events ", StringComparison.Ordinal)) && seen.Lines.Any(l => l.StartsWith($"{Root}/alerts/", StringComparison.Ordinal)), () => gateway.Output);
        Assert.Contains(seen.Lines, l => l.StartsWith($"{Root}/status ", StringComparison.Ordinal));
        Assert.Equal(0, await gateway.StopAsync());
        Assert.DoesNotContain("warn", gateway.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("does not let us", gateway.Output, StringComparison.Ordinal);
    }

    /// <summary>Publishes one message at QoS 1 under a user whose password is his name; gives the exit code.</summary>
    private static int Publish(MosquittoBroker broker, Certificates certificates, string? user, string topic, string payload)
    {
        using var process = Tool.Start(Tool.Require("mosquitto_pub"), [.. Client(broker, certificates, user), "-q", "1", "-t", topic, "-m", payload]);
        process.WaitForExit();
        return process.ExitCode;
    }

    private static Listener Listen(MosquittoBroker broker, Certificates certificates, string user) =>
        new(Tool.Start(Tool.Require("mosquitto_sub"), [.. Client(broker, certificates, user), "-q", "1", "-t", "edgegateway/#", "-t", "plant/#", "-F", "%t %p"]));

    private static string[] Client(MosquittoBroker broker, Certificates certificates, string? user) =>
        ["-h", "localhost", "-p", broker.Port.ToString(CultureInfo.InvariantCulture), "--cafile", certificates.Ca, .. user is null ? [] : new[] { "-u", user, "-P", user }];
}
