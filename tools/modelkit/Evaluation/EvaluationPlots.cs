using System.Globalization;
using System.Net;
using System.Text;

namespace EdgeGateway.ModelKit.Evaluation;

/// <summary>
/// The plots of the report as SVG whose colours are those of the page, so that they follow light and dark. Plain elements: a plotting library would bring its own renderer
/// (tens of megabytes), and its pictures keep the colours that they were drawn in.
/// </summary>
internal static class EvaluationPlots
{
    private const double Width = 300;
    private const double Left = 92;
    private const double Right = 12;
    private const double RowHeight = 17;
    private const double Side = 240;
    private const double Bars = 46;

    /// <summary>One figure of every judge with its interval, a row each.</summary>
    /// <param name="largest">Value at the right end of the axis.</param>
    public static string Dots(IReadOnlyList<(string Judge, Figure Figure)> judges, double largest)
    {
        var svg = new StringBuilder();
        var bottom = 8 + (judges.Count * RowHeight);
        double X(double value) => Left + ((Width - Left - Right) * Math.Clamp(value / largest, 0, 1));
        foreach (var tick in Enumerable.Range(0, 5).Select(i => i * largest / 4))
        {
            svg.Append(Svg($"<line class='grid' x1='{X(tick):0.#}' x2='{X(tick):0.#}' y1='4' y2='{bottom}'/><text x='{X(tick):0.#}' y='{bottom + 14}' text-anchor='middle'>{tick:0.##}</text>"));
        }

        foreach (var (i, (judge, figure)) in judges.Index())
        {
            var (y, kind) = (8 + ((i + 0.5) * RowHeight), Class(judge));
            svg.Append(Svg($"<text class='{kind}' x='{Left - 8}' y='{y + 4}' text-anchor='end'>{Text(judge)}</text>"));
            if (figure is { Value: { } value })
            {
                svg.Append(Svg($"<g class='{kind}'><title>{Text(judge)}: {EvaluationTable.Text(figure)}</title>"));
                if (figure is { Low: { } low, High: { } high })
                {
                    svg.Append(Svg($"<line class='whisker' x1='{X(low):0.#}' x2='{X(high):0.#}' y1='{y}' y2='{y}'/>"));
                }

                svg.Append(Svg($"<circle cx='{X(value):0.#}' cy='{y}' r='4' stroke-width='1.5'/></g>"));
            }
        }

        return Svg($"<svg viewBox='0 0 {Width} {bottom + 20}' role='img'>{svg}</svg>");
    }

    /// <summary>Share of anomalous windows over confidence, and below it how many windows there are of each confidence (square-root scale).</summary>
    public static string Reliability(CalibrationFigures calibration)
    {
        var svg = new StringBuilder();
        double X(double value) => 40 + (value * Side);
        double Y(double value) => 8 + ((1 - value) * Side);
        foreach (var tick in Enumerable.Range(0, 6).Select(i => i / 5.0))
        {
            svg.Append(Svg($"<line class='grid' x1='{X(tick)}' x2='{X(tick)}' y1='{Y(1)}' y2='{Y(0)}'/><line class='grid' x1='{X(0)}' x2='{X(1)}' y1='{Y(tick)}' y2='{Y(tick)}'/>"));
            svg.Append(Svg($"<text x='{X(0) - 6}' y='{Y(tick) + 4}' text-anchor='end'>{tick:0.0}</text><text x='{X(tick)}' y='{Y(0) + Bars + 22}' text-anchor='middle'>{tick:0.0}</text>"));
        }

        svg.Append(Svg($"<line class='ideal' x1='{X(0)}' y1='{Y(0)}' x2='{X(1)}' y2='{Y(1)}'/>"));
        svg.Append(Svg($"<text transform='translate(10 {Y(0.5)}) rotate(-90)' text-anchor='middle'>share that touches an event</text><text x='{X(0.5)}' y='{Y(0) + Bars + 38}' text-anchor='middle'>confidence (bars: windows, square-root scale)</text>"));
        var most = calibration.Bins.Select(b => b.Windows).DefaultIfEmpty(1).Max();
        foreach (var bin in calibration.Bins)
        {
            var height = Bars * Math.Sqrt(bin.Windows / (double)most);
            svg.Append(Svg($"<g class='shipped'><title>{bin.Windows} windows of confidence {bin.From:0.0} to {bin.To:0.0}: mean {bin.Confidence:0.000}, {100 * bin.Anomalous:0.0} % touch an event</title>"));
            svg.Append(Svg($"<rect class='bar' x='{X(bin.From) + 2}' width='{(Side / 10) - 4}' y='{Y(0) + 8}' height='{height:0.#}'/>"));
            svg.Append(Svg($"<line class='whisker' x1='{X(bin.Confidence):0.#}' x2='{X(bin.Confidence):0.#}' y1='{Y(bin.Confidence):0.#}' y2='{Y(bin.Anomalous):0.#}'/><circle cx='{X(bin.Confidence):0.#}' cy='{Y(bin.Anomalous):0.#}' r='4.5'/></g>"));
        }

        return Svg($"<svg viewBox='0 0 {X(1) + 12} {Y(0) + Bars + 44}' role='img'>{svg}</svg>");
    }

    /// <summary>Text as it may stand in the page.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>How a judge is drawn.</summary>
    public static string Class(string judge) => judge switch
    {
        SeriesEvaluation.Gate => "gate",
        SeriesEvaluation.Shipped => "shipped",
        _ when judge.StartsWith(SeriesEvaluation.Shipped, StringComparison.Ordinal) || judge == SeriesEvaluation.Model => "part",
        _ => "chart",
    };

    private static string Svg(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
