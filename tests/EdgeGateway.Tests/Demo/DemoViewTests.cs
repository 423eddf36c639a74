using EdgeGateway.Alerts;
using EdgeGateway.Demo;
using EdgeGateway.Verdicts;
using Microsoft.Extensions.Time.Testing;
using SensorSimulator.Plant;
using SensorSimulator.Synthesis;
using Spectre.Console;

namespace EdgeGateway.Tests.Demo;

public sealed class DemoViewTests : IDisposable
{
    private static readonly PlantSensor Pressure = new("l1/p1", "pressure", "bar", BackgroundKind.Autoregressive, 4.2, .08, 3);
    private readonly StringWriter written = new();

    public void Dispose() => written.Dispose();

    [Fact]
    public void A_sensor_goes_from_learning_to_normal_to_alert_and_back()
    {
        var view = View([Pressure]);
        Assert.EndsWith("learning", Row(view, "l1/p1/pressure"), StringComparison.Ordinal);
        view.Add(Verdict() with { Score = double.NaN, NotJudged = NotJudgedReason.Warming });
        Assert.EndsWith("learning", Row(view, "l1/p1/pressure"), StringComparison.Ordinal);
        view.Add(Verdict() with { Score = -2.14 });
        Assert.EndsWith("-2.1 normal", Row(view, "l1/p1/pressure"), StringComparison.Ordinal);
        var alert = DemoAlerts.Raised("a", "l1/p1", 400, "oscillation");
        view.Add(alert, "injected: oscillation");
        Assert.EndsWith("-2.1 ALERT oscillation", Row(view, "l1/p1/pressure"), StringComparison.Ordinal);
        view.Add(alert.Cleared(520), "injected: oscillation");
        Assert.EndsWith("-2.1 normal", Row(view, "l1/p1/pressure"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_alert_marks_the_sensors_that_speak_for_it_alone()
    {
        var view = View([Pressure, Pressure with { Name = "flow" }]);
        view.Add(DemoAlerts.Raised("a", "l1/p1", 400), "no fault injected");
        Assert.Contains("ALERT drift", Row(view, "l1/p1/pressure"), StringComparison.Ordinal);
        Assert.DoesNotContain("ALERT", Row(view, "l1/p1/flow"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_newest_minute_is_a_sparkline_and_the_newest_value_has_its_unit()
    {
        var view = View([Pressure]);
        for (var second = 0; second < 100; second++)
        {
            view.Add(second, Message(Pressure, second < 40 ? 1000 : second));
        }

        view.Add(100, Message(Pressure, double.NaN));
        Assert.StartsWith("l1/p1/pressure 99.000 bar", Row(view, "l1/p1/pressure"), StringComparison.Ordinal);
        Assert.Contains("▁▁▁▂▂▃▃▃▄▄▅▅▆▆▆▇▇███", Row(view, "l1/p1/pressure"), StringComparison.Ordinal);
        Assert.Contains("08:01:40 in the plant, 0:08 left", Frame(view), StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_that_the_budget_left_out_keeps_the_newest_score()
    {
        var view = View([Pressure]);
        view.Add(Verdict() with { Score = 3.2 });
        view.Add(Verdict() with { Score = double.NaN, NotJudged = NotJudgedReason.Budget });
        Assert.EndsWith("3.2 normal", Row(view, "l1/p1/pressure"), StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_names_stand_there_as_they_are_and_cannot_steer_the_terminal()
    {
        var view = View([Pressure with { Asset = "[red]l1[/]", Name = "[link=x]\u001b[2J\n[" }]);
        view.Add(DemoAlerts.Raised("a", "[bold]l9\u001b]0;x\u0007[/", 400), "injected: [blink]");
        var frame = Frame(view);
        Assert.Contains(@"[red]l1[/]/[link=x]\u001b[2J | [", frame, StringComparison.Ordinal);
        Assert.Contains(@"[bold]l9\u001b]0;x\u0007[/", frame, StringComparison.Ordinal);
        Assert.Contains("injected: [blink]", frame, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', frame);
    }

    [Fact]
    public void The_newest_eight_events_are_shown_oldest_first_and_cut_where_the_terminal_ends()
    {
        var view = View([Pressure]);
        for (var i = 0; i < 20; i++)
        {
            view.Add(DemoAlerts.Raised($"a{i}", new string('x', 90), 60 * i), "no fault injected");
        }

        var events = Frame(view).Split('\n').Where(l => l.Contains("raised", StringComparison.Ordinal)).ToList();
        Assert.Equal(["08:12", "08:13", "08:14", "08:15", "08:16", "08:17", "08:18", "08:19"], events.Select(l => l[..5]));
        Assert.All(events, line => Assert.True(line.TrimEnd().Length < 100 && line.TrimEnd().EndsWith('…'), line));
    }

    [Fact]
    public async Task The_last_frame_stays_and_a_fault_of_the_work_is_passed_on()
    {
        var view = new DemoView(Terminal(100, 34, ansi: true), [Pressure], DemoAlerts.Start, 600, 60);
        var work = new TaskCompletionSource();
        var shown = view.ShowWhileAsync(work.Task, new FakeTimeProvider());
        view.Add(DemoAlerts.Raised("a", "l1/p1", 400), "injected: drift");
        work.SetException(new IOException("broken"));
        await Assert.ThrowsAsync<IOException>(() => shown);
        Assert.Contains("injected: drift", written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_that_takes_nothing_holds_nobody_up()
    {
        using var stuck = new StuckWriter();
        var view = new DemoView(Terminal(100, 34, ansi: true, stuck), [Pressure], DemoAlerts.Start, 600, 60);
        var shown = Task.Run(() => view.ShowWhileAsync(Task.CompletedTask, TimeProvider.System), TestContext.Current.CancellationToken);
        await stuck.Reached.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        var adding = Task.Run(
            () =>
            {
                view.Add(Verdict());
                view.Add(1, Message(Pressure, 4));
                view.Add(DemoAlerts.Raised("a", "l1/p1", 400), "injected: drift");
            },
            TestContext.Current.CancellationToken);
        await adding.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.False(shown.IsCompleted);
        stuck.Free.Set();
        await shown;
    }

    [Theory]
    [InlineData(80, 24, true, true)]
    [InlineData(79, 24, true, false)]
    [InlineData(80, 19, true, false)]
    [InlineData(80, 24, false, false)]
    public void A_terminal_that_is_too_small_or_knows_no_cursor_gets_plain_lines(int width, int height, bool ansi, bool fits) =>
        Assert.Equal(fits, DemoView.Fits(Terminal(width, height, ansi)));

    [Fact]
    public void Plain_lines_have_these_forms()
    {
        var alert = DemoAlerts.Raised("a", "line1/pump1", 400);
        string[] lines =
        [
            DemoRun.LineOf(alert, "injected: drift"),
            DemoRun.LineOf(alert with { Transition = Transition.Updated, Kind = "oscillation" }, "no fault injected"),
            DemoRun.LineOf(alert.Cleared(520), "injected: drift"),
            DemoRun.LineOf(alert with { Family = Family.Silent, Kind = "silent", Text = "line1/pump1/pressure is silent." }, ""),
        ];
        Assert.Equal(
            [
                "08:06:40 raised  line1/pump1      drift       ▁▂▃▄▅▆▇█▇▆▅▄▃▂▁▂▃▄▅▆ line1/pump1/pressure looks like drift: mean 4.1 bar. [injected: drift]",
                "08:06:40 updated line1/pump1      oscillation ▁▂▃▄▅▆▇█▇▆▅▄▃▂▁▂▃▄▅▆  [no fault injected]",
                "08:08:40 cleared line1/pump1      drift       ▁▂▃▄▅▆▇█▇▆▅▄▃▂▁▂▃▄▅▆  [injected: drift]",
                "08:06:40 raised  line1/pump1      silent      ▁▂▃▄▅▆▇█▇▆▅▄▃▂▁▂▃▄▅▆ line1/pump1/pressure is silent.",
            ],
            lines);
    }

    private static PlantMessage[] Message(PlantSensor sensor, double value) => [new(new PlantAsset(sensor.Asset, [sensor.Name]), DemoAlerts.Start, new[] { value })];

    private static Verdict Verdict() => Any.Verdict(Any.Sensor("l1/p1/pressure"), 1, 0);

    private DemoView View(PlantSensor[] sensors) => new(Terminal(100, 34, ansi: false), sensors, DemoAlerts.Start, 600, 60);

    private string Row(DemoView view, string sensor) => Frame(view).Split('\n').Single(l => l.StartsWith(sensor + " ", StringComparison.Ordinal)).TrimEnd();

    private string Frame(DemoView view)
    {
        written.GetStringBuilder().Clear();
        Terminal(100, 34, ansi: false).Write(view.Frame());
        return written.ToString();
    }

    private IAnsiConsole Terminal(int width, int height, bool ansi, TextWriter? writer = null)
    {
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = ansi ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer ?? written),
        });
        (terminal.Profile.Width, terminal.Profile.Height, terminal.Profile.Capabilities.Unicode) = (width, height, true);
        return terminal;
    }

    /// <summary>A terminal that was paused: every write waits until it is freed.</summary>
    private sealed class StuckWriter : StringWriter
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim Free { get; } = new();

        public override void Write(string? value) => Wait();

        public override void Write(char[] buffer, int index, int count) => Wait();

        protected override void Dispose(bool disposing)
        {
            Free.Dispose();
            base.Dispose(disposing);
        }

        private void Wait()
        {
            Reached.TrySetResult();
            Free.Wait();
        }
    }
}
