using EdgeGateway.Hub;
using EdgeGateway.Models;
using EdgeGateway.Operations;
using EdgeGateway.Settings;
using EdgeGateway.Stages;

namespace EdgeGateway.Commands;

/// <summary>
/// Runs the stages under the settings in force: waits while there are none, changes them live where that is possible, and else stops the stages as at the end of the process
/// and starts them anew, which loses nothing.
/// </summary>
/// <param name="begun">Told whenever the stages run.</param>
internal sealed class GatewayRun(AddStages addStages, string dataFolder, GatewayState state, LogSwitch logging, ModelHost models, IHubClient? hub, HubInputSource? inputs, CommandDispatcher? commands, Action begun, TimeProvider clock)
{
    /// <summary>How long a change waits for the stages; behind a full backlog it comes into force later.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private TaskCompletionSource changed = NewSignal();
    private GatewaySettings? wanted;

    /// <summary>What is done when the stages have ended and before they begin anew.</summary>
    private readonly List<(Action Do, TaskCompletionSource Done)> between = [];

    /// <summary>What the stages run on, or are being started with; null while there are none.</summary>
    private GatewaySettings? underWay;
    private bool restart;

    /// <summary>
    /// Puts settings in force, the first ones or other ones; returns when the stages have changed and the sources have subscribed, or when that takes too long to wait for. From the first moment of the call
    /// on they are what the stages come to, whether it is waited for or not.
    /// </summary>
    public async Task ApplyAsync(GatewaySettings settings, CancellationToken token)
    {
        if (Change(settings) is not { } mark)
        {
            return;
        }

        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        try
        {
            await Task.WhenAll(mark.InForce.Task, mark.Subscribed.Task).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            // the mark is on its way through the stages
        }
    }

    /// <summary>Does something while no stage runs: at once when there are none, else they stop for it and go on after it.</summary>
    public async Task WithStagesStoppedAsync(Action action, CancellationToken token)
    {
        var done = NewSignal();
        lock (gate)
        {
            if (underWay is null)
            {
                action();
                return;
            }

            between.Add((action, done));
            restart = true;
            changed.TrySetResult();
        }

        await done.Task.WaitAsync(token);
    }

    /// <summary>The mark that was sent to the stages that run; null when stages are to be started, or are just starting and get it then.</summary>
    private SettingsChanged? Change(GatewaySettings settings)
    {
        lock (gate)
        {
            UseLogLevel(settings.Operations);
            wanted = settings;
            if (restart || underWay is null || NeedsRestart(underWay, settings))
            {
                // stages that are to stop would never answer a mark, also where the newest settings are theirs again
                restart = true;
                changed.TrySetResult();
                return null;
            }

            return state.Running is { } running ? Send(running) : null;
        }
    }

    private SettingsChanged Send(RunningGateway running)
    {
        var mark = new SettingsChanged(wanted!, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        running.Channels.Settings.Writer.TryWrite(mark);
        underWay = wanted;
        state.Running = running with { Settings = wanted! };
        return mark;
    }

    /// <summary>Runs until the token is cancelled or the stages end by themselves; the exit code.</summary>
    public async Task<int> RunAsync(CancellationToken token)
    {
        while (true)
        {
            if (await NextAsync(token) is not { } settings)
            {
                return ExitCode.Done;
            }

            using var ending = CancellationTokenSource.CreateLinkedTokenSource(token);
            var stages = GatewayHost.RunAsync(new GatewayStart(settings, dataFolder, logging, models, hub, inputs, commands) { Damage = state.Damage }, addStages, Runs, ending.Token);
            if (await Task.WhenAny(stages, changed.Task) != stages)
            {
                await ending.CancelAsync();
            }

            var code = await stages;
            if (code != ExitCode.Done || token.IsCancellationRequested || !restart)
            {
                return code;
            }
        }
    }

    /// <summary>Whether these settings are not for stages that run: names, the broker's connections, the webhook, the journal, the model.</summary>
    internal static bool NeedsRestart(GatewaySettings now, GatewaySettings then) =>
        now.Gateway != then.Gateway || now.Broker != then.Broker || now.Webhook != then.Webhook || now.Ack != then.Ack || now.ModelPath != then.ModelPath || !now.Operations.Commands.SequenceEqual(then.Operations.Commands);

    private async Task<GatewaySettings?> NextAsync(CancellationToken token)
    {
        try
        {
            await changed.Task.WaitAsync(token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            return null;
        }

        lock (gate)
        {
            DoBetween();
            (changed, restart, underWay) = (NewSignal(), false, wanted);
            return wanted;
        }
    }

    private void DoBetween()
    {
        foreach (var (action, done) in between)
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception e)
            {
                // whoever asked for it has to deal with it
                done.SetException(e);
            }
        }

        between.Clear();
    }

    /// <summary>The stages run, or (null) they do not any more.</summary>
    private void Runs(IServiceProvider? services)
    {
        lock (gate)
        {
            state.Running = services is null ? null : RunningGateway.Of(services, underWay!, clock.GetUtcNow());
            if (services is null)
            {
                underWay = null;
            }
            else if (!ReferenceEquals(wanted, underWay) && !restart)
            {
                // it came while they were starting
                Send(state.Running!);
            }
        }

        if (services is not null)
        {
            begun();
        }
    }

    private void UseLogLevel(OperationsSettings operations)
    {
        // a level that was set by command holds until the settings say another one
        if (operations.LogLevel != wanted?.Operations.LogLevel)
        {
            logging.Level = operations.LogLevel ?? logging.Initial;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
