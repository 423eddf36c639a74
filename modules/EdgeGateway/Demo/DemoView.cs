using System.Globalization;
using EdgeGateway.Alerts;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;
using SensorSimulator.Plant;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EdgeGateway.Demo;

/// <summary>
/// The demo on a terminal: a row a sensor, the newest events, the time left. Takes what happens at once and keeps only the newest of it; a task of its own draws five times
/// a second, so that a slow terminal never holds up a stage. Thread-safe.
/// </summary>
internal sealed class DemoView(IAnsiConsole terminal, IReadOnlyList<PlantSensor> sensors, DateTimeOffset start, int seconds, double speed)
{
    private const int MostEvents = 8;
    private const int BarWidth = 60;

    /// <summary>Lines of a frame besides sensors and events: heads, rules, progress, and the line of the cursor.</summary>
    private const int OtherLines = 6;

    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);
    private static readonly Style Dim = new(Color.Grey);
    private static readonly Style Bad = new(Color.Red, decoration: Decoration.Bold);
    private static readonly Style Good = new(Color.Green);
    private readonly SensorRow[] rows = [.. sensors.Select(s => new SensorRow(s))];
    private readonly Dictionary<string, Alert> open = [];
    private readonly Queue<(Alert Alert, string Truth)> events = new(MostEvents);
    private readonly Lock gate = new();
    private int second;

    /// <summary>Takes the readings of one second of the plant.</summary>
    public void Add(int now, IEnumerable<PlantMessage> messages)
    {
        lock (gate)
        {
            second = now;
            foreach (var message in messages)
            {
                for (var i = 0; i < message.Asset.Names.Length; i++)
                {
                    Row(SensorRow.IdOf(message.Asset.Name, message.Asset.Names[i]))?.Add(message.Values.Span[i]);
                }
            }
        }
    }

    /// <summary>Takes a verdict of the gateway.</summary>
    public void Add(Verdict verdict)
    {
        lock (gate)
        {
            Row(verdict.Window.Sensor.Id)?.Add(verdict);
        }
    }

    /// <summary>Takes a transition, and what the plant knows about it.</summary>
    public void Add(Alert alert, string truth)
    {
        lock (gate)
        {
            if (alert.Active)
            {
                open[alert.AlertId] = alert;
            }
            else
            {
                open.Remove(alert.AlertId);
            }

            if (events.Count == MostEvents)
            {
                events.Dequeue();
            }

            events.Enqueue((alert, truth));
        }
    }

    /// <summary>Draws until the work has ended; the last frame stays on the screen.</summary>
    public Task ShowWhileAsync(Task work, TimeProvider clock) => terminal.Live(Frame()).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
    {
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(Refresh, clock, CancellationToken.None));
            live.UpdateTarget(Frame());
        }

        await work;
    });

    /// <summary>What is to be seen now. Everything in it is plain text: no name is read as markup.</summary>
    public IRenderable Frame()
    {
        lock (gate)
        {
            return new Rows(SensorTable_NeedsLock(), new Text("events", Dim), EventTable_NeedsLock(), Progress_NeedsLock());
        }
    }

    private Table SensorTable_NeedsLock()
    {
        var names = rows.Max(r => r.Name.Length);
        var table = new Table().Border(TableBorder.Simple).BorderStyle(Dim)
            .AddColumn(Column("sensor", names)).AddColumn(Column("value", 14)).AddColumn(Column("newest minute", 20)).AddColumn(Column("score", 6).RightAligned()).AddColumn(Column("state", 18));
        foreach (var row in rows)
        {
            var alert = open.Values.Where(a => a.Sensors.Contains(row.Id)).MaxBy(a => a.Severity);
            var style = alert is not null ? Bad : row.Learning ? Dim : Good;
            table.AddRow(
                new Text(row.Name), new Text(row.Value), new Text(row.Line, style), new Text(row.Score, row.Anomalous ? Bad : Style.Plain),
                Line(alert is not null ? $"ALERT {alert.Kind}" : row.Learning ? "learning" : "normal", style));
        }

        return table;
    }

    private Grid EventTable_NeedsLock()
    {
        var shown = Math.Clamp(terminal.Profile.Height - rows.Length - OtherLines, 1, MostEvents);
        var grid = new Grid().AddColumns([.. Enumerable.Range(0, 6).Select(_ => new GridColumn().NoWrap().PadLeft(0).PadRight(1))]);
        foreach (var (alert, truth) in events.TakeLast(shown))
        {
            grid.AddRow(
                Line($"{alert.Time:HH:mm:ss}", Dim), Line(AlertJson.Name(alert.Transition), alert.Active ? Bad : Good), Line(alert.Subject, Style.Plain),
                Line(alert.Kind, Style.Plain), Line(truth, Dim), Line(alert.Transition == Transition.Raised ? alert.Text : "", Style.Plain));
        }

        for (var i = events.Count; i < shown; i++)
        {
            grid.AddRow(Text.Empty);
        }

        return grid;
    }

    private Paragraph Progress_NeedsLock()
    {
        var done = (int)((long)BarWidth * (second + 1) / seconds);
        var left = TimeSpan.FromSeconds((seconds - 1 - second) / speed);
        return new Paragraph()
            .Append(new string('━', done), Good).Append(new string('━', BarWidth - done), Dim)
            .Append(string.Create(CultureInfo.InvariantCulture, $" {start.AddSeconds(second):HH:mm:ss} in the plant, {left:m\\:ss} left"));
    }

    private static TableColumn Column(string head, int width) => new(new Text(head, Dim)) { Width = width, NoWrap = true };

    private static Text Line(string text, Style style) => new(SensorRow.Literal(text), style) { Overflow = Overflow.Ellipsis };

    private SensorRow? Row(string id) => Array.Find(rows, r => r.Id == id);
}
