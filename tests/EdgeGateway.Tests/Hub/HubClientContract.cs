using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Hub;
using Hubstand;
using Hubstand.Identities;

namespace EdgeGateway.Tests.Hub;

/// <summary>
/// What every <see cref="IHubClient"/> does, shown against the stand-in. A further implementation derives from this and makes its client in <see cref="New"/>; it may be compiled
/// outside this repository, with this file and its two helpers.
/// </summary>
public abstract class HubClientContract : IAsyncLifetime
{
    private const string Module = "edgeGateway";
    private HubOwner? owner;

    /// <summary>How the stand-in is set up; for a client whose port is fixed, with that port.</summary>
    protected virtual HubStandOptions Options => new();

    private protected HubStand Stand { get; private set; } = null!;

    private protected HubOwner Owner => owner!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IdentityName Name => Stand.NameOf(Module);

    /// <summary>Makes a client that takes its identity from these variables; it trusts the stand-in's CA file or, with the runtime's variables, its trust bundle.</summary>
    internal abstract IHubClient New(IReadOnlyDictionary<string, string> variables, HubStand stand);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Stand = await HubStand.StartAsync(Options);
        owner = new HubOwner(New(ConnectionString(), Stand));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Owner.DisposeAsync();
        await Stand.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task It_connects_with_a_connection_string_and_the_owner_reads_the_twin()
    {
        Stand.PatchDesired(Name, new JsonObject { ["alerts"] = new JsonObject { ["mode"] = "full" } });
        JsonNode? twin = null;
        Owner.OnConnected = async token => twin = JsonNode.Parse((await Owner.Client.GetTwinAsync(token)).Span);
        await Owner.Start().ConnectedAsync();
        Assert.Equal("full", (string?)twin!["desired"]!["alerts"]!["mode"]);
        Assert.True((long)twin["desired"]!["$version"]! > 0);
        Assert.True((long)twin["reported"]!["$version"]! > 0);
        Assert.Equal(new HubIdentity(Stand.Options.HubHost, Stand.Options.Device, Module), Owner.Client.Identity);
    }

    [Fact]
    public async Task It_connects_from_the_environment_of_the_runtime_through_its_workload_API()
    {
        await using var module = new HubOwner(New(Stand.ModuleEnvironment(Module), Stand)).Start();
        await module.ConnectedAsync();
        Assert.Equal([Name.ToString()], Stand.Connected);
    }

    [Fact]
    public async Task A_message_arrives_with_its_id_its_output_its_kind_of_content_and_its_properties()
    {
        await Owner.Start().ConnectedAsync();
        await Owner.SendAsync("abc.1", """{"a":1}""", "alerts", ("kind", "drift"), ("odd", "a=b/c&d+e %?#ü☃"), ("empty", ""));
        var message = Assert.Single(Stand.Telemetry);
        Assert.Equal(("abc.1", "alerts", """{"a":1}"""), (message.Id, message.Output, Encoding.UTF8.GetString(message.Body.Span)));
        Assert.Equal(("application/json", "utf-8"), (message.SystemProperties["$.ct"], message.SystemProperties["$.ce"]));
        Assert.Equal(("drift", "a=b/c&d+e %?#ü☃", ""), (message.Properties["kind"], message.Properties["odd"], message.Properties["empty"]));
        Assert.Equal(Name, message.Sender);
    }

    [Theory]
    [InlineData("deviceId")]
    [InlineData("moduleId")]
    [InlineData("$.on")]
    public async Task A_property_that_the_hub_would_read_as_its_own_is_refused_before_it_is_sent(string name)
    {
        await Owner.Start().ConnectedAsync();
        var refused = await Assert.ThrowsAsync<HubException>(() => Owner.SendAsync("abc.1", properties: (name, "x")));
        Assert.Equal(HubFault.Refused, refused.Fault);
        Assert.Empty(Stand.Telemetry);
    }

    [Fact]
    public async Task A_message_that_the_hub_does_not_take_is_not_sent_and_the_connection_stays()
    {
        await Owner.Start().ConnectedAsync();
        var tooLarge = await Assert.ThrowsAsync<HubException>(() => Owner.SendAsync("large", new string('x', 250 << 10)));
        Assert.Equal(HubFault.TooLarge, tooLarge.Fault);
        await Owner.SendAsync("small");
        Assert.Equal(["small"], Stand.Telemetry.Select(m => m.Id));
        Assert.Equal(1, Owner.Connects);
    }

    [Fact]
    public async Task Reported_properties_are_merged_and_null_removes_one()
    {
        await Owner.Start().ConnectedAsync();
        await Owner.Client.UpdateReportedAsync("""{"a":1,"b":{"c":2}}"""u8.ToArray(), Token);
        await Owner.Client.UpdateReportedAsync("""{"a":null}"""u8.ToArray(), Token);
        var reported = Stand.Twin(Name)["reported"]!.AsObject();
        Assert.Equal((false, 2), (reported.ContainsKey("a"), (int)reported["b"]!["c"]!));
    }

    [Fact]
    public async Task A_change_of_the_desired_properties_comes_as_it_is_with_its_version()
    {
        await Owner.Start().ConnectedAsync();
        var version = Stand.PatchDesired(Name, new JsonObject { ["a"] = 1 });
        await Until.HoldsAsync(() => !Owner.Desired.IsEmpty, "the change comes");
        var patch = Assert.Single(Owner.Desired);
        Assert.Equal((1, version), ((int)patch["a"]!, (long)patch["$version"]!));
    }

