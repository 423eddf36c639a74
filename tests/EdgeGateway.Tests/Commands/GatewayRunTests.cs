using EdgeGateway.Alerts;
using EdgeGateway.Commands;
using EdgeGateway.Delivery;
using EdgeGateway.Ingest;
using EdgeGateway.Models;
using EdgeGateway.Operations;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Commands;

/// <summary>The real stages come and go under changing settings; only their first one is ours, so that a test can hold it up. The clock stands still: nothing here is waited out.</summary>
public sealed class GatewayRunTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("gateway-run-");
    private readonly GatewayState state = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly GatewaySettings first = Any.Settings(Any.Source());
    private readonly ModelHost models = new(SensorModel.Load(LoadedModel.BuiltIn));
    private readonly GatewayRun run;
    private Action starting = () => { };

    public GatewayRunTests() => run = new GatewayRun(AddStages, folder.FullName, state, new LogSwitch(LogLevel.Warning), models, null, null, null, () => { }, new FakeTimeProvider(Any.Noon));

    public void Dispose()
    {
        stopping.Dispose();
        models.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_change_is_in_force_also_behind_as_many_questions_as_can_wait()
    {
        await run.ApplyAsync(first, stopping.Token);
        var running = Task.Run(() => run.RunAsync(stopping.Token));
        await Hub.Until.HoldsAsync(() => state.Running is not null, "the stages run");
        var questions = state.Running!.Channels.Questions.Writer;
        while (questions.TryWrite(new WindowQuestion("nobody", new TaskCompletionSource<CapturedWindow?>())))
        {
            // until no more can wait
        }

        var other = With(threshold: 2);
        await run.ApplyAsync(other, stopping.Token).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Same(other, state.Running.Settings);
        await StopAsync(running);
    }

    [Fact]
    public async Task Settings_that_come_while_the_stages_start_are_in_force_once_they_run()
    {
        var other = With(threshold: 2);
        starting = () => run.ApplyAsync(other, stopping.Token).GetAwaiter().GetResult();
        await run.ApplyAsync(first, stopping.Token);
        var running = Task.Run(() => run.RunAsync(stopping.Token));
        await Hub.Until.HoldsAsync(() => state.Running?.Settings == other, "they are in force");
        await StopAsync(running);
    }

    [Fact]
    public async Task A_stop_while_the_stages_start_ends_the_run_with_0()
    {
        starting = stopping.Cancel;
        await run.ApplyAsync(first, stopping.Token);
        Assert.Equal(ExitCode.Done, await Task.Run(() => run.RunAsync(stopping.Token)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Null(state.Running);
    }

    private GatewaySettings With(double threshold) => first with { Detection = first.Detection with { Threshold = threshold } };

    private async Task StopAsync(Task<int> running)
    {
        await stopping.CancelAsync();
        Assert.Equal(ExitCode.Done, await running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    private IServiceCollection AddStages(IServiceCollection services, GatewayStart gateway)
    {
        starting();
        services.AddGateway(gateway).AddIngest();
        services.Remove(services.Last(s => s.ServiceType == typeof(IHostedService)));
        return services.AddHostedService<DeafIngest>().AddWindows().AddPrompts().AddVerdicts().AddAlerts().AddDelivery();
    }

    /// <summary>Passes settings on and answers no question.</summary>
    private sealed class DeafIngest(StageChannels channels) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            try
            {
                await foreach (var mark in channels.Settings.Reader.ReadAllAsync(stoppingToken))
                {
                    await channels.Readings.Writer.WriteAsync(new IngestItem(default, mark), stoppingToken);
                    (mark as SettingsChanged)?.Subscribed.TrySetResult();
                }
            }
            catch (OperationCanceledException)
            {
                // the stop
            }
            finally
            {
                channels.Readings.Writer.TryComplete();
            }
        }
    }
}
