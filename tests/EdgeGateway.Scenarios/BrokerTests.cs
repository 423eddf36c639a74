using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary>Brokers that come late, go away, forget, or ask who we are.</summary>
public class BrokerTests
{
    private static readonly IReadOnlyList<(string Topic, string Payload)> Feed = Site.PlantMessages(seed: 3, seconds: 120);

    [Fact]
    public async Task Without_a_broker_the_gateway_runs_says_so_and_connects_when_it_comes()
    {
        using var broker = MosquittoBroker.New();
        using var site = new Site(broker.Port);
        using var gateway = site.Run();
        await gateway.SaysAsync($"has no connection to 127.0.0.1:{broker.Port} and goes on trying");
        await broker.StartAsync();
        await gateway.SaysAsync(Site.Connected);
        using var subscriber = await site.SubscribeAsync();
        await site.PublishAsync(Feed);
        await site.EndAsync(gateway, subscriber);
        Assert.Equal(subscriber.Counter("received"), subscriber.Counter("taken"));
    }

    [Fact]
    public async Task A_broker_that_accepts_and_never_answers_is_given_up_and_tried_again()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await broker.HangAsync();
        using var site = new Site(broker.Port);
        using var gateway = site.Run();
        await gateway.SaysAsync("the broker has not answered for 15 seconds");
        await broker.WakeAsync();
        await gateway.SaysAsync(Site.Connected);
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task A_session_that_the_broker_lost_is_counted_and_told_once_and_silence_is_not_claimed()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        await site.PublishAsync(Feed);
        broker.Kill();
        await gateway.SaysAsync("goes on trying");
        await broker.StartAsync();
        using var subscriber = await site.SubscribeAsync();
        await Eventually.HoldsAsync(() => subscriber.Transitions().Count(t => t.Kind == "broker") == 2, () => $"the notice of the loss, but: {gateway.Output}");
        Assert.Equal(["raised", "cleared"], subscriber.Transitions().Where(t => t.Kind == "broker").Select(t => t.Transition));
        await site.EndAsync(gateway, subscriber);
        Assert.Equal(1, subscriber.Counter("sessions.lost"));
        Assert.DoesNotContain(subscriber.Transitions(), t => t.Family == "silent");
    }

    [Fact]
    public async Task Status_has_a_birth_a_last_will_and_an_end()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var subscriber = await site.SubscribeAsync();
        using (var gateway = site.Run())
        {
            await Eventually.HoldsAsync(() => subscriber.Status.Contains("\"online\"", StringComparison.Ordinal), "birth");
            gateway.Kill();
            await Eventually.HoldsAsync(() => subscriber.Status.Contains("\"offline\"", StringComparison.Ordinal), "last will");
        }

        using (var gateway = site.Run())
        {
            await Eventually.HoldsAsync(() => subscriber.Status.Contains("\"online\"", StringComparison.Ordinal), "birth after the restart");
            Assert.Equal(0, await gateway.StopAsync());
            await Eventually.HoldsAsync(() => subscriber.Status.Contains("\"stopped\"", StringComparison.Ordinal), "end");
        }
    }

    [Fact]
    public async Task The_password_file_is_read_again_at_every_connect()
    {
        using var broker = MosquittoBroker.New("allow_anonymous false", "password_file passwords");
        await broker.WritePasswordAsync("gw", "second");
        using var site = new Site(broker.Port, s => (s["broker"]!["user"], s["broker"]!["passwordFile"]) = ("gw", "password"));
        await File.WriteAllTextAsync(site.PathOf("password"), "first\n", TestContext.Current.CancellationToken);
        await broker.StartAsync();
        using var gateway = site.Run();
        await gateway.SaysAsync("goes on trying");
        await File.WriteAllTextAsync(site.PathOf("password"), "second\n", TestContext.Current.CancellationToken);
        await gateway.SaysAsync(Site.Connected);
        Assert.Equal(0, await gateway.StopAsync());
        Assert.DoesNotContain("first", gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("second", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_TLS_the_broker_is_believed_by_the_CA_file_and_we_by_our_certificate()
    {
        using var certificates = new Certificates();
        using var broker = MosquittoBroker.New(
            $"cafile {certificates.Ca}", $"certfile {certificates.Server}", $"keyfile {certificates.ServerKey}", "require_certificate true", "use_identity_as_username true", "allow_anonymous false");
        await broker.StartAsync();
        using var site = new Site(broker.Port, s =>
        {
            (s["broker"]!["host"], s["broker"]!["caFile"]) = ("localhost", certificates.Ca);
            (s["broker"]!["certFile"], s["broker"]!["keyFile"]) = (certificates.Client, certificates.ClientKey);
        });
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task A_broker_whose_certificate_another_CA_signed_is_not_believed()
    {
        using var certificates = new Certificates();
        using var others = new Certificates();
        using var broker = MosquittoBroker.New($"certfile {certificates.Server}", $"keyfile {certificates.ServerKey}", "allow_anonymous true");
        await broker.StartAsync();
        using var site = new Site(broker.Port, s => (s["broker"]!["host"], s["broker"]!["caFile"]) = ("localhost", others.Ca));
        using var gateway = site.Run();
        await gateway.SaysAsync("goes on trying");
        Assert.Equal(0, await gateway.StopAsync());
        Assert.DoesNotContain("is connected", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_is_not_there_is_named_and_is_used_as_soon_as_it_is()
    {
        using var certificates = new Certificates();
        using var broker = MosquittoBroker.New($"certfile {certificates.Server}", $"keyfile {certificates.ServerKey}", "allow_anonymous true");
        await broker.StartAsync();
        using var site = new Site(broker.Port, s => (s["broker"]!["host"], s["broker"]!["caFile"]) = ("localhost", "ca.pem"));
        using var gateway = site.Run();
        await gateway.SaysAsync("goes on trying");
        Assert.Contains(site.PathOf("ca.pem"), gateway.Output, StringComparison.Ordinal);
        File.Copy(certificates.Ca, site.PathOf("ca.pem"));
        await gateway.SaysAsync(Site.Connected);
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Theory]
    [InlineData("5", 0)]
    [InlineData("5", 1)]
    [InlineData("3.1.1", 0)]
    [InlineData("3.1.1", 1)]
    public async Task Readings_arrive_over_both_protocols_at_both_qualities(string protocol, int qos)
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port, s => (s["broker"]!["protocol"], s["broker"]!["qos"]) = (protocol, qos));
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        using var subscriber = await site.SubscribeAsync();
        await site.PublishAsync(Feed);
        await site.EndAsync(gateway, subscriber);
        Assert.Equal(subscriber.Counter("received"), subscriber.Counter("taken"));
        Assert.Equal((12 * 120) + 1, subscriber.Counter("taken"));
    }
}
