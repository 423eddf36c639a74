using EdgeGateway.PhiTrain.Data;
using EdgeGateway.Replay;
using ScottPlot;
using SensorSimulator.Synthesis;

namespace EdgeGateway.PhiTrain.Plots;

/// <summary>Draws what a model would be trained on: a sheet of small pictures, a series each, with its labels.</summary>
internal static class ContactSheet
{
    private const int Columns = 4;
    private const int Rows = 6;
    private const int Width = 1800;
    private const int Height = 1560;
    private const int LongestTitle = 54;

    /// <summary>Writes the picture (PNG). With recordings, half of the series are theirs, spread over them.</summary>
    public static void Draw(string path, DataPlan plan)
    {
        Picture.NeedsFont();
        var recorded = plan.Recordings.Count == 0 ? [] : Recorded(plan).Take(Columns * Rows / 2).ToArray();
        var generated = Enumerable.Range(0, (Columns * Rows) - recorded.Length).Select(i => Generated(plan.Seed, i));
        var multiplot = new Multiplot { Layout = new ScottPlot.MultiplotLayouts.Grid(Rows, Columns) };
        multiplot.AddPlots(Columns * Rows);
        foreach (var (i, panel) in generated.Concat(recorded).Index())
        {
            DrawPanel(multiplot.GetPlot(i), panel);
        }

        Picture.Write(path, multiplot.Render(Width, Height));
    }

    private static Panel Generated(ulong seed, int index)
    {
        var series = SyntheticSeries.Generate(seed, index);
        return new Panel($"{index}: {Words(series.Background)}", series.Values, [.. series.Faults.Select(Mark.Of)]);
    }

    /// <summary>A stretch with injected faults, or a recording with its labels, by turns, from recordings that lie far apart in their order.</summary>
    private static IEnumerable<Panel> Recorded(DataPlan plan)
    {
        const int Wanted = Columns * Rows / 2;
        for (var i = 0; i < Wanted; i++)
        {
            var recording = plan.Recordings[(int)((long)i * plan.Recordings.Count / Wanted)];
            if (plan.Use == RecordingUse.Examples || (plan.Use == RecordingUse.Both && i % 2 == 0))
            {
                double[] values = [.. RecordedWindows.RowsOf(recording).Select(r => r.Values[0])];
                yield return new Panel($"labelled, {recording.Labels.Set}: {recording.Device}", values, [.. recording.Labels.Events.Select(e => new Mark(e[0], e[1], "event"))]);
                continue;
            }

            var random = new RandomStream(plan.Seed, (ulong)i);
            if (RecordedBackgrounds.Stretches(recording.Labels, RecordedWindows.RowsOf(recording), random) is [var stretch, ..])
            {
                var faults = RecordedBackgrounds.Inject(stretch.Values, random);
                yield return new Panel($"injected, {recording.Labels.Set}: {recording.Device}", stretch.Values, [.. faults.Select(Mark.Of)]);
            }
        }
    }

    private static void DrawPanel(Plot plot, Panel panel)
    {
        plot.Title(panel.Title.Length <= LongestTitle ? panel.Title : panel.Title[..(LongestTitle - 1)] + "…", 13);

        // missing values are left out, and the line goes on behind them
        var present = panel.Values.Index().Where(v => double.IsFinite(v.Item)).ToArray();
        var line = plot.Add.ScatterLine(present.Select(v => (double)v.Index).ToArray(), present.Select(v => v.Item).ToArray(), Colors.Black.WithOpacity(.8));
        line.LineWidth = 1;
        var (low, high) = (present.Select(v => v.Item).DefaultIfEmpty(0).Min(), present.Select(v => v.Item).DefaultIfEmpty(0).Max());
        var room = Math.Max(high - low, 1e-9);
        var (bottom, top) = (low - (.05 * room), high + (.3 * room));
        foreach (var (i, mark) in panel.Marks.Index())
        {
            var span = plot.Add.HorizontalSpan(mark.First, Math.Max(mark.Last, mark.First + (panel.Values.Length / 300)));
            span.FillColor = Colors.OrangeRed.WithOpacity(.3);
            span.LineWidth = 0;

            // names in three heights, so that neighbours do not cover each other
            var atEnd = mark.First > .85 * panel.Values.Length;
            var name = plot.Add.Text(mark.Name, atEnd ? mark.Last : mark.First, top - ((.02 + (i % 3 * .09)) * room));
            (name.LabelFontSize, name.LabelFontColor, name.LabelAlignment) = (11, Colors.DarkRed, atEnd ? Alignment.UpperRight : Alignment.UpperLeft);
        }

        plot.Axes.SetLimits(0, panel.Values.Length, bottom, top);
        plot.Grid.IsVisible = false;
        plot.Axes.Left.TickLabelStyle.FontSize = 10;
        plot.Axes.Bottom.TickLabelStyle.FontSize = 10;
    }

    /// <summary>OnChange -> "on change".</summary>
    private static string Words(BackgroundKind kind) => string.Concat(kind.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    private sealed record Panel(string Title, double[] Values, IReadOnlyList<Mark> Marks);

    private sealed record Mark(int First, int Last, string Name)
    {
        public static Mark Of(Fault fault) => new(fault.First, fault.Last, fault.Kind.ToString().ToLowerInvariant());
    }
}
