using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Hub;
using EdgeGateway.Ingest;
using EdgeGateway.Mqtt;
using EdgeGateway.Operations;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Twin;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Commands;

/// <summary>
/// The whole process of <c>run</c>: settings from site files, twin and what an earlier run left; the way to the hub; and the stages, which come and go under it. The hub
/// outlives the stages, so that they can deliver while they stop.
/// </summary>
internal sealed class ModuleRun : IDisposable
{
    /// <summary>Where what nobody wrote comes from; what is missing there the twin will bring.</summary>
    private const string BelowAllName = "identity";

    private readonly TimeProvider clock = TimeProvider.System;
    private readonly GatewayState state = new();
    private readonly LogSwitch logging = new(LogLevels.Parse(Environment.GetEnvironmentVariable("RuntimeLogLevel")) ?? LogLevel.Information);
    private readonly ILoggerFactory loggers;
    private readonly ILogger logger;
    private readonly LastGoodFile file;
    private readonly LastGood? good;
    private readonly LayeredSettings layers;
    private readonly HubAccess? access;
    private readonly IHubClient? hub;
    private readonly HubInputSource? inputs;
    private readonly GatewayCommands commands;
    private readonly CommandDispatcher dispatcher;
    private readonly GatewayRun stages;
    private readonly TwinWorker? twin;

    private ModuleRun(AddStages addStages, ImmutableArray<SettingsLayer> site, string data, HubEnvironment? environment)
    {
        loggers = LoggerFactory.Create(builder => GatewayHost.AddLogging(builder, logging));
        logger = loggers.CreateLogger<ModuleRun>();
        file = new LastGoodFile(data);
        good = Remembered(environment?.Identity);
        layers = Layers(site, good);
        commands = new GatewayCommands(state, logging, clock, loggers.CreateLogger<GatewayCommands>());
        dispatcher = new CommandDispatcher(commands.All(), state.Accounting, loggers.CreateLogger<CommandDispatcher>());
        if (environment is not null)
        {
            var jitter = new Random();
            access = new HubAccess(environment, SettingsReader.ReadHub(site), clock);
            hub = HubClients.Create(access, () => clock.GetUtcNow() > GatewayRegistration.Release(), clock, jitter, state.Accounting, loggers);
            inputs = new HubInputSource(clock);
            twin = new TwinWorker(hub, layers, file, good, new TwinUse(ApplyAsync, Heartbeat), clock, jitter, loggers.CreateLogger<TwinWorker>());
        }

        stages = new GatewayRun(addStages, data, state, logging, hub, inputs, dispatcher, clock);
    }

    /// <summary>Puts the process together; nothing runs yet.</summary>
    /// <param name="config">The site file; null where the twin says everything.</param>
    /// <param name="environment">The identity at the hub; null for none.</param>
    /// <exception cref="FormatException">The way to the hub cannot be used as it is described.</exception>
    public static ModuleRun Create(AddStages addStages, string? config, string data, HubEnvironment? environment)
    {
        var site = ImmutableArray.CreateBuilder<SettingsLayer>();
        if (environment is { Identity: var identity })
        {
            site.Add(BelowAll(identity));
        }

        if (config is not null)
        {
            site.AddRange(SettingsFiles.ReadLayers(config, out var problems));
            foreach (var problem in problems)
            {
                Console.Error.WriteLine(problem);
            }

            // what was not read must not look as if it had been left out
            site = problems.IsEmpty ? site : ImmutableArray.CreateBuilder<SettingsLayer>();
        }

        return new ModuleRun(addStages, site.ToImmutable(), data, environment);
    }

    /// <summary>Runs until the token is cancelled, or something ends that cannot be mended here; the exit code.</summary>
    public async Task<int> RunAsync(CancellationToken token)
    {
        if (Begin() is { } first)
        {
            if (hub is null && first.Broker is null)
            {
                await Console.Error.WriteLineAsync("There is nothing to read from: the settings name no broker, and this process has no hub identity. Name a broker, or start it as a module of IoT Edge.");
                return ExitCode.Usage;
            }

            foreach (var source in hub is null ? first.Sources.Where(s => s.Input is not null) : [])
            {
                logger.InputWithoutHub(source.Name, source.Input!);
            }

            await stages.ApplyAsync(first, token);
        }
        else if (hub is null)
        {
            return ExitCode.Usage;
        }
        else
        {
            logger.WaitingForTwin(hub.Identity.Hub, hub.Identity.Device, hub.Identity.Module ?? "");
        }

        return hub is null ? await stages.RunAsync(token) : await RunWithHubAsync(hub, token);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        twin?.Dispose();
        (hub as IDisposable)?.Dispose();
        inputs?.Dispose();
        access?.Dispose();
        loggers.Dispose();
    }

    /// <summary>The settings to start on: site files under the twin as it was last good; else all as it was last good. Says what is wrong.</summary>
    private GatewaySettings? Begin()
    {
        var read = layers.Site.IsEmpty ? null : layers.Restore(good?.Good.AsEnumerable() ?? []);
        Say(read);
        if (read?.Settings is not null && file.Write(new LastGood(hub?.Identity, good?.Version, good?.Desired ?? [], layers.Good, layers.Site)) is { } unwritten)
        {
            logger.LastGoodUnusable(unwritten);
        }

        state.Settings = read;
        return read?.Settings;
    }

