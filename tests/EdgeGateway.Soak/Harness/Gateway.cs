using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeGateway.Soak.Harness;

/// <summary>How a gateway reads.</summary>
/// <param name="Protocol">5 or 3.1.1.</param>
/// <param name="Ack">received or durable.</param>
internal sealed record ReadingMode(int Qos, string Ack, string Protocol)
{
    public override string ToString() => $"QoS {Qos}{(Qos == 0 ? "" : $" {Ack}"),-9} MQTT {Protocol,-5}";
}

/// <summary>The module as users run it: a process of its own, with a configuration file and a data folder; a real mosquitto_sub listens to what it publishes.</summary>
internal sealed class Gateway : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-soak-");
    private readonly ConcurrentDictionary<string, string> newest = new();
    private readonly ConcurrentBag<string> ended = [];
    private readonly Measured subscriber;
    private readonly Broker broker;
    private readonly string name;

    private Gateway(Broker broker, string name, ReadingMode mode, string? warmData, int page)
    {
        (this.broker, this.name) = (broker, name);
        Data = Path.Combine(folder.FullName, "data");
        Directory.CreateDirectory(Data);
        foreach (var file in warmData is null ? [] : Directory.GetFiles(warmData))
        {
            File.Copy(file, Path.Combine(Data, Path.GetFileName(file)));
        }

        var configuration = Path.Combine(folder.FullName, "gateway.json");
        File.WriteAllLines(configuration, [Settings(mode, page)]);
        subscriber = Measured.Start("mosquitto_sub", ["-h", "127.0.0.1", "-p", $"{broker.Port}", "-q", "1", "-t", $"edgegateway/{name}/#", "-F", "%t %p"], Take);
        Process = Measured.Start("dotnet", [Deployed.Program, "run", "--config", configuration, "--data", Data], environment: Deployed.Environment);
    }

    /// <summary>Its data folder; gone with this object.</summary>
    public string Data { get; }

    /// <summary>The module's process.</summary>
    public Measured Process { get; }

    /// <summary>Starts it, and returns when it reads.</summary>
    /// <param name="warmData">Data folder of an earlier run, which is copied; null = all sensors are new.</param>
    /// <param name="page">Port of its page; 0 = none.</param>
    public static async Task<Gateway> StartAsync(Broker broker, string name, ReadingMode mode, string? warmData, CancellationToken token, int page = 0)
    {
        var gateway = new Gateway(broker, name, mode, warmData, page);
        await Eventually.HoldsAsync(() => gateway.Process.Output.Split("is connected to").Length == 3, () => $"the gateway connects, but it said:\n{gateway.Process.Output}", token);
        return gateway;
    }

    /// <summary>Publishes a reading out of its range behind all others and returns when its alert is out: then everything before it has gone through all stages.</summary>
    public async Task WorkThroughAsync(double value, DateTimeOffset now, CancellationToken token, TimeSpan? patience = null)
    {
        await broker.PublishAsync($"end/{name}", string.Create(CultureInfo.InvariantCulture, $$"""{"ts":"{{now.UtcDateTime:O}}","v":{{value}}}"""), token);
        var wanted = value > 1 ? "raised" : "cleared";
        await Eventually.HoldsAsync(() => ended.Contains(wanted), () => $"the last reading is {wanted}; the gateway said:\n{Process.Output}", token, patience);
    }

    /// <summary>Stops it and returns what it counted, by name and by name.reason.</summary>
    public async Task<IReadOnlyDictionary<string, long>> StopAsync(CancellationToken token)
    {
        Process.Terminate();
        await Process.EndAsync(token);
        await Eventually.HoldsAsync(() => newest.GetValueOrDefault("status", "").Contains("\"stopped\"", StringComparison.Ordinal), () => "the last status arrives", token);
        using var status = JsonDocument.Parse(newest["status"]);
        return status.RootElement.GetProperty("counters").EnumerateObject().ToDictionary(c => c.Name, c => c.Value.GetInt64());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Process.Dispose();
        subscriber.Dispose();
        folder.Delete(recursive: true);
    }

    private string Settings(ReadingMode mode, int page) => new JsonObject
    {
        ["schema"] = 1,
        ["gateway"] = name,
        ["ack"] = mode.Ack,
        ["broker"] = new JsonObject { ["host"] = "127.0.0.1", ["port"] = broker.Port, ["qos"] = mode.Qos, ["protocol"] = mode.Protocol },
        ["operations"] = new JsonObject { ["page"] = page },
        ["sources"] = new JsonObject
        {
            ["load"] = new JsonObject { ["topic"] = "load/{number}", ["values"] = new JsonObject { ["value"] = "/value" }, ["time"] = "/ts" },
            ["end"] = new JsonObject { ["topic"] = $"end/{name}", ["values"] = new JsonObject { ["v"] = "/v" }, ["time"] = "/ts", ["range"] = new JsonObject { ["v"] = new JsonArray(0, 1) } },
        },
    }.ToJsonString();

    private void Take(string line)
    {
        if (line.IndexOf(' ', StringComparison.Ordinal) is var space && space < 0)
        {
            return;
        }

        var (topic, payload) = (line[..space].Split('/')[^1], line[(space + 1)..]);
        if (topic == "events" && payload.Contains($"\"end/{name}/v\"", StringComparison.Ordinal))
        {
            ended.Add(JsonDocument.Parse(payload).RootElement.GetProperty("data").GetProperty("transition").GetString()!);
        }
        else if (topic == "status")
        {
            newest[topic] = payload;
        }
    }
}
