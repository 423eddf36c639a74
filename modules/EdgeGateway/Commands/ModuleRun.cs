using System.Collections.Immutable;
using System.Text.Json.Nodes;
using EdgeGateway.Hub;
using EdgeGateway.Ingest;
using EdgeGateway.Models;
using EdgeGateway.Mqtt;
using EdgeGateway.Operations;
using EdgeGateway.Page;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Twin;
using EdgeGateway.Updates;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Commands;

/// <summary>
/// The whole process of <c>run</c>: settings from site files, twin and what an earlier run left; the way to the hub; and the stages, which come and go under it. The hub
/// outlives the stages, so that they can deliver while they stop.
/// </summary>
internal sealed class ModuleRun : IAsyncDisposable
{
    private readonly TimeProvider clock = TimeProvider.System;
    private readonly GatewayState state = new();
    private readonly LogSwitch logging = new(LogLevels.Parse(Environment.GetEnvironmentVariable("RuntimeLogLevel")) ?? LogLevel.Information);
    private readonly ILoggerFactory loggers;
    private readonly ILogger logger;
    private readonly StartSettings start;
    private readonly HubAccess? access;
    private readonly IHubClient? hub;
    private readonly HubInputSource? inputs;
    private readonly GatewayCommands commands;
    private readonly CommandDispatcher dispatcher;
    private readonly ModelHost models;
    private readonly GatewayRun stages;
    private readonly UpdateWorker updates;
    private readonly TwinWorker? twin;
    private readonly Watchdog watchdog;
    private readonly OperationsListener listener;
    private readonly PageListener page;
    private readonly ImmutableArray<string> pageHosts;

    /// <summary>Puts the process together; nothing runs yet.</summary>
    /// <param name="config">The site file; null where the twin says everything.</param>
    /// <param name="environment">The identity at the hub; null for none.</param>
    /// <param name="memory">What was found when it was protected.</param>
    /// <exception cref="FormatException">The way to the hub cannot be used as it is described.</exception>
    public ModuleRun(AddStages addStages, string? config, string data, HubEnvironment? environment, MemoryProtection memory)
    {
        loggers = LoggerFactory.Create(builder => GatewayHost.AddLogging(builder, logging));
        logger = loggers.CreateLogger<ModuleRun>();
        start = new StartSettings(config, data, environment?.Identity, logger);
        commands = new GatewayCommands(state, logging, clock, loggers.CreateLogger<GatewayCommands>());
        models = new ModelHost(SensorModel.Load(LoadedModel.BuiltIn), loggers.CreateLogger<ModelHost>()) { NeedsRoom = HasAdapters };
        updates = ModuleUpdates.Create(
            data, environment, SettingsReader.ReadUpdates(start.Layers.Site), memory, models, (action, token) => stages!.WithStagesStoppedAsync(action, token),
            () => state.Settings?.Settings, () => twin?.Say(), sentence => state.Damage = state.Damage.Add(sentence), clock, loggers);
        dispatcher = new CommandDispatcher(
            [.. commands.All(), .. new AlertCommands(state, clock).All(), .. new MaintenanceCommands(state, clock).All(), .. new UpdateCommands(updates).All(),
                new SupportBundleCommand(data, token => SupportCommand.OfRunningAsync(state.Settings, commands.Status(), data, token), clock).Command],
            state.Accounting, loggers.CreateLogger<CommandDispatcher>());
        if (environment is not null)
        {
            var jitter = new Random();
            access = new HubAccess(environment, SettingsReader.ReadHub(start.Layers.Site), clock);
            hub = HubClients.Create(access, () => clock.GetUtcNow() > GatewayRegistration.Release(), clock, jitter, state.Accounting, loggers);
            inputs = new HubInputSource(clock);
            twin = new TwinWorker(hub, start.Layers, start.File, start.Good, new TwinUse(ApplyAsync, Reported, updates.TakeReported), clock, jitter, state.Accounting, loggers.CreateLogger<TwinWorker>());
        }

        watchdog = new Watchdog(state, clock);
        listener = new OperationsListener(state, new GatewayMetrics(state, environment?.Identity, watchdog), watchdog, loggers.CreateLogger<OperationsListener>());
        page = new PageListener(
            state, dispatcher, data, new PageCertificate(data, environment, clock, GatewayRegistration.Release(), loggers.CreateLogger<PageCertificate>()), clock, loggers.CreateLogger<PageListener>());
        pageHosts = environment is null ? [] : [environment.Host];
        stages = new GatewayRun(addStages, data, state, logging, models, hub, inputs, dispatcher, () => twin?.Say(), clock);
    }

