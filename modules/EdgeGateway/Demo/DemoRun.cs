using System.Globalization;
using EdgeGateway.Alerts;
using EdgeGateway.Mqtt;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows.Fields;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SensorSimulator.Plant;
using SensorSimulator.Publishing;
using Spectre.Console;

namespace EdgeGateway.Demo;

/// <summary>One run of the demo: a broker in this process, a simulated plant that publishes to it, and a whole gateway that reads from it and sends alerts to it.</summary>
/// <param name="pagePort">Port of the page; null for none, 0 for any that is free.</param>
/// <param name="terminal">Shows a table that follows the run; null: a plain line an event.</param>
internal sealed class DemoRun(ulong seed, int seconds, double speed, int? pagePort, TextWriter output, IAnsiConsole? terminal)
{
    private static readonly DateTimeOffset PlantStart = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Plant plant = Plant.Create(seed, PlantStart, seconds);
    private readonly DemoView? view = terminal is null ? null : new DemoView(terminal, PlantSensor.All, PlantStart, seconds, speed);
    private readonly Lock gate = new();
    private long alertBytes;

    /// <summary>Runs to the end of the plant and prints what came of it, or until it is stopped; 0 when all went well.</summary>
    public async Task<int> RunAsync(Func<GatewaySettings, string, IHost> build, CancellationToken token)
    {
        var data = Directory.CreateTempSubdirectory("edgegateway-demo-");
        try
        {
            return await RunAsync(build, data.FullName, token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            await output.WriteLineAsync("Stopped before its end.");
            return Commands.ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("A stage of the gateway ended with a fault, which the log above names.");
            return Commands.ExitCode.Fault;
        }
        catch (TimeoutException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Commands.ExitCode.Fault;
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    /// <summary>A transition as a plain line.</summary>
    public static string LineOf(Alert alert, string truth) => string.Create(
        CultureInfo.InvariantCulture,
        $"{alert.Time:HH:mm:ss} {AlertJson.Name(alert.Transition),-7} {alert.Subject,-16} {alert.Kind,-11} {alert.Sparkline,-20} {(alert.Transition == Transition.Raised ? alert.Text : "")}{(truth.Length == 0 ? "" : $" [{truth}]")}");

    private async Task<int> RunAsync(Func<GatewaySettings, string, IHost> build, string data, CancellationToken token)
    {
        var score = new DemoScore(plant.Faults);
        await using var broker = await EmbeddedBroker.StartAsync($"edgegateway-{DemoSettings.Gateway}");
        broker.Listen($"edgegateway/{DemoSettings.Gateway}/events", body => Show(AlertJson.Read(body), body.Length, score));
        using var host = build(DemoSettings.For(plant, broker.Port), data);
        host.Services.GetRequiredService<WindowJudge>().Judged += (_, verdict) => view?.Add(verdict);
        await using var page = new DemoPage(host.Services, data);
        host.Services.GetRequiredService<Recovery>().Run();
        await host.StartAsync(token);
        try
        {
            // a stage that faults stops the host
            using var either = CancellationTokenSource.CreateLinkedTokenSource(token, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
            await broker.Subscribed.WaitAsync(either.Token);
            await page.UseAsync(pagePort);
            Introduce(page.Address, broker.Port, data);
            await using var publisher = await Publisher.ConnectAsync(new PublishTarget("127.0.0.1", broker.Port), either.Token);
            var work = PlayAsync(host, publisher, either.Token);
            await (view is null ? work : view.ShowWhileAsync(work, TimeProvider.System));
            await host.StopAsync(CancellationToken.None);
            Summarise(score, host.Services.GetRequiredService<Accounting>(), publisher);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }

        return Commands.GatewayHost.Faulted(host, stopAsked: false) ? Commands.ExitCode.Fault : Commands.ExitCode.Done;
    }

    /// <summary>Publishes the plant and waits until the gateway has taken all of it.</summary>
    private async Task PlayAsync(IHost host, Publisher publisher, CancellationToken token)
    {
        await new PlantPublisher(plant, publisher, speed, TimeProvider.System).RunAsync(second => view?.Add(second, plant.At(second)), token);
        await DrainedAsync(host.Services.GetRequiredService<Accounting>(), host.Services.GetRequiredService<GatewayStore>(), token);
    }

    private void Introduce(string? page, int port, string data)
    {
        if (page is not null)
        {
            output.WriteLine($"The operator page, while this runs: {page}");
        }

        output.WriteLine($"Its alerts over MQTT: mosquitto_sub -i me -h 127.0.0.1 -p {port} -v -t 'edgegateway/{DemoSettings.Gateway}/#'   Its data, for export and report: {data}");
        output.WriteLine($"{plant.Assets.Length} machines with {PlantSensor.All.Length} sensors, one reading a second each: {TimeSpan.FromSeconds(seconds):g} of plant time at {speed:0.#} times its speed (seed {seed}).");
        output.WriteLine($"Every sensor is learnt for its first 300 readings. {plant.Faults.Length} faults follow.{(view is null ? " Plant time, event, asset, what the gateway says:" : "")}");
    }

    private void Show(Alert alert, int bytes, DemoScore score)
    {
        lock (gate)
        {
            alertBytes += bytes;
            score.Add(alert);
            var truth = alert.Family != Family.Anomaly ? "" : score.FaultOf(alert) is { } fault ? $"injected: {DemoScore.KindOf(fault)}" : "no fault injected";
            if (view is null)
            {
                output.WriteLine(LineOf(alert, truth));
            }
            else
            {
                view.Add(alert, truth);
            }
        }
    }

    /// <summary>Waits until all that was published has come out at the other end, as long as anything still moves: a slow machine must not cost a demo its last alerts.</summary>
    private async Task DrainedAsync(Accounting accounting, GatewayStore store, CancellationToken token)
    {
        var clock = TimeProvider.System;
        var readings = (long)seconds * PlantSensor.All.Length;
        var windows = (long)(seconds / SensorFields.Hop) * PlantSensor.All.Length;
        var (progress, since) = (-1L, clock.GetTimestamp());
        while (accounting.Total("received") < readings || accounting.Total("windows.closed") < windows || store.Tallies.Values.Any(t => t.Entries > 0))
        {
            var now = accounting.Total("received") + accounting.Total("windows.closed") + store.Tallies.Values.Sum(t => t.DeliveredEntries);
            if (now > progress)
            {
                (progress, since) = (now, clock.GetTimestamp());
            }
            else if (clock.GetElapsedTime(since) > Patience)
            {
                throw new TimeoutException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The gateway took {accounting.Total("received")} of {readings} readings and then nothing moved for {Patience.TotalSeconds:0} s: the embedded broker drops what it cannot hold. Take a lower --speed."));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, token);
        }
    }

    private void Summarise(DemoScore score, Accounting accounting, Publisher publisher)
    {
        output.WriteLine();
        output.WriteLine("Injected faults:");
        foreach (var line in score.Lines())
        {
            output.WriteLine(line);
        }

        var closed = accounting.Total("windows.closed");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {plant.Faults.Length} faults injected, {score.Found} found, {score.False} false alerts, {score.NamedRight} named right ({string.Join(", ", score.KindsNamedRight)}).
            {accounting.Total("taken")} readings, {closed} windows closed, {accounting.Total("windows.judged")} judged by the model, {closed - accounting.Total("windows.judged")} not (learning).
            {alertBytes} bytes of alerts for {publisher.Bytes} bytes of readings: {100.0 * alertBytes / Math.Max(1, publisher.Bytes):0.00} %.
            """));
    }
}
