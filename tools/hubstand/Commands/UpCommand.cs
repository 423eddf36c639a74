using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Hubstand.Commands;

/// <summary><c>up</c>: a whole development edge: broker, stand-in, simulated plant and the module, as a deployment would start them.</summary>
internal sealed class UpCommand(TextWriter output, TimeProvider clock)
{
    private const string Module = "edgeGateway";
    private const string ModuleProject = "modules/EdgeGateway";
    private const string SimulatorProject = "modules/SensorSimulator";
    private readonly StandOptions options = new(defaultManifest: "deployment.template.json");
    private readonly Option<int> brokerPort = new("--broker-port") { Description = "the local MQTT broker that is started: mosquitto where it is installed, else one in this process", DefaultValueFactory = _ => 1883 };
    private readonly Option<double> speed = new("--speed") { Description = "seconds of plant time a second", DefaultValueFactory = _ => 10 };
    private readonly TextWriter lines = TextWriter.Synchronized(output);

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        var command = new Command("up", "Starts broker, hub, simulated plant and EdgeGateway on this machine until Ctrl+C. Run it in the root folder of the repository.\nExample: hubstand up --speed 20");
        options.AddTo(command);
        command.Options.Add(brokerPort);
        command.Options.Add(speed);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken token)
    {
        foreach (var project in new[] { ModuleProject, SimulatorProject })
        {
            if (!Directory.Exists(project))
            {
                throw new InvalidDataException($"There is no folder {project} here: run hubstand up in the root folder of the repository.");
            }
        }

        var settings = options.Read(parsed, clock, line => Say("hub", line));
        await using var stand = await HubStand.StartAsync(settings);
        await using var broker = await DevelopmentBroker.StartAsync(parsed.GetValue(brokerPort), settings.DataFolder!, line => Say("broker", line));
        Say("broker", broker.Description);
        PointTwinTo(stand, broker.Port);
        foreach (var line in StandText.Ports(stand))
        {
            await lines.WriteLineAsync(line);
        }

        var binaries = Path.Combine(settings.DataFolder!, "bin");
        await BuildAsync(ModuleProject, Path.Combine(binaries, "module"), token);
        await BuildAsync(SimulatorProject, Path.Combine(binaries, "simulator"), token);
        await using var module = ChildProcess.Start(
            "dotnet", [Path.Combine(binaries, "module", "EdgeGateway.dll"), "run", "--data", Path.Combine(settings.DataFolder!, Module), .. SiteFile(stand, settings.DataFolder!)], stand.ModuleEnvironment(Module), line => Say(Module, line));
        await using var simulator = ChildProcess.Start(
            "dotnet", [Path.Combine(binaries, "simulator", "SensorSimulator.dll"), "plant", "--host", "127.0.0.1", "--port", Text(broker.Port), "--for", "8h", "--speed", Text(parsed.GetValue(speed))],
            new Dictionary<string, string>(), line => Say("plant", line));
        return await UntilStoppedAsync(module, token);
    }

    private async Task<int> UntilStoppedAsync(ChildProcess module, CancellationToken token)
    {
        try
        {
            var code = await module.Exited.WaitAsync(token);
            Say(Module, $"ended with exit code {code}; edgeAgent would start it again. hubstand stops.");
            return 1;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            return 0;
        }
    }

    /// <summary>The deployment names the broker by its container, which does not exist here.</summary>
    private void PointTwinTo(HubStand stand, int port)
    {
        var name = stand.NameOf(Module);
        var broker = new JsonObject { ["host"] = "127.0.0.1", ["port"] = port };
        if (!JsonNode.DeepEquals(stand.Twin(name)["desired"]!["broker"], broker))
        {
            // a patch merges: what the deployment says besides of its broker, such as its password, must go
            stand.PatchDesired(name, new JsonObject { ["broker"] = null });
            stand.PatchDesired(name, new JsonObject { ["broker"] = broker });
            Say("hub", $"the twin's broker is set to 127.0.0.1:{port}, in place of the deployment's");
        }
    }

    /// <summary>Where the hub does not listen at 8883, a site file has to say so.</summary>
    private static string[] SiteFile(HubStand stand, string folder)
    {
        if (stand.MqttPort == 8883)
        {
            return [];
        }

        var file = Path.Combine(folder, "site.json");
        AtomicFile.Replace(file, System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["schema"] = 1, ["hub"] = new JsonObject { ["port"] = stand.MqttPort } }.ToJsonString()));
        return ["--config", file];
    }

    private async Task BuildAsync(string project, string folder, CancellationToken token)
    {
        Say("build", project);
        await using var build = ChildProcess.Start("dotnet", ["build", project, "-c", "Release", "-v", "quiet", "-nologo", "-o", folder], new Dictionary<string, string>(), line => Say("build", line));
        if (await build.Exited.WaitAsync(token) is var code and not 0)
        {
            throw new IOException($"{project} could not be built: dotnet build ended with {code}.");
        }
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private void Say(string who, string line) => lines.WriteLine($"{clock.GetUtcNow():HH:mm:ss} [{who}] {line}");
}
