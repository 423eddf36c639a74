using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Hub;
using EdgeGateway.Operations;
using EdgeGateway.Settings;
using EdgeGateway.Storage;
using EdgeGateway.Support;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Updates.Trust;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Commands;

/// <summary><c>support</c>: a zip that an operator sends to a developer, without secrets and samples. Changes nothing in the data folder; also while the gateway runs, which makes the same by the command <c>support</c>.</summary>
internal static class SupportCommand
{
    private const string Logs = "Logs are not kept by the gateway: sudo iotedge support-bundle, docker logs NAME, or kubectl logs NAME gives them.";

    /// <summary>Bytes of metrics that are read: whatever answers on the port may be something else.</summary>
    private const int MostMetrics = 4 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private static readonly Option<string> Config = new("--config") { Description = "the configuration that the gateway runs with", HelpName = "FILE" };
    private static readonly Option<string> Out = new("--out") { Description = "the bundle; in a container a path in the data folder", HelpName = "bundle.zip", DefaultValueFactory = _ => "edgegateway-support.zip" };

    public static Command Create()
    {
        var command = new Command("support", "Writes a bundle for whoever helps: version, doctor, settings, counters, tables and files by number, without secrets and samples.\nExample: EdgeGateway support --config gateway.json --data /var/lib/edgegateway --out bundle.zip")
        {
            Config, DataFolder.Option, Out,
        };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(Config), parsed.GetValue(DataFolder.Option)!, Path.GetFullPath(parsed.GetValue(Out)!), token));
        return command;
    }

    private static async Task<int> RunAsync(string? config, string data, string path, CancellationToken token)
    {
        if (!Directory.Exists(data))
        {
            await Console.Error.WriteLineAsync($"There is no data folder {data}: the bundle goes without it; name the one that the gateway runs with, --data DIR.");
        }

        try
        {
            var bundle = await MakeAsync(config, data, token);
            bundle.Write(path);
            await Console.Out.WriteLineAsync($"{path}: without passwords, keys, queries and samples; look into it before you send it. {Logs}");
            return ExitCode.Done;
        }
        catch (StorageException e)
        {
            await Console.Error.WriteLineAsync($"{path} cannot be written: {e.Detail}.");
            return ExitCode.Usage;
        }
    }

    /// <summary>What is in the gateway that runs in this process.</summary>
    /// <param name="settings">Those in force; null while there are none.</param>
    /// <param name="status">What the command <c>status</c> answers.</param>
    internal static async Task<SupportBundle> OfRunningAsync(SettingsReadResult? settings, JsonObject status, string data, CancellationToken token)
    {
        var bundle = await GatherAsync(settings, data, token);
        bundle.Add("status.json", status);
        return bundle;
    }

    private static async Task<SupportBundle> MakeAsync(string? config, string data, CancellationToken token)
    {
        var start = new StartSettings(config, data, Identity(RunCommand.Variables()), NullLogger.Instance);
        var read = start.Layers.Restore(start.Good?.Good.AsEnumerable() ?? []);
        var bundle = await GatherAsync(read with { Errors = [.. start.Problems, .. read.Errors] }, data, token);
        if (start.Good is { } good)
        {
            start.Layers.Take(good.Version ?? 0, good.Desired);
            bundle.Add("reported.json", start.Layers.Report([]));
        }

        return bundle;
    }

    private static async Task<SupportBundle> GatherAsync(SettingsReadResult? read, string data, CancellationToken token)
    {
        var bundle = new SupportBundle(new Redaction(KnownSecrets.Of(read, RunCommand.Variables())));
        bundle.Add("about.json", new JsonObject { ["version"] = GatewayCommands.Version, ["made"] = TimeProvider.System.GetUtcNow(), ["system"] = Environment.OSVersion.ToString(), ["runtime"] = Environment.Version.ToString(), ["processors"] = Environment.ProcessorCount, ["logs"] = Logs });
        bundle.Add("doctor.json", await DoctorAsync(read, data, token));
        bundle.Add("settings.json", SettingsOf(read));
        bundle.Add("metrics.json", await MetricsAsync(read?.Settings?.Operations.MetricsPort ?? OperationsSettings.DefaultPort, token));
        bundle.Add("database.json", DatabaseOf(data));
        bundle.Add("slots.json", SlotsOf(data));
        bundle.Add("files.json", SupportBundle.FilesOf(data));
        return bundle;
    }

    internal static HubIdentity? Identity(Dictionary<string, string> variables)
    {
        try
        {
            return HubEnvironment.Read(variables)?.Identity;
        }
        catch (FormatException)
        {
            // doctor says it
            return null;
        }
    }

    private static async Task<IEnumerable<string>> DoctorAsync(SettingsReadResult? read, string data, CancellationToken token)
    {
        try
        {
            // what is wrong with the settings stands in settings.json, without what was written there
            var (facts, needs) = await DoctorCommand.LookAsync(data, read is null ? null : read with { Errors = [] }, token);
            return facts.Concat(needs.Select(need => $"! {need}"));
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            return [e.Message];
        }
    }

    private static JsonObject? SettingsOf(SettingsReadResult? read) => read is null ? null : new()
    {
        ["sections"] = new JsonObject(read.Sections.Select(s => KeyValuePair.Create<string, JsonNode?>(s.Name, new JsonObject { ["from"] = s.Origin, ["value"] = new JsonObject { [s.Name] = JsonNode.Parse(s.Value.GetRawText()) } }))),

        // a message may quote what was written
        ["problems"] = new JsonArray([.. read.Errors.Concat(read.UnknownKeys).Concat(read.Warnings).Select(p => (JsonNode)$"{p.Origin}: {p.Path}")]),
    };

    private static async Task<IEnumerable<string>> MetricsAsync(int port, CancellationToken token)
    {
        if (port == 0)
        {
            return ["operations.metrics is 0: a gateway that runs cannot be asked."];
        }

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience, MaxResponseContentBufferSize = MostMetrics };
        try
        {
            return (await http.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/metrics")), token)).Split('\n').Where(line => !line.StartsWith('#'));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !token.IsCancellationRequested)
        {
            return [string.Create(CultureInfo.InvariantCulture, $"No gateway answers on port {port} of this machine.")];
        }
    }

    private static JsonObject DatabaseOf(string data)
    {
        try
        {
            var contents = DatabaseContents.Read(data);
            return new JsonObject { ["schema"] = contents.Schema, ["rows"] = new JsonObject(contents.Rows.Select(r => KeyValuePair.Create<string, JsonNode?>(r.Key, r.Value))) };
        }
        catch (StorageException e)
        {
            return new JsonObject { ["error"] = e.Detail };
        }
    }

    private static JsonArray SlotsOf(string data)
    {
        var slots = SlotsFile.Look(Path.Combine(data, TrustStore.FolderName));
        return new JsonArray([.. slots.All.Select(id => (JsonNode)new JsonObject
        {
            ["slot"] = id.ToString(),
            ["active"] = slots[id].Active is { } active ? $"{active.Name} {active.Release} {active.Sha256}" : "image",
            ["previous"] = slots[id].Previous is { } previous ? $"{previous.Name} {previous.Release} {previous.Sha256}" : null,
            ["candidate"] = slots[id].Candidate is { } candidate ? $"{candidate.Release} {candidate.Sha256} {candidate.Step}" : null,
            ["refused"] = new JsonArray([.. slots[id].Refused.Select(r => (JsonNode)$"{r.Release} {r.Code}: {r.Sentence}")]),
        })]);
    }
}
