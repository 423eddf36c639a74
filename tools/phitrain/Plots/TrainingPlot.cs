using EdgeGateway.PhiTrain.Training;
using ScottPlot;

namespace EdgeGateway.PhiTrain.Plots;

/// <summary>Draws a training: loss and validation F1 over steps, a curve for each part.</summary>
internal static class TrainingPlot
{
    private const int Width = 1100;
    private const int Height = 800;

    /// <summary>Writes the picture (PNG).</summary>
    public static void Draw(string path, IReadOnlyList<IReadOnlyList<TrainingPoint>> curves)
    {
        Picture.NeedsFont();
        var multiplot = new Multiplot { Layout = new ScottPlot.MultiplotLayouts.Grid(2, 1) };
        multiplot.AddPlots(2);
        var (loss, f1, colors) = (multiplot.GetPlot(0), multiplot.GetPlot(1), new ScottPlot.Palettes.ColorblindFriendly());
        foreach (var (i, curve) in curves.Index())
        {
            var last = curve[^1];
            var name = last.Step < last.Steps ? $"{last.Part}, {last.Step} of {last.Steps}" : last.Part;
            AddCurve(loss, name, colors.GetColor(i), [.. curve.Zip(Smooth(curve), (p, smooth) => (p.Step, smooth))], marker: 0);
            AddCurve(f1, name, colors.GetColor(i), [.. curve.Where(p => p.F1 is not null).Select(p => (p.Step, p.F1!.Value))], marker: 6);
        }

        loss.Title("Loss (mean of some 50 steps)");
        f1.Title("F1 on held-out series, in float, at the best threshold");
        f1.XLabel("step");
        foreach (var plot in new[] { loss, f1 })
        {
            plot.ShowLegend(Edge.Right);
            plot.Axes.AutoScale();
            plot.Axes.SetLimitsX(0, curves.Max(c => c[^1].Step));
        }

        f1.Axes.SetLimitsY(0, 1);
        Picture.Write(path, multiplot.Render(Width, Height));
    }

    private static void AddCurve(Plot plot, string name, Color color, (int Step, double Value)[] points, float marker)
    {
        var line = plot.Add.Scatter(points.Select(p => (double)p.Step).ToArray(), points.Select(p => p.Value).ToArray(), color);
        (line.LegendText, line.LineWidth, line.MarkerSize) = (name, 2, marker);
    }

    /// <summary>The mean that the training shows.</summary>
    private static IEnumerable<double> Smooth(IReadOnlyList<TrainingPoint> curve)
    {
        var state = default(TrainingState);
        foreach (var point in curve)
        {
            state = state.Next(point.Loss);
            yield return state.Loss;
        }
    }
}