    /// <summary>Runs until the token is cancelled, or something ends that cannot be mended here; the exit code.</summary>
    public async Task<int> RunAsync(CancellationToken token)
    {
        if (SettingsReader.ReadPartition(start.Layers.Site) is { IsShared: true, Index: null } partition)
        {
            await Console.Error.WriteLineAsync($"partition.index is \"hostname\", but this host is called {Environment.MachineName}, which does not end in a number from -0 to -{partition.Of - 1}: run it as a pod of a StatefulSet with {partition.Of} replicas, or write the number.");
            return ExitCode.Usage;
        }

        state.Settings = start.Begin();
        state.Damage = state.Damage.AddRange(start.Damage);
        if (state.Settings?.Settings is { } first)
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

            updates.Use(first.Targets);
            await ListenAsync(first.Operations);
            await stages.ApplyAsync(first, token);
        }
        else if (hub is null)
        {
            return ExitCode.Usage;
        }
        else
        {
            await listener.UseAsync(OperationsSettings.DefaultPort);
            logger.WaitingForTwin(hub.Identity.Hub, hub.Identity.Device, hub.Identity.Module ?? "");
        }

        return await RunAllAsync(token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        watchdog.Dispose();
        await listener.DisposeAsync();
        await page.DisposeAsync();
        twin?.Dispose();
        updates.Dispose();
        models.Dispose();
        (hub as IDisposable)?.Dispose();
        inputs?.Dispose();
        access?.Dispose();
        loggers.Dispose();
    }

    private async Task ListenAsync(OperationsSettings operations)
    {
        await listener.UseAsync(operations.MetricsPort);
        await page.UseAsync(operations.PagePort == 0 ? null : operations.PagePort, [.. pageHosts, .. operations.PageHosts]);
    }

    private async Task<int> RunAllAsync(CancellationToken token)
    {
        watchdog.Start(Watchdog.End);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(token);
        using var leaving = new CancellationTokenSource();

        // on threads of their own: loading a model and reading the journal must not hold up the hub
        var loaded = Task.Run(() => updates.StartAsync(leaving.Token), CancellationToken.None);
        var running = Task.Run(() => RunStagesAsync(loaded, ending.Token), CancellationToken.None);
        Task[] control = [RunUpdatesAsync(loaded, leaving.Token), .. hub is null ? [] : new[] { hub.RunAsync(Handlers(), leaving.Token), twin!.RunAsync(leaving.Token) }];
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

    private async Task<int> RunStagesAsync(Task loaded, CancellationToken token)
    {
        await Task.WhenAny(loaded, Task.Delay(Timeout.InfiniteTimeSpan, clock, token));
        return await stages.RunAsync(token);
    }

    private async Task RunUpdatesAsync(Task loaded, CancellationToken token)
    {
        await loaded;
        await updates.RunAsync(token);
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
            var answer = await dispatcher.RunAsync(request.Name, request.Payload, isLocal: false, token);
            return new MethodResponse(answer.Status, answer.ToBytes());
        },
        inputs!.TakeAsync);

    /// <summary>Whether a source asks for an adapter, or one is on this device or on its way.</summary>
    private bool HasAdapters() =>
        state.Settings?.Settings?.Sources.Any(source => source.Adapter is not null) == true || updates.Slots.Any(slot => slot.Id.Adapter is not null && (slot.State.Active is not null || slot.State.Candidate is not null));

    /// <summary>What is reported beside the sections.</summary>
    private JsonObject Reported() => new([KeyValuePair.Create<string, JsonNode?>("heartbeat", commands.Heartbeat()), .. updates.Report.Members()]);

    private async Task ApplyAsync(SettingsReadResult read, CancellationToken token)
    {
        if (read.Settings is { } settings)
        {
            state.Settings = read;
            updates.Use(settings.Targets);
            await ListenAsync(settings.Operations);
            await stages.ApplyAsync(settings, token);
        }

        // not before it is so: who reads the status goes by it
        state.Sections = start.Layers.Statuses;
        state.Hub = state.Hub is { } status ? status with { DesiredVersion = twin!.Version } : null;
    }
}
