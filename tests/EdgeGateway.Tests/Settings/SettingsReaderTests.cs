using System.Text;
using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Settings;

public sealed class SettingsReaderTests
{
    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var settings = SettingsSamples.Accepted(SettingsSamples.Minimal);
        var source = Assert.Single(settings.Sources);

        Assert.Equal(
            new BrokerSettings("mosquitto", 1883, MqttProtocol.V5, "edgegateway-north-3", null, null, null, null, null, 1, TimeSpan.FromHours(1), 1000, TimeSpan.FromSeconds(30)),
            settings.Broker);
        Assert.Equal((AckMode.Received, null), (settings.Ack, settings.ModelPath));
        Assert.Equal(new DetectionSettings(null, null, new WindowRule(2, 3), 120, Fusing.Auto, null), settings.Detection);
        Assert.Equal(new AlertSettings(TimeSpan.Zero, MaxPerHour: 60), settings.Alerts with { Maintenance = [] });
        Assert.Empty(settings.Alerts.Maintenance);
        Assert.Equal(new BoundsSettings(4_000, 256 * 1024), settings.Bounds);
        Assert.Equal(new StorageSettings(2_000_000_000), settings.Storage);
        Assert.Equal(("tank", "plant/tank/level", null, null, false), (source.Name, source.Topic.ToString(), source.Asset, source.Values, source.AllValues));
        Assert.Equal((null, TimeZoneInfo.Utc, null, null, TimeSpan.Zero), (source.Time, source.Zone, source.Sample, source.SilentAfter, source.Lateness));
        Assert.Equal((Criticality.Normal, null), (source.Criticality, source.Quality));
        Assert.Empty(source.Units);
        Assert.Empty(source.States);
        Assert.Empty(source.Ranges);
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (source.OnDelay, source.OffDelay));
        Assert.Empty(source.Hysteresis);
        Assert.Equal([], source.Invalid);
    }

    [Fact]
    public void Every_section_arrives_in_the_settings()
    {
        var settings = SettingsSamples.Accepted(SettingsSamples.Full);

        Assert.Equal("north-3", settings.Gateway);
        Assert.Equal(
            new BrokerSettings(
                "mosquitto", 8884, MqttProtocol.V311, "gw", "/certs/ca.pem", "/certs/gw.pem", "/certs/gw.key", "gw", "/run/secrets/mqtt",
                0, TimeSpan.FromDays(1), 20, TimeSpan.FromMinutes(1)),
            settings.Broker);
        Assert.Equal((AckMode.Durable, "/models/mine"), (settings.Ack, settings.ModelPath));
        Assert.Equal(new DetectionSettings(40, 1.5, new WindowRule(3, 5), 240, Fusing.TwoHighest, 0.4), settings.Detection);
        Assert.Equal(new AlertSettings(TimeSpan.FromMinutes(10), MaxPerHour: 30) { Mode = AlertMode.Observe, HubBytesPerDay = 1_000_000, Realarm = TimeSpan.FromHours(8) }, settings.Alerts with { Maintenance = [] });
        var wash = Assert.Single(settings.Alerts.Maintenance);
        Assert.Equal(("wash", "line-1/*", new DateTimeOffset(2026, 11, 28, 5, 0, 0, TimeSpan.Zero), TimeSpan.FromHours(3), TimeSpan.FromDays(1)), (wash.Name, Assert.Single(wash.Assets), wash.From, wash.Length, wash.Repeat));
        Assert.Equal(new BoundsSettings(100, 4096), settings.Bounds);
        Assert.Equal(new StorageSettings(5_000_000) { OutboxBytes = 8_000_000, OutboxAlerts = 3_000, OutboxExpiry = TimeSpan.FromDays(7), RecorderBytes = 0 }, settings.Storage);
        Assert.Equal(("store.example:443 10.0.0.5:8443 fd00::5:8443", "/certs/store.pem", new Uri("http://proxy:3128")), (string.Join(' ', settings.Updates.Hosts!.Value), settings.Updates.CaFile, settings.Updates.Proxy));
        Assert.Equal(["pumps", "tank", "all", "boilers"], settings.Sources.Select(source => source.Name));
    }

    [Fact]
    public void Every_key_of_a_source_arrives_in_the_settings()
    {
        var pumps = SettingsSamples.Accepted(SettingsSamples.Full).Sources[0];

        Assert.Equal(("plant/+/pump/+", "{line}/{pump}"), (pumps.Topic.Filter, pumps.Asset));
        Assert.Equal([("pressure", "/p"), ("flow", "/f")], pumps.Values!.Value.Select(value => (value.Name, value.Pointer.ToString())));
        Assert.Equal("/ts", pumps.Time!.ToString());
        Assert.Equal("bar", Assert.Single(pumps.Units, unit => unit.Key == "pressure").Value);
        Assert.Equal((1.0, 0.0), (pumps.States["on"], pumps.States["off"]));
        Assert.Equal([-9999, 1e6], pumps.Invalid);
        Assert.Equal("/q", pumps.Quality!.Pointer.ToString());
        Assert.Equal(["192", "good", "true"], pumps.Quality.Good.Order(StringComparer.Ordinal));
        Assert.Equal(new ValueRange(0, 16), pumps.Ranges["pressure"]);
        Assert.Equal((TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(2), 0.5), (pumps.OnDelay, pumps.OffDelay, pumps.Hysteresis["pressure"]));
        Assert.Equal(Criticality.High, pumps.Criticality);
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(30)), (pumps.Sample, pumps.SilentAfter, pumps.Lateness));
    }

    [Fact]
    public void A_payload_that_is_one_number_has_one_unit_and_one_range()
    {
        var tank = SettingsSamples.Accepted(SettingsSamples.Full).Sources[1];

        Assert.Null(tank.Values);
        Assert.Equal("m", tank.Units[""]);
        Assert.Equal(new ValueRange(0, 4.5), tank.Ranges[""]);
        Assert.Equal(0.25, tank.Hysteresis[""]);
    }

    [Fact]
    public void A_hub_input_has_a_topic_of_its_own_that_is_no_brokers()
    {
        var settings = SettingsSamples.Accepted(SettingsSamples.Full);

        Assert.Equal(["", "", "", "readings"], settings.Sources.Select(s => s.Input ?? ""));
        Assert.Equal("$input/readings", settings.Sources[3].Topic.Filter);
    }

    [Fact]
    public void Messages_of_OPC_UA_bring_their_time_and_every_field_unless_values_are_named()
    {
        var named = SettingsSamples.Accepted(SettingsSamples.Full).Sources[3];
        var every = SettingsSamples.Accepted(SettingsSamples.With(SettingsSamples.Full, "sources.boilers", """{ "topic": "opc", "payload": "opcUa", "range": { "Pressure": [0, 16] }, "lateness": "00:00:01" }""")).Sources[3];

        Assert.Equal((PayloadForm.OpcUa, true, false), (named.Payload, named.HasEventTime, named.AllValues));
        Assert.Equal((PayloadForm.OpcUa, true, true), (every.Payload, every.HasEventTime, every.AllValues));
        Assert.Equal(new ValueRange(0, 16), every.Ranges["Pressure"]);
    }

    [Fact]
    public void A_star_means_every_top_level_number()
    {
        var all = SettingsSamples.Accepted(SettingsSamples.Full).Sources[2];

        Assert.True(all.AllValues);
        Assert.Null(all.Values);
    }

    [Theory]
    [InlineData("\"5\"", MqttProtocol.V5)]
    [InlineData("5", MqttProtocol.V5)]
    [InlineData("\"3.1.1\"", MqttProtocol.V311)]
    public void The_protocol_is_5_as_text_or_number_or_3_1_1(string json, MqttProtocol protocol) =>
        Assert.Equal(protocol, SettingsSamples.Accepted(SettingsSamples.With(SettingsSamples.Minimal, "broker.protocol", json)).Broker!.Protocol);

    [Fact]
    public void A_number_without_fraction_is_a_whole_number() =>
        Assert.Equal(5, SettingsSamples.Accepted(SettingsSamples.With(SettingsSamples.Minimal, "broker.port", "5.0")).Broker!.Port);

    [Fact]
    public void Tls_moves_the_default_port()
    {
        var json = SettingsSamples.With(SettingsSamples.Minimal, "broker.caFile", "\"/certs/ca.pem\"");

        Assert.Equal(8883, SettingsSamples.Accepted(json).Broker!.Port);
        Assert.Equal(1884, SettingsSamples.Accepted(SettingsSamples.With(json, "broker.port", "1884")).Broker!.Port);
    }

    [Fact]
    public void A_user_needs_no_password_behind_a_client_certificate() =>
        Assert.Equal("gw", SettingsSamples.Accepted(SettingsSamples.With(SettingsSamples.Minimal, "broker.user", "\"gw\"")).Broker!.User);

    [Fact]
    public void A_password_without_encryption_is_warned_of()
    {
        var json = SettingsSamples.With(SettingsSamples.Minimal, "broker.user", "\"gw\"");
        var result = SettingsSamples.Read(SettingsSamples.With(json, "broker.passwordFile", "\"/run/secrets/mqtt\""));

        Assert.True(result.PassesCheck);
        Assert.Equal("broker.passwordFile", Assert.Single(result.Warnings).Path);
    }

    [Theory]
    [InlineData("""{ "url": "http://node-red:1880/alerts" }""", "webhook.url")]
    [InlineData("""{ "url": "http://node-red", "tokenFile": "/t", "caFile": "/c" }""", "webhook.url", "webhook.tokenFile", "webhook.caFile")]
    [InlineData("""{ "url": "HTTPS://node-red", "tokenFile": "/t", "caFile": "/c" }""")]
    public void A_webhook_without_encryption_is_warned_of_and_what_has_no_effect_or_is_seen_by_others_then(string webhook, params string[] places)
    {
        var result = SettingsSamples.Read(SettingsSamples.With(SettingsSamples.Minimal, "webhook", webhook));

        Assert.True(result.PassesCheck);
        Assert.Equal(places, result.Warnings.Select(w => w.Path));
        Assert.Equal("node-red", result.Settings!.Webhook!.Url.Host);
    }

    [Fact]
    public void The_budget_may_be_auto() =>
        Assert.Null(SettingsSamples.Accepted(SettingsSamples.With(SettingsSamples.Full, "detection.budget", "\"auto\"")).Detection.BudgetPercent);

    [Theory]
    [InlineData("""{ "threshold": -20, "windows": "1 of 1", "silence": 10, "fusing": "highest", "kindMinimum": 0 }""", -20, 1, 1, 10, Fusing.Highest, 0)]
    [InlineData("""{ "threshold": 20, "windows": "10 of 10", "silence": 10000, "fusing": "auto", "kindMinimum": 1 }""", 20, 10, 10, 10_000, Fusing.Auto, 1)]
    [InlineData("""{ "threshold": 0.25, "windows": "1 of 10", "silence": 120.0 , "fusing": "twoHighest", "kindMinimum": 0.5 }""", 0.25, 1, 10, 120, Fusing.TwoHighest, 0.5)]
    public void Each_setting_of_detection_may_go_to_its_ends(string json, double threshold, int needed, int of, int silence, Fusing fusing, double kindMinimum) => Assert.Equal(
        new DetectionSettings(null, threshold, new WindowRule(needed, of), silence, fusing, kindMinimum),
        SettingsSamples.Accepted(SettingsSamples.With(SettingsSamples.Minimal, "detection", json)).Detection);

    [Fact]
    public void An_asset_that_leaves_a_level_out_is_warned_of()
    {
        var result = SettingsSamples.Read(SettingsSamples.With(SettingsSamples.Full, "sources.pumps.asset", "\"{line}\""));

        Assert.Contains(result.Warnings, warning => warning.Path == "sources.pumps.asset" && warning.Message.Contains("{pump}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("lateness", "\"00:00:10\"")]
    [InlineData("zone", "\"UTC\"")]
    public void What_has_no_effect_without_a_time_is_warned_of(string key, string value)
    {
        var result = SettingsSamples.Read(SettingsSamples.With(SettingsSamples.Minimal, $"sources.tank.{key}", value));

        Assert.Equal($"sources.tank.{key}", Assert.Single(result.Warnings).Path);
        Assert.NotNull(result.Settings);
    }

    [Fact]
    public void A_time_zone_is_known_by_its_iana_name()
    {
        Assert.SkipUnless(TimeZoneInfo.TryFindSystemTimeZoneById("Europe/Berlin", out var berlin), "This system has no time zone data.");

        Assert.Equal(berlin, SettingsSamples.Accepted(SettingsSamples.With(SettingsSamples.Full, "sources.pumps.zone", "\"Europe/Berlin\"")).Sources[0].Zone);
    }

    [Fact]
    public void A_byte_order_mark_before_the_document_is_skipped()
    {
        var result = SettingsReader.Read(Encoding.UTF8.GetPreamble().Concat(Encoding.UTF8.GetBytes(SettingsSamples.Minimal)).ToArray(), "site.json");

        Assert.True(result.PassesCheck);
    }

    [Fact]
    public void Another_gateways_topics_may_be_read() =>
        SettingsSamples.Accepted(SettingsSamples.With(SettingsSamples.Minimal, "sources.tank.topic", "\"edgegateway/south-1/status\""));

    [Fact]
    public void A_broker_may_be_left_out_where_every_source_reads_a_hub_input()
    {
        const string Inputs = """{ "schema": 1, "gateway": "north-3", "sources": { "presses": { "input": "readings", "payload": "opcUa" } } }""";
        Assert.Null(SettingsSamples.Accepted(Inputs).Broker);
        var mixed = SettingsSamples.Read(SettingsSamples.With(Inputs, "sources.tank", """{ "topic": "plant/tank/level" }"""));
        Assert.Equal("""site.json: broker is missing; write "broker": { "host": "..." }.""", Assert.Single(mixed.Errors).ToString());
        var commands = SettingsSamples.Read(SettingsSamples.With(Inputs, "operations.commands", """["status"]"""));
        Assert.Contains("operations.commands has no effect without a broker", Assert.Single(commands.Warnings).ToString(), StringComparison.Ordinal);
    }
}
