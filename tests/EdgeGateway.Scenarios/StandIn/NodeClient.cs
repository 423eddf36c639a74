using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Tests;
using Hubstand;

namespace EdgeGateway.Scenarios.StandIn;

/// <summary>Microsoft's Node client in a process of its own, run by a script of tests/node.</summary>
internal sealed class NodeClient : IDisposable
{
    private static readonly string Folder = Path.Combine(SharedFolder.RepositoryRoot, "tests", "node");
    private readonly Process process;
    private readonly ConcurrentQueue<JsonObject> said = new();
    private readonly ConcurrentQueue<string> noise = new();
    private readonly Dictionary<string, int> read = [];

    private NodeClient(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => noise.Enqueue(e.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Starts a script against a stand-in; skips the calling test where Node or its modules are missing.</summary>
    public static NodeClient Start(HubStand stand, IReadOnlyDictionary<string, string> environment, params string[] script)
    {
        var node = Tool.Require("node");
        Assert.SkipUnless(Directory.Exists(Path.Combine(Folder, "node_modules")), "tests/node has no node_modules: npm ci --prefix tests/node brings Microsoft's client.");
        var start = new ProcessStartInfo(node, ["--import", "./ports.mjs", .. script])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HUBSTAND_MQTT_PORT"] = stand.MqttPort.ToString(CultureInfo.InvariantCulture);
        start.Environment["HUBSTAND_WEBSOCKET_PORT"] = stand.WebSocketPort.ToString(CultureInfo.InvariantCulture);
        start.Environment["EdgeModuleCACertificateFile"] = stand.CaFile;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new NodeClient(Process.Start(start)!);
    }

    /// <summary>Gives the script a command.</summary>
    public Task TellAsync(string command) => process.StandardInput.WriteLineAsync(command);

    /// <summary>The next thing of a kind that it says.</summary>
    public async Task<JsonNode?> SaysAsync(string what)
    {
        var number = read.GetValueOrDefault(what);
        JsonObject[] Matching() => [.. said.Where(s => s["what"]!.GetValue<string>() == what)];
        await Eventually.HoldsAsync(
            () => Matching().Length > number || process.HasExited,
            () => $"Node says {what}, but said:\n{string.Join('\n', said.Select(s => s.ToJsonString()).Concat(noise))}");
        Assert.True(Matching().Length > number, $"Node ended with {(process.HasExited ? process.ExitCode : 0)}:\n{string.Join('\n', said.Select(s => s.ToJsonString()).Concat(noise))}");
        read[what] = number + 1;
        return Matching()[number]["value"];
    }

    /// <summary>Whether it said nothing of a kind that was not read yet.</summary>
    public bool HasNotSaid(string what) => said.Count(s => s["what"]!.GetValue<string>() == what) == read.GetValueOrDefault(what);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }

    private void Keep(string? line)
    {
        try
        {
            if (line is not null)
            {
                said.Enqueue(JsonNode.Parse(line)!.AsObject());
            }
        }
        catch (JsonException)
        {
            noise.Enqueue(line!);
        }
    }
}
