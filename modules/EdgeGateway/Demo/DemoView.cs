using System.Globalization;
using EdgeGateway.Alerts;
using EdgeGateway.Operations;
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
    private const int BarWidth = 40;

    /// <summary>Lines of a frame besides sensors and events: three blank ones, two heads, progress, and the line of the cursor.</summary>
    private const int OtherLines = 7;

    private const int NarrowestTerminal = 80;
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
            return new Rows(new Text(" "), SensorTable_NeedsLock(), new Text(" "), new Text("newest events", Dim), Events_NeedsLock(), new Text(" "), Progress_NeedsLock());
        }
    }

    /// <summary>Whether a terminal can show the frame; where it cannot, plain lines are better.</summary>
    public static bool Fits(IAnsiConsole terminal) =>
        terminal.Profile.Capabilities.Ansi && terminal.Profile.Width >= NarrowestTerminal && terminal.Profile.Height > PlantSensor.All.Length + OtherLines;

    private Table SensorTable_NeedsLock()
    {
        var names = rows.Max(r => r.Name.Length);
        var table = new Table().Border(TableBorder.None)
            .AddColumn(Column("sensor", names)).AddColumn(Column("value", 11)).AddColumn(Column("newest minute", 20)).AddColumn(Column("score", 5).RightAligned()).AddColumn(Column("state", 17));
        foreach (var row in rows)
        {
            var alert = open.Values.Where(a => a.Sensors.Contains(row.Id)).MaxBy(a => a.Severity);
            var style = alert is not null ? Bad : row.Learning ? Dim : Good;
            table.AddRow(
                new Text(row.Name), new Text(row.Value), new Text(row.Line, style), new Text(row.Score, row.Anomalous ? Bad : Style.Plain),
                new Text(PlainText.Of(alert is not null ? $"ALERT {alert.Kind}" : row.Learning ? "learning" : "normal"), style));
        }

        return table;
    }

    private Rows Events_NeedsLock()
    {
        var shown = Math.Clamp(terminal.Profile.Height - rows.Length - OtherLines, 1, MostEvents);
        return new Rows(events.TakeLast(shown).Select(e => LineOf(e.Alert, e.Truth)).Concat(Enumerable.Repeat(new Paragraph(" "), MostEvents)).Take(shown));
    }

    /// <summary>One line, cut where the terminal ends.</summary>
    private Paragraph LineOf(Alert alert, string truth)
    {
        var transition = AlertJson.Name(alert.Transition);
        var line = PlainText.Of($"{alert.Time:HH:mm:ss} {transition,-7} {alert.Subject,-16} {alert.Kind,-11} {truth,-21} {alert.Sparkline}");
        var width = terminal.Profile.Width - 1;
        line = line.Length > width ? line[..(width - 1)] + '…' : line.PadRight(width);
        return new Paragraph().Append(line[..9], Dim).Append(line[9..16], alert.Active ? Bad : Good).Append(line[16..]);
    }

    private Paragraph Progress_NeedsLock()
    {
        var done = (int)((long)BarWidth * (second + 1) / seconds);
        var left = TimeSpan.FromSeconds((seconds - 1 - second) / speed);
        return new Paragraph()
            .Append(new string('━', done), Good).Append(new string('━', BarWidth - done), Dim)
            .Append(string.Create(CultureInfo.InvariantCulture, $" {start.AddSeconds(second):HH:mm:ss} in the plant, {left:m\\:ss} left"));
    }

    private static TableColumn Column(string head, int width) => new(new Text(head, Dim)) { Width = width, NoWrap = true, Padding = new Padding(0, 0, 1, 0) };

    private SensorRow? Row(string id) => Array.Find(rows, r => r.Id == id);
}
