using System.Globalization;
using System.Net;
using System.Text;
using EdgeGateway.Operations;

namespace EdgeGateway.Report;

/// <summary>The charts of the page as SVG whose colours are those of the page, so that they follow light and dark and paper.</summary>
internal static class ReportCharts
{
    private const double Width = 640;
    private const double Height = 150;
    private const double Left = 58;
    private const double Top = 10;
    private const double RowHeight = 20;
    private const double NameWidth = 300;

    private static readonly double[] AxisSteps = [1, 2, 5, 10];

    /// <summary>A bar for each day.</summary>
    public static string Alerts(IReadOnlyList<ReportDay> days)
    {
        var largest = Axis(days.Max(d => d.Raised));
        var svg = new StringBuilder();
        double Y(double value) => Top + (Height * (1 - (value / largest)));
        foreach (var tick in new[] { 0, largest / 2, largest })
        {
            svg.Append(Svg($"<line class='grid' x1='{Left}' x2='{Width}' y1='{Y(tick):0.#}' y2='{Y(tick):0.#}'/><text x='{Left - 6}' y='{Y(tick) + 4:0.#}' text-anchor='end'>{tick:#,0.#}</text>"));
        }

        foreach (var (i, day) in days.Index())
        {
            var (x, wide) = Place(i, days.Count);
            svg.Append(Svg($"<rect class='bar' x='{x + (wide * 0.1):0.#}' width='{wide * 0.8:0.#}' y='{Y(day.Raised):0.#}' height='{Y(0) - Y(day.Raised):0.#}'><title>{day.Day:yyyy-MM-dd}: {day.Raised:#,0} alerts</title></rect>"));
        }

        return Whole(svg.Append(DayNames(days)), Top + Height + 24);
    }

    /// <summary>Raw bytes and bytes sent upstream for each day, on a scale of powers of ten.</summary>
    public static string Bytes(IReadOnlyList<ReportDay> days)
    {
        var powers = Math.Max(1, (int)Math.Ceiling(Math.Log10(Math.Max(10, days.Max(d => Math.Max(d.Bytes.Received, d.Bytes.Upstream))))));
        var svg = new StringBuilder();
        double Y(long bytes) => Top + (Height * (1 - (Math.Log10(Math.Max(1, bytes)) / powers)));
        for (var power = 0; power <= powers; power += powers > 6 ? 3 : 1)
        {
            var y = Top + (Height * (1 - ((double)power / powers)));
            svg.Append(Svg($"<line class='grid' x1='{Left}' x2='{Width}' y1='{y:0.#}' y2='{y:0.#}'/><text x='{Left - 6}' y='{y + 4:0.#}' text-anchor='end'>{Unit(power)}</text>"));
        }

        foreach (var (i, day) in days.Index())
        {
            var (x, wide) = Place(i, days.Count);
            svg.Append(Svg($"<g><title>{day.Day:yyyy-MM-dd}: {day.Bytes.Received:#,0} bytes received, {day.Bytes.Upstream:#,0} sent upstream</title>"));
            svg.Append(day.Bytes.Received > 0 ? Svg($"<circle class='raw' cx='{x + (wide / 2):0.#}' cy='{Y(day.Bytes.Received):0.#}' r='4'/>") : "");
            svg.Append(day.Bytes.Upstream > 0 ? Svg($"<circle class='sent' cx='{x + (wide / 2):0.#}' cy='{Y(day.Bytes.Upstream):0.#}' r='4'/>") : "").Append("</g>");
        }

        return Whole(svg.Append(DayNames(days)), Top + Height + 24);
    }

    /// <summary>A row with a bar for each name.</summary>
    public static string Rows(IReadOnlyList<(string Name, int Alerts)> rows)
    {
        var svg = new StringBuilder();
        var largest = Math.Max(1, rows.Max(r => r.Alerts));
        foreach (var (i, (name, alerts)) in rows.Index())
        {
            var y = 4 + (i * RowHeight);
            var wide = (Width - NameWidth - 60) * alerts / largest;
            svg.Append(Svg($"<g><title>{Text(name)}: {alerts:#,0}</title><text x='{NameWidth - 8}' y='{y + 13}' text-anchor='end'>{Text(Cut(name))}</text>"));
            svg.Append(Svg($"<rect class='bar' x='{NameWidth}' y='{y + 3}' width='{wide:0.#}' height='{RowHeight - 6}'/><text x='{NameWidth + wide + 6:0.#}' y='{y + 13}'>{alerts:#,0}</text></g>"));
        }

        return Whole(svg, 8 + (rows.Count * RowHeight));
    }

    /// <summary>Text as it may stand in the page.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(PlainText.Of(text));

    private static (double X, double Wide) Place(int index, int count) => (Left + ((Width - Left) * index / count), (Width - Left) / count);

    /// <summary>The first, the last and some between.</summary>
    private static string DayNames(IReadOnlyList<ReportDay> days)
    {
        var step = Math.Max(1, (int)Math.Ceiling(days.Count / 8.0));
        return string.Concat(days.Index().Where(d => d.Index % step == 0).Select(d =>
            Svg($"<text x='{Place(d.Index, days.Count).X + (Place(d.Index, days.Count).Wide / 2):0.#}' y='{Top + Height + 18}' text-anchor='middle'>{d.Item.Day:MM-dd}</text>")));
    }

    /// <summary>The next of 1, 2, 5 and 10 times a power of ten from this value on.</summary>
    private static double Axis(int largest)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, largest))));
        return power * AxisSteps.First(step => step * power >= largest);
    }

    private static string Unit(int power) => power switch
    {
        < 3 => Svg($"{Math.Pow(10, power):0} B"),
        < 6 => Svg($"{Math.Pow(10, power - 3):0} kB"),
        < 9 => Svg($"{Math.Pow(10, power - 6):0} MB"),
        < 12 => Svg($"{Math.Pow(10, power - 9):0} GB"),
        _ => Svg($"{Math.Pow(10, power - 12):0} TB"),
    };

    private static string Cut(string name) => name.Length <= 48 ? name : $"{name[..(char.IsHighSurrogate(name[46]) ? 46 : 47)]}…";

    private static string Whole(StringBuilder inside, double height) => Svg($"<svg viewBox='0 0 {Width} {height}' role='img'>{inside}</svg>");

    private static string Svg(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