    [Theory]
    [InlineData(429, true, HubFault.Throttled)]
    [InlineData(429, false, HubFault.Throttled)]
    [InlineData(500, false, HubFault.Throttled)]
    [InlineData(400, true, HubFault.Refused)]
    [InlineData(400, false, HubFault.Refused)]
    internal async Task A_refusal_about_the_twin_is_told_by_its_status_with_and_without_a_body(int status, bool body, HubFault fault)
    {
        await Owner.Start().ConnectedAsync();
        (Stand.Switches.TwinStatus, Stand.Switches.TwinErrorBodies, Stand.Switches.FailTwinRequests) = (status, body, 2);
        Assert.Equal(fault, (await Assert.ThrowsAsync<HubException>(() => Owner.Client.GetTwinAsync(Token))).Fault);
        Assert.Equal(fault, (await Assert.ThrowsAsync<HubException>(() => Owner.Client.UpdateReportedAsync("""{"a":1}"""u8.ToArray(), Token))).Fault);
    }

    [Theory]
    [InlineData("""{"sensor":"a/b"}""")]
    [InlineData("")]
    public async Task A_direct_method_is_answered_with_status_and_payload(string payload)
    {
        Owner.OnMethod = (request, _) => Task.FromResult(new MethodResponse(207, Encoding.UTF8.GetBytes($$"""{"name":"{{request.Name}}","bytes":{{request.Payload.Length}}}""")));
        await Owner.Start().ConnectedAsync();
        var result = await Stand.InvokeAsync(Name, "explain", payload, token: Token);
        var sent = Assert.Single(Owner.Invoked).Payload;
        Assert.Equal((207, "explain"), (result.Status, (string?)JsonNode.Parse(result.Payload.Span)!["name"]));
        Assert.True(payload.Length == 0 ? sent.Length <= 4 : JsonNode.DeepEquals(JsonNode.Parse(payload), JsonNode.Parse(sent.Span)), Encoding.UTF8.GetString(sent.Span));
    }

    [Fact]
    public async Task Several_direct_methods_run_side_by_side()
    {
        var both = new Barrier(2);
        Owner.OnMethod = (request, token) => Task.Run(() =>
        {
            both.SignalAndWait(token);
            return new MethodResponse(200, request.Payload);
        }, token);
        await Owner.Start().ConnectedAsync();
        var results = await Task.WhenAll(Stand.InvokeAsync(Name, "a", "1", token: Token), Stand.InvokeAsync(Name, "b", "2", token: Token));
        Assert.Equal([200, 200], results.Select(r => r.Status));
    }

    [Fact]
    public async Task Inputs_come_in_order_with_their_properties_and_are_acknowledged_when_they_were_taken()
    {
        var gate = new TaskCompletionSource();
        Owner.OnInput = (_, _) => gate.Task;
        await Owner.Start().ConnectedAsync();
        foreach (var n in Enumerable.Range(1, 3))
        {
            Stand.SendToInput(Module, "readings", Encoding.UTF8.GetBytes($"{n}"), new Dictionary<string, string?> { ["odd"] = "a=b&c d" }, from: "opcPublisher");
        }

        await Until.HoldsAsync(() => !Owner.Inputs.IsEmpty, "the first input comes");
        Assert.Equal(3, Stand.WaitingInputs(Module));
        gate.SetResult();
        await Until.HoldsAsync(() => Stand.WaitingInputs(Module) == 0, "all inputs are acknowledged");
        Assert.Equal(["1", "2", "3"], Owner.Inputs.Select(i => Encoding.UTF8.GetString(i.Body.Span)));
        Assert.All(Owner.Inputs, i => Assert.Equal(("readings", "a=b&c d"), (i.Input, i.Properties["odd"])));
    }

    [Fact]
    public async Task After_the_connection_was_dropped_it_connects_again_and_everything_works()
    {
        await Owner.Start().ConnectedAsync();
        Stand.DisconnectAll();
        await Owner.ConnectedAsync(times: 2);
        await Owner.SendAsync("after");
        Stand.PatchDesired(Name, new JsonObject { ["a"] = 2 });
        await Until.HoldsAsync(() => !Owner.Desired.IsEmpty, "a change comes over the new connection");
        Assert.Equal(200, (await Stand.InvokeAsync(Name, "ping", "", token: Token)).Status);
        Assert.Single(Owner.Causes);
    }

    [Fact]
    public async Task Without_a_connection_a_call_fails_as_unavailable()
    {
        await Owner.Start().ConnectedAsync();
        Stand.Switches.Down = true;
        await Until.HoldsAsync(() => !Owner.Causes.IsEmpty, "the loss is told");
        var failed = await Assert.ThrowsAsync<HubException>(() => Owner.SendAsync("lost"));
        Assert.Equal(HubFault.Unavailable, failed.Fault);
    }

    [Fact]
    public async Task When_it_is_stopped_it_disconnects()
    {
        await Owner.Start().ConnectedAsync();
        Assert.Single(Stand.Connected);
        await Owner.DisposeAsync();
        await Until.HoldsAsync(() => Stand.Connected.Count == 0, "the connection ends");
        owner = new HubOwner(New(ConnectionString(), Stand));
    }

    private Dictionary<string, string> ConnectionString() => new()
    {
        ["EdgeHubConnectionString"] = Stand.ConnectionString(Name),
        ["EdgeModuleCACertificateFile"] = Stand.CaFile,
    };
}