    /// <summary>The site files as they are, or, when they cannot be used, as they were last good: what the twin says then lies over these until the files are mended.</summary>
    private static LayeredSettings Layers(ImmutableArray<SettingsLayer> site, LastGood? good)
    {
        var read = site.IsEmpty ? null : new LayeredSettings(site).Restore(good?.Good.AsEnumerable() ?? []);
        if (read?.Settings is not null || good is not { Site.IsEmpty: false } || new LayeredSettings(good.Site).Restore(good.Good).Settings is null)
        {
            return new LayeredSettings(site);
        }

        Say(read);
        Console.Error.WriteLine("The gateway runs on the settings that were last good.");
        return new LayeredSettings(good.Site);
    }

    private static void Say(SettingsReadResult? read)
    {
        foreach (var problem in read is null ? [] : read.Errors.Concat(read.UnknownKeys).Concat(read.Warnings).Where(p => p.Origin != BelowAllName))
        {
            Console.Error.WriteLine(problem);
        }
    }

    private async Task<int> RunWithHubAsync(IHubClient client, CancellationToken token)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(token);
        using var leaving = new CancellationTokenSource();

        // on a thread of its own: loading the model and reading the journal must not hold up the hub
        var running = Task.Run(() => stages.RunAsync(ending.Token), CancellationToken.None);
        Task[] control = [client.RunAsync(Handlers(), leaving.Token), twin!.RunAsync(leaving.Token)];
        try
        {
            await Task.WhenAny([running, .. control]);
            await ending.CancelAsync();
            var code = await running;
            return control.Any(task => task.IsCompleted) ? await FaultAsync(control) : code;
        }
        finally
        {
            await leaving.CancelAsync();
            await Task.WhenAny(Task.WhenAll(control), Task.Delay(TimeSpan.FromSeconds(3), clock, CancellationToken.None));
        }
    }

    private async Task<int> FaultAsync(Task[] control)
    {
        try
        {
            await await Task.WhenAny(control);
        }
        catch (Exception e)
        {
            // whatever it is, without its control the gateway must not go on; it is started anew from outside
            logger.ControlFailed(e.Message, e is HubUnusableException ? null : e);
        }

        return ExitCode.Fault;
    }

    private HubHandlers Handlers() => new(
        async token =>
        {
            state.Hub = new HubStatus(hub!.Identity, true, clock.GetUtcNow(), "", twin!.Version);
            inputs!.ConnectionChanged(true);
            await twin.ConnectedAsync(token);
        },
        cause =>
        {
            state.Hub = new HubStatus(hub!.Identity, false, clock.GetUtcNow(), cause, twin!.Version);
            inputs!.ConnectionChanged(false);
            twin.Disconnected();
        },
        twin!.Changed,
        async (request, token) =>
        {
            var answer = await dispatcher.RunAsync(request.Name, request.Payload, token);
            return new MethodResponse(answer.Status, answer.ToBytes());
        },
        inputs!.TakeAsync);

    private Task ApplyAsync(SettingsReadResult read, CancellationToken token)
    {
        state.Sections = layers.Statuses;
        state.Hub = state.Hub is { } status ? status with { DesiredVersion = twin!.Version } : null;
        if (read.Settings is not { } settings)
        {
            return Task.CompletedTask;
        }

        state.Settings = read;
        return stages.ApplyAsync(settings, token);
    }

    /// <summary>A small part of the status, once an hour: it tells a dead gateway from a quiet one.</summary>
    private JsonObject Heartbeat()
    {
        var status = commands.Status();
        var counters = status["counters"] as JsonObject ?? [];
        return new JsonObject
        {
            ["time"] = clock.GetUtcNow(),
            ["version"] = GatewayCommands.Version,
            ["state"] = status["state"]!.DeepClone(),
            ["uptimeSeconds"] = status["uptimeSeconds"]!.DeepClone(),
            ["received"] = counters["received"]?.DeepClone() ?? 0,
            ["judged"] = counters["windows.judged"]?.DeepClone() ?? 0,
            ["transitions"] = counters["transitions"]?.DeepClone() ?? 0,
            ["pending"] = counters.Where(c => c.Key.StartsWith("transitions.pending.", StringComparison.Ordinal)).Sum(c => (long)c.Value!),
        };
    }

    private LastGood? Remembered(HubIdentity? identity)
    {
        var read = file.Read(out var problem);
        if (problem is not null)
        {
            logger.LastGoodUnusable(problem);
        }

        if (read is not null && read.Identity != identity)
        {
            logger.OtherIdentity(read.Identity?.ToString() ?? "no hub", identity?.ToString() ?? "no hub");
            return null;
        }

        return read;
    }

    /// <summary>Under everything: the schema, and a name from the identity.</summary>
    private static SettingsLayer BelowAll(HubIdentity identity)
    {
        var name = string.Concat($"{identity.Device}-{identity.Module}".TrimEnd('-').Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));
        var layer = new JsonObject { ["schema"] = 1, ["gateway"] = name.Length <= 64 ? name : name[..64] };
        return new SettingsLayer(Encoding.UTF8.GetBytes(layer.ToJsonString()), BelowAllName);
    }
}
