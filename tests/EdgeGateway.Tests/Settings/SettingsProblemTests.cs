using System.Text;
using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Settings;

public sealed class SettingsProblemTests
{
    public static readonly TheoryData<string, string?, string> Refused = new()
    {
        { "schema", null, "is missing; write \"schema\": 1" },
        { "schema", "2", "a whole number from 1 to 1" },
        { "gateway", null, "is missing" },
        { "gateway", "\"north 3\"", "letters, digits, dots" },
        { "gateway", "7", "is a number" },
        { "broker", null, "is missing" },
        { "broker", "\"mosquitto\"", "is a text; write an object" },
        { "broker.host", null, "is missing" },
        { "broker.host", "\"\"", "is empty" },
        { "broker.host", "\"mqtt://mosquitto\"", "is a URL" },
        { "broker.host", "\"mosquitto:1883\"", "has a port" },
        { "broker.host", "\"mos quitto\"", "is no host name" },
        { "broker.host", "\"gw:hunter2@mosquitto\"", "is no host name" },
        { "broker.host", "null", "is null; leave the key out" },
        { "broker.port", "0", "a whole number from 1 to 65,535" },
        { "broker.port", "\"1883\"", "is a text" },
        { "broker.protocol", "4", "write \"5\" or \"3.1.1\"" },
        { "broker.qos", "2", "a whole number from 0 to 1" },
        { "broker.keyFile", null, "certFile needs keyFile" },
        { "broker.certFile", null, "keyFile needs certFile" },
        { "broker.user", null, "passwordFile needs user" },
        { "broker.password", "\"hunter2\"", "put it into a file" },
        { "broker.sessionExpiry", "\"1h\"", "hh:mm:ss" },
        { "broker.sessionExpiry", "3600", "is a number; write a duration" },
        { "broker.keepAlive", "\"00:00:00\"", "from 00:00:01" },
        { "broker.receiveMaximum", "65536", "from 1 to 65,535" },
        { "webhook.url", null, "is missing; write the address that alerts are posted to" },
        { "webhook.url", "\"ftp://host/x\"", "is no http or https URL" },
        { "webhook.url", "\"node-red/alerts\"", "is no http or https URL" },
        { "webhook.url", "\"https://\"", "is no http or https URL" },
        { "webhook.url", "\"https://node red/alerts\"", "is no http or https URL" },
        { "webhook.url", "\"https://host:99999/\"", "is no http or https URL" },
        { "webhook.url", "\"https://gw:hunter2@host/\"", "has a user in it; write the address without one" },
        { "webhook.url", "80", "is a number; write a URL in quotes" },
        { "webhook.tokenFile", "\"\"", "is empty" },
        { "webhook.token", "\"hunter2\"", "put it into a file" },
        { "webhook.caFile", "true", "is true or false" },
        { "webhook", "\"https://host\"", "is a text; write an object" },
        { "sources", "{}", "nothing to read" },
        { "sources", null, "is missing" },
        { "sources", "[]", "is a list; write an object" },
        { "sources.pumps.topic", null, "is missing" },
        { "sources.tank.topic", "\"$input/readings\"", "write \"input\": \"readings\" instead" },
        { "sources.pumps.input", "\"readings\"", "stands beside topic" },
        { "sources.boilers.input", null, "or input for readings that other modules route" },
        { "sources.boilers.input", "\"a b\"", "write a name of 1 to 64 letters, digits, _ and -" },
        { "sources.boilers.input", "7", "is a number" },
        { "sources.boilers.payload", "\"uadp\"", "write \"json\" or \"opcUa\"" },
        { "sources.boilers.asset", "\"{line}/{writer}\"", "names {line}, which the topic does not have; it has {writer}, {publisher}" },
        { "sources.pumps.asset", "\"{writer}\"", "names {writer}, which the topic does not have" },
        { "sources.boilers.values.pressure", "\"/Payload/Pressure\"", "is no field of a data set" },
        { "sources.boilers.time", "\"/Timestamp\"", "have their own times and status codes" },
        { "sources.boilers.zone", "\"UTC\"", "have their own times and status codes" },
        { "sources.boilers.quality", """{ "pointer": "/q", "good": [0] }""", "have their own times and status codes" },
        { "sources.pumps.topic", "\"plant/+/pump\"", "write {name} instead" },
        { "sources.pumps.topic", "\"plant/{line}/{pump}\"", "sources.tank.topic overlaps with plant/{line}/{pump} of the source pumps" },
        { "sources.tank.topic", "\"plant/{x}/pump/7\"", "overlaps with plant/{line}/pump/{pump} of the source pumps" },
        { "sources.tank.topic", "\"edgegateway/north-3/events\"", "own topics" },
        { "sources.tank.topic", "\"edgegateway/{gateway}/alerts/{id}\"", "own topics" },
        { "sources.tank.topic", "\"edgegateway/#\"", "own topics" },
        { "sources.pumps.asset", "\"{site}/{pump}\"", "names {site}, which the topic does not have" },
        { "sources.pumps.values", "\"/p\"", "or \"*\" for every top-level number" },
        { "sources.pumps.values", "{}", "is empty" },
        { "sources.pumps.values.pressure", "\"p\"", "write \"/p\"" },
        { "sources.pumps.time", "\"ts\"", "write \"/ts\"" },
        { "sources.tank.time", "\"/ts\"", "name the number under values" },
        { "sources.tank.quality", """{ "pointer": "/q", "good": [1] }""", "name the number under values" },
        { "sources.pumps.zone", "\"Mars/Olympus\"", "does not know" },
        { "sources.pumps.zone", "\"../UTC\"", "does not know" },
        { "sources.pumps.zone", "\"/etc/localtime\"", "does not know" },
        { "sources.pumps.zone", "\"Europe\"", "does not know" },
        { "sources.pumps.zone", "\"UTC/\"", "does not know" },
        { "sources.pumps.units.presure", "\"bar\"", "a value that this source does not have; it has pressure, flow" },
        { "sources.pumps.units", "\"bar\"", "must say which value it is for" },
        { "sources.tank.units", """{ "level": "m" }""", "is one number" },
        { "sources.pumps.range.presure", "[0, 1]", "a value that this source does not have" },
        { "sources.pumps.range.pressure", "[16, 0]", "low end that is not below" },
        { "sources.pumps.range.pressure", "[16]", "has 1 entries" },
        { "sources.pumps.onDelay", "\"1.00:00:01\"", "to 1.00:00:00" },
        { "sources.pumps.offDelay", "20", "is a number; write a duration" },
        { "sources.pumps.hysteresis.pressure", "8", "is 8, so that no value would be inside again; write less than half the range, 8" },
        { "sources.pumps.hysteresis.pressure", "-0.5", "how far inside its range a value must be" },
        { "sources.pumps.hysteresis.presure", "0.5", "a value that this source does not have" },
        { "sources.pumps.hysteresis", "0.5", "must say which value it is for" },
        { "sources.tank.hysteresis", "\"0.5\"", "is a text, but the payload of this source is one number; write 0.5" },
        { "sources.tank.range", """{ "level": [0, 1] }""", "is one number" },
        { "sources.pumps.states", """[{ "text": "on" }]""", "sources.pumps.states[0].value is missing" },
        { "sources.pumps.states", """[{ "text": "on", "value": 1 }, { "text": "on", "value": 2 }]""", "a second number" },
        { "sources.pumps.invalid", "[1e999]", "too large" },
        { "sources.pumps.invalid", "[\"-\"]", "sources.pumps.invalid[0] is a text" },
        { "sources.pumps.quality.good", "[]", "is empty" },
        { "sources.pumps.quality.pointer", null, "is missing" },
        { "sources.pumps.criticality", "\"urgent\"", "write \"low\" or \"normal\" or \"high\" or \"critical\"" },
        { "sources.pumps.adapter", "\"Pumps\"", "write the name of an adapter: 1 to 64 of a-z, 0-9 and -" },
        { "sources.pumps.adapter", "\"-pumps\"", "write the name of an adapter" },
        { "sources.pumps.adapter", "7", "is a number; write the name of an adapter" },
        { "sources.pumps.sample", "\"00:00:00\"", "from 00:00:01" },
        { "sources.pumps.lateness", "\"00:10:01\"", "to 00:10:00" },
        { "ack", "\"always\"", "write \"received\" or \"durable\"" },
        { "detection.budget", "0", "from 1 to 100" },
        { "detection.budget", "\"all\"", "write \"auto\"" },
        { "detection.threshold", "20.5", "detection.threshold is 20.5; write a number from -20 to 20" },
        { "detection.threshold", "1e999", "write a number from -20 to 20" },
        { "detection.threshold", "\"0.5\"", "is a text; write a number from -20 to 20" },
        { "detection.windows", "\"3 of 2\"", "detection.windows is \"3 of 2\"; write how many of how many windows, such as \"2 of 3\", of at most 10" },
        { "detection.windows", "\"0 of 3\"", "such as \"2 of 3\"" },
        { "detection.windows", "\"2 of 11\"", "of at most 10" },
        { "detection.windows", "\"02 of 3\"", "such as \"2 of 3\"" },
        { "detection.windows", "\" 2 of 3\"", "such as \"2 of 3\"" },
        { "detection.windows", "\"2/3\"", "such as \"2 of 3\"" },
        { "detection.windows", "\"2 of 3 of 4\"", "such as \"2 of 3\"" },
        { "detection.windows", "\" of 3\"", "such as \"2 of 3\"" },
        { "detection.windows", "2", "detection.windows is 2; write how many" },
        { "detection.windows", "[2, 3]", "detection.windows is a list; write how many" },
        { "detection.silence", "9", "a whole number from 10 to 10,000" },
        { "detection.silence", "10001", "a whole number from 10 to 10,000" },
        { "detection.silence", "120.5", "a whole number" },
        { "detection.silence", "\"00:20:00\"", "is a text; write a whole number" },
        { "detection.fusing", "\"mean\"", "write \"auto\" or \"highest\" or \"twoHighest\"" },
        { "detection.fusing", "2", "write \"auto\"" },
        { "detection.kindMinimum", "1.01", "is 1.01; write a number from 0 to 1" },
        { "detection.kindMinimum", "-0.1", "a number from 0 to 1" },
        { "detection.kindMinimum", "null", "is null; leave the key out" },
        { "bounds.sensors", "0", "from 1 to" },
        { "storage.writeBudgetBytes", "1.5", "a whole number" },
        { "storage.outboxBytes", "1000", "a whole number from 4,194,304" },
        { "storage.outboxAlerts", "999", "a whole number from 1,000" },
        { "storage.outboxExpiry", "\"00:30:00\"", "a duration from 01:00:00 to 365.00:00:00" },
        { "alerts.hubBytesPerDay", "0", "a whole number from 65,536" },
        { "storage.recorderBytes", "-1", "from 0 to" },
        { "model.path", "\"\"", "is empty" },
        { "updates", "[]", "is a list; write an object" },
        { "updates.hosts", "\"store.example\"", "is a text; write a list" },
        { "updates.hosts", "[\"https://store.example\"]", "updates.hosts[0] is \"https://store.example\", which is no host; write a host or host:port" },
        { "updates.hosts", "[\"store.example/path\"]", "which is no host" },
        { "updates.hosts", "[\"store.example\", \"*.example\"]", "updates.hosts[1]" },
        { "updates.hosts", "[\"store.example:0\"]", "which is no host" },
        { "updates.hosts", "[\"store.example:65536\"]", "which is no host" },
        { "updates.hosts", "[\"[fe80::1%25eth0]\"]", "which is no host" },
        { "updates.hosts", "[\"[::::]\"]", "which is no host" },
        { "updates.hosts", "[\"store\\n.example\"]", "has a control character" },
        { "updates.hosts", $"[{string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"h{i}\""))}]", "has 65 entries; write at most 64 hosts" },
        { "updates.caFile", "5", "the path of a file" },
        { "updates.proxy", "\"proxy:3128\"", "is no address of a proxy; write the address of an HTTP proxy" },
        { "updates.proxy", "\"https://proxy:3128\"", "is no address of a proxy" },
        { "updates.proxy", "\"http://me:hunter2@proxy:3128\"", "is no address of a proxy" },
        { "partition", "3", "write an object" },
        { "partition", """{ "of": 0, "index": 0 }""", "a whole number from 1 to 1,024" },
        { "partition", """{ "index": 0 }""", "partition.of is missing; write how many processes share the site" },
        { "partition", """{ "of": 3 }""", "partition.index is missing; write which of them this is" },
        { "partition", """{ "of": 3, "index": 3 }""", "is 3, but of is 3; write a number from 0 to 2" },
        { "partition", """{ "of": 3, "index": -1 }""", "a whole number from 0 to 1,023" },
        { "partition", """{ "of": 3, "index": "host" }""", "is a text; write a whole number" },
        { "model.release", "0", "a whole number from 1 to" },
        { "model.release", null, "is missing; write a whole number from 1 on" },
        { "model.url", "\"http://store.example/manifest.json\"", "is no address that can be fetched; write an https address" },
        { "model.url", "\"https://me:secret@store.example/manifest.json\"", "is no address that can be fetched" },
        { "model.url", "\"https://store.example/manifest.json?sig=abc\"", "put what stands behind the ? into query" },
        { "model.sha256", "\"abc\"", "is no digest; write the SHA-256 of the file" },
        { "model.query", "\"?sig=abc\"", "without it" },
        { "model.query", "\"sig=a b\"", "is no query" },
        { "model.retry", "-1", "a whole number from 0 to" },
        { "adapters.Pumps", "{}", "is no name of a package or group" },
        { "adapters.pumps.sha256", null, "adapters.pumps.sha256 is missing" },
        { "trust.root.version", "\"2\"", "is a text; write a whole number" },
        { "trust.root.url", null, "trust.root.url is missing" },
        { "trust.keys.line-a.epoch", null, "trust.keys.line-a.epoch is missing" },
        { "trust.keys.LINE", "{}", "is no name of a package or group" },
        { "operations.page", "65536", "a whole number from 0 to 65,535" },
        { "operations.pageHosts", "\"gateway\"", "write a list" },
        { "operations.traces", "\"collector:4318\"", "is no http or https URL" },
        { "operations.traces", "\"http://a:secret@collector:4318\"", "write the address without one" },
        { "operations.pageHosts", "[\"https://gateway\"]", "write the name alone, without scheme and port" },
        { "operations.metrics", "65536", "a whole number from 0 to 65,535" },
        { "operations.logLevel", "\"loud\"", "write \"fatal\" or \"error\"" },
        { "operations.commands", "\"status\"", "write a list" },
        { "operations.commands", "[1]", "the name of a command" },
        { "alerts.mode", "\"half\"", "write \"full\" or \"observe\"" },
        { "alerts.maxPerHour", "-1", "a whole number from 0 to 100,000" },
        { "alerts.realarm", "\"00:14:59\"", "is 00:14:59; write a duration from 00:15:00 on, or 00:00:00 for never" },
        { "alerts.realarm", "\"8.00:00:00\"", "to 7.00:00:00" },
        { "alerts.maintenance", "[]", "is a list; write an object" },
        { "alerts.maintenance", "null", "is null; leave the key out" },
        { "alerts.maintenance.wash", "5", "alerts.maintenance.wash is a number; write an object" },
        { $"alerts.maintenance.{new string('w', 65)}", """{ "assets": ["a"], "from": "2026-11-28T06:00Z", "until": "2026-11-28T07:00Z" }""", "is a name of 65 characters; at most 64 are possible" },
        { "alerts.maintenance.wash.assets", null, "alerts.maintenance.wash.assets is missing; write \"assets\": [\"line-1/pump-1\"]" },
        { "alerts.maintenance.wash.assets", "[]", "has 0 entries; write 1 to 256 assets" },
        { "alerts.maintenance.wash.assets", "\"*\"", "is a text; write a list" },
        { "alerts.maintenance.wash.assets", "[\"a*b\"]", "is \"a*b\"; a * can only stand at the end" },
        { "alerts.maintenance.wash.assets", "[7]", "the name of an asset" },
        { "alerts.maintenance.wash.from", null, "alerts.maintenance.wash.from is missing" },
        { "alerts.maintenance.wash.from", "\"2026-11-28T06:00:00\"", "write a time with its offset, such as" },
        { "alerts.maintenance.wash.from", "\"2026-11-28 06:00Z\"", "write a time with its offset, such as" },
        { "alerts.maintenance.wash.from", "\"tomorrow\"", "is \"tomorrow\"; write a time with its offset" },
        { "alerts.maintenance.wash.until", "\"2026-11-28T06:00:00+01:00\"", "alerts.maintenance.wash.until is not after from; write a later time" },
        { "alerts.maintenance.wash.until", "\"2027-11-28T06:00:00Z\"", "is more than 30 days after from; write an earlier time" },
        { "alerts.maintenance.wash.until", "\"2026-11-29T06:00:01+01:00\"", "comes after the next begin; write an earlier time or leave repeat out" },
        { "alerts.maintenance.wash.repeat", "\"hourly\"", "write \"daily\" or \"weekly\"" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_used_is_an_error_with_its_place(string path, string? value, string sentence)
    {
        var result = SettingsSamples.Read(SettingsSamples.With(SettingsSamples.Full, path, value));

        Assert.Null(result.Settings);
        var error = Assert.Single(result.Errors).ToString();
        Assert.StartsWith("site.json: " + path.Split('.')[0], error, StringComparison.Ordinal);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("broker.prot", "broker.prot is not a known key; did you mean port?")]
    [InlineData("broker.hostname", "did you mean host?")]
    [InlineData("broker.ack", "ack stands at the top level of the document")]
    [InlineData("qos", "qos stands in broker")]
    [InlineData("detection.window", "did you mean windows?")]
    [InlineData("alerts.silence", "silence stands in detection")]
    [InlineData("topic", "topic stands in a source")]
    [InlineData("sources.tank.pointer", "pointer stands in a quality of a source")]
    [InlineData("sources.tank.Topic", "did you mean topic?")]
    [InlineData("colour", "colour is not a known key; remove it")]
    public void An_unknown_key_stops_the_check_but_not_the_run(string path, string sentence)
    {
        var result = SettingsSamples.Read(SettingsSamples.With(SettingsSamples.Full, path, "\"x\""));

        Assert.False(result.PassesCheck);
        Assert.NotNull(result.Settings);
        Assert.Contains(sentence, Assert.Single(result.UnknownKeys).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_of_everything_covers_our_own_topics()
    {
        var result = SettingsSamples.Read(SettingsSamples.With(SettingsSamples.Minimal, "sources.tank.topic", "\"#\""));

        Assert.Contains("own topics edgegateway/north-3/...", Assert.Single(result.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_named_at_once()
    {
        var result = SettingsSamples.Read("""
            { "schema": 1, "gateway": "a b", "broker": { "port": 0, "pord": 1 }, "ack": "x",
              "sources": { "a": { "topic": "+", "values": { "x": "p", "y": 1 } }, "b": 7 } }
            """);

        Assert.Equal(
            ["ack", "broker.host", "broker.port", "gateway", "sources.a.topic", "sources.a.values.x", "sources.a.values.y", "sources.b"],
            result.Errors.Select(error => error.Path).Order(StringComparer.Ordinal));
        Assert.Equal("broker.pord", Assert.Single(result.UnknownKeys).Path);
    }

    [Theory]
    [InlineData("{ \"schema\": 1,\n  \"gateway\" \"x\" }", "line 2, column 13")]
    [InlineData("{ \"schema\": 1, }", "line 1, column 16: there is a comma after the last entry")]
    [InlineData("{ // site\n }", "line 1, column 3: there is a comment")]
    [InlineData("", "is empty")]
    [InlineData(" \n", "is empty")]
    [InlineData("[]", "is a list; write an object")]
    [InlineData("{ \"gateway\":\n \"\\ud800\" }", "half a surrogate pair at line 2, column 2")]
    public void What_is_not_plain_json_is_refused_with_line_and_column(string json, string sentence)
    {
        var error = Assert.Single(SettingsSamples.Read(json).Errors);

        Assert.Equal("", error.Path);
        Assert.Contains(sentence, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_in_another_encoding_is_refused()
    {
        var result = SettingsReader.Read(Encoding.Unicode.GetBytes(SettingsSamples.Minimal + "ä"), "site.json");

        Assert.Contains("UTF-8", Assert.Single(SettingsReader.Read(new byte[] { 0x7B, 0xFF }, "site.json").Errors).Message, StringComparison.Ordinal);
        Assert.Single(result.Errors);
    }

    [Theory]
    [InlineData("\"gateway\": \"north-3\"", "gateway")]
    [InlineData("\"sources\": {}", "sources")]
    public void A_key_that_stands_twice_is_refused(string entry, string path)
    {
        var result = SettingsSamples.Read(SettingsSamples.Minimal[..^2] + ", " + entry + " }");

        Assert.Contains("stands here twice", Assert.Single(result.Errors, error => error.Path == path).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_sources_have_at_most_256_characters_and_no_control_characters()
    {
        foreach (var name in new[] { "", new string('a', 257), "a\\u0007" })
        {
            var result = SettingsSamples.Read(SettingsSamples.Minimal.Replace("\"tank\"", $"\"{name}\"", StringComparison.Ordinal));
            Assert.Contains("name", Assert.Single(result.Errors).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_a_problem_quotes_cannot_write_control_characters()
    {
        var error = Assert.Single(SettingsSamples.Read(SettingsSamples.Minimal.Replace("\"north-3\"", "\"a\u007f\u009b\"", StringComparison.Ordinal)).Errors);

        Assert.DoesNotContain(error.ToString(), char.IsControl);
    }

    [Fact]
    public void A_name_with_a_dot_is_bracketed_in_the_path()
    {
        var result = SettingsSamples.Read(SettingsSamples.Minimal.Replace("\"tank\"", "\"hall.1\"", StringComparison.Ordinal).Replace("\"topic\"", "\"tpic\"", StringComparison.Ordinal));

        Assert.Equal("sources[\"hall.1\"].topic", Assert.Single(result.Errors).Path);
    }
}
