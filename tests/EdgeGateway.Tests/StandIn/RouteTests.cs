using System.Text;
using Hubstand.Hub;
using Hubstand.Identities;
using Hubstand.Routes;
using Hubstand.Twins;

namespace EdgeGateway.Tests.StandIn;

/// <summary>Routes and manifests.</summary>
public class RouteTests
{
    [Theory]
    [InlineData("FROM /messages/modules/m/outputs/alerts INTO $upstream", true)]
    [InlineData("from /messages/modules/M/outputs/Alerts into $upstream", true)]
    [InlineData("FROM /messages/modules/m/outputs/* INTO $upstream", true)]
    [InlineData("FROM /messages/modules/m/* INTO $upstream", true)]
    [InlineData("FROM /messages/* INTO $upstream", true)]
    [InlineData("FROM /* INTO $upstream", true)]
    [InlineData("FROM /messages/modules/m/outputs/alarms INTO $upstream", false)]
    [InlineData("FROM /messages/modules/other/outputs/alerts INTO $upstream", false)]
    public void A_route_takes_what_comes_from_its_source(string route, bool takes) => Assert.Equal(takes, Route.Parse("r", route).Takes(Message()));

    [Theory]
    [InlineData("severity > 500", true)]
    [InlineData("severity > 700", false)]
    [InlineData("kind = 'spike and dip' AND severity >= 700", true)]
    [InlineData("kind = \"step\"", false)]
    [InlineData("kind != 'step'", true)]
    [InlineData("$body.data.active = true AND $body.n < 3", true)]
    [InlineData("$body.text = 'x AND y'", true)]
    [InlineData("$body.missing = 1", false)]
    [InlineData("missing = 'x'", false)]
    public void A_condition_compares_properties_and_the_body(string condition, bool holds) =>
        Assert.Equal(holds, Route.Parse("r", $"FROM /messages/* WHERE {condition} INTO $upstream").Takes(Message()));

    [Theory]
    [InlineData("FROM /messages/* WHERE length($body) > 3 INTO $upstream")]
    [InlineData("FROM /messages/* WHERE a = 1 OR b = 2 INTO $upstream")]
    [InlineData("FROM /twinChangeNotifications INTO $upstream")]
    [InlineData("FROM /messages/* INTO $downstream")]
    [InlineData("FROM /messages/* INTO BrokeredEndpoint(\"/modules/x\")")]
    [InlineData("")]
    public void What_cannot_be_evaluated_is_refused_with_its_name(string route) => Assert.StartsWith("Route mine", Assert.Throws<FormatException>(() => Route.Parse("mine", route)).Message);

    [Fact]
    public void A_route_may_lead_to_an_input()
    {
        var route = Route.Parse("r", "FROM /messages/modules/a/outputs/o INTO BrokeredEndpoint(\"/modules/edgeGateway/inputs/readings\")");
        Assert.Equal(("edgeGateway", "readings"), (route.Module, route.Input));
    }

    [Fact]
    public void A_manifest_has_routes_of_both_forms_modules_and_dotted_sections()
    {
        var manifest = Manifest.Parse(Of("1.1", """{ "a": "FROM /* INTO $upstream", "b": { "route": "FROM /messages/* INTO $upstream", "priority": 0, "timeToLiveSecs": 7200 } }"""), "m.json");
        Assert.Equal(["a", "b"], manifest.Routes.Select(r => r.Name));
        Assert.Equal(["edgeGateway", "other"], manifest.Modules);
        Assert.Equal("""{"schema":1,"sources":{"x":2}}""", Deployment.Over([], manifest.Desired["edgeGateway"]).ToJsonString());
    }

    [Theory]
    [InlineData("2.0", "{}", "schemaVersion 2.0")]
    [InlineData("1.1", """{ "a": 5 }""", "Route a")]
    [InlineData("1.1", """{ "a": { "route": "FROM /* INTO $upstream", "priority": 10 } }""", "priority 10")]
    [InlineData("1.1", """{ "a": "FROM nowhere" }""", "Route a")]
    public void A_manifest_that_the_runtime_would_refuse_is_refused_in_a_sentence(string version, string routes, string says)
    {
        var refused = Assert.Throws<InvalidDataException>(() => Manifest.Parse(Of(version, routes), "m.json"));
        Assert.StartsWith("m.json", refused.Message);
        Assert.Contains(says, refused.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{ "modulesContent": { "edgeGateway": {} } }""")]
    public void What_is_no_manifest_is_refused(string json) => Assert.Throws<InvalidDataException>(() => Manifest.Parse(json, "m.json"));

    private static string Of(string version, string routes) => $$"""
        { "modulesContent": {
          "$edgeAgent": { "properties.desired": { "schemaVersion": "1.1", "modules": { "edgeGateway": {}, "other": {} } } },
          "$edgeHub": { "properties.desired": { "schemaVersion": "{{version}}", "routes": {{routes}} } },
          // the template may hold comments
          "edgeGateway": { "properties.desired": { "schema": 1 }, "properties.desired.sources": { "x": 2 } } } }
        """;

    private static TelemetryMessage Message() => new(
        1, new IdentityName("d", "m"), "alerts", new Dictionary<string, string?> { ["severity"] = "700", ["kind"] = "spike and dip" }, new Dictionary<string, string?>(),
        Encoding.UTF8.GetBytes("""{ "data": { "active": true }, "n": 2, "text": "x AND y" }"""), default);
}
