using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Settings;

/// <summary>One small and one complete document, and ways to change them.</summary>
internal static class SettingsSamples
{
    public const string Minimal = """{ "schema": 1, "gateway": "north-3", "broker": { "host": "mosquitto" }, "sources": { "tank": { "topic": "plant/tank/level" } } }""";

    /// <summary>Every key once, none with its default.</summary>
    public const string Full = """
        {
          "schema": 1,
          "gateway": "north-3",
          "partition": { "of": 1, "index": 0 },
          "broker": {
            "host": "mosquitto", "port": 8884, "protocol": "3.1.1", "clientId": "gw", "caFile": "/certs/ca.pem", "certFile": "/certs/gw.pem",
            "keyFile": "/certs/gw.key", "user": "gw", "passwordFile": "/run/secrets/mqtt", "qos": 0, "sessionExpiry": "1.00:00:00",
            "receiveMaximum": 20, "keepAlive": "00:01:00"
          },
          "hub": { "transport": "webSocket", "port": 8443, "caFile": "/certs/hub.pem", "certFile": "/certs/device.pem", "keyFile": "/certs/device.key" },
          "webhook": { "url": "https://node-red:1880/alerts?site=3", "tokenFile": "/run/secrets/webhook", "caFile": "/certs/webhook.pem" },
          "sources": {
            "pumps": {
              "topic": "plant/{line}/pump/{pump}", "asset": "{line}/{pump}", "values": { "pressure": "/p", "flow": "/f" }, "time": "/ts",
              "zone": "UTC", "units": { "pressure": "bar" }, "states": [{ "text": "on", "value": 1 }, { "text": "off", "value": 0 }],
              "invalid": [-9999, 1e6], "quality": { "pointer": "/q", "good": ["good", 192, true] }, "range": { "pressure": [0, 16] },
              "onDelay": "00:00:20", "offDelay": "00:02:00", "hysteresis": { "pressure": 0.5 },
              "criticality": "high", "adapter": "pumps-2", "sample": "00:00:10", "silentAfter": "00:05:00", "lateness": "00:00:30"
            },
            "tank": { "topic": "plant/tank/level", "units": "m", "range": [0, 4.5], "hysteresis": 0.25 },
            "all": { "topic": "line/#", "values": "*" },
            "boilers": { "input": "readings", "payload": "opcUa", "asset": "{publisher}/{writer}", "values": { "pressure": "/Pressure", "level": "/Level~1m" }, "units": { "level": "m" } }
          },
          "ack": "durable",
          "detection": { "budget": 40, "threshold": 1.5, "windows": "3 of 5", "silence": 240, "fusing": "twoHighest", "kindMinimum": 0.4 },
          "alerts": { "mode": "observe", "clearAfter": "00:10:00", "maxPerHour": 30, "hubBytesPerDay": 1000000, "realarm": "08:00:00",
            "maintenance": { "wash": { "assets": ["line-1/*"], "from": "2026-11-28T06:00:00+01:00", "until": "2026-11-28T08:00Z", "repeat": "daily" } } },
          "bounds": { "sensors": 100, "messageBytes": 4096 },
          "storage": { "writeBudgetBytes": 5000000, "outboxBytes": 8000000, "outboxAlerts": 3000, "outboxExpiry": "7.00:00:00", "recorderBytes": 0 },
          "model": { "path": "/models/mine", "release": 7, "url": "https://store.example/phi/7/manifest.json", "sha256": "00000000000000000000000000000000000000000000000000000000000000aa", "query": "sv=1&sig=abc%3D", "retry": 2 },
          "adapters": { "pumps": { "release": 3, "url": "https://store.example/pumps/3/manifest.json", "sha256": "00000000000000000000000000000000000000000000000000000000000000bb", "query": "sig=1", "retry": 1 } },
          "trust": {
            "root": { "version": 2, "url": "https://store.example/root.2.json", "sha256": "00000000000000000000000000000000000000000000000000000000000000cc", "query": "sig=2" },
            "keys": { "line-a": { "epoch": 4, "url": "https://store.example/line-a.4.grant.age", "sha256": "00000000000000000000000000000000000000000000000000000000000000dd", "query": "sig=3" } }
          },
          "updates": { "hosts": ["Store.example", "10.0.0.5:8443", "[fd00::5]:8443"], "caFile": "/certs/store.pem", "proxy": "http://proxy:3128", "root": "/trust/root.1.json",
            "proof": { "leastRecall": 50, "mostFalseAlarms": 150, "mostDisagreement": 10, "mostAlerts": 150, "mostSilence": 50, "windows": 1000, "hours": 48 } },
          "operations": { "logLevel": "debug", "commands": ["status", "explain"], "metrics": 9601, "page": 8443, "pageHosts": ["gateway.plant.local"], "traces": "http://collector:4318" }
        }
        """;

    public static SettingsReadResult Read(string json) => SettingsReader.Read(Encoding.UTF8.GetBytes(json), "site.json");

    public static GatewaySettings Accepted(string json)
    {
        var result = Read(json);
        Assert.Empty(result.Errors);
        Assert.Empty(result.UnknownKeys);
        return result.Settings!;
    }

    /// <summary>The document with one key set, e.g. With(Full, "broker.port", "1883"); null removes it.</summary>
    public static string With(string json, string path, string? value)
    {
        var root = JsonNode.Parse(json)!;
        var keys = path.Split('.');
        var parent = keys[..^1].Aggregate(root, (node, key) => node[key] ??= new JsonObject()).AsObject();
        if (value is null)
        {
            parent.Remove(keys[^1]);
        }
        else
        {
            parent[keys[^1]] = JsonNode.Parse(value);
        }

        return root.ToJsonString();
    }
}
