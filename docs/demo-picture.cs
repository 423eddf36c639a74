// The picture of the demo in the README: reads what a terminal of 110 x 34 was sent (script, util-linux) and draws one of its screens as SVG, the last of
// those with the most alerts. Run by docs/make-demo-picture.
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false

using System.Globalization;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;

const int SummaryLines = 3;
if (args is not [var session, var command])
{
    Console.Error.WriteLine("usage: dotnet run docs/demo-picture.cs SESSION COMMAND > PICTURE.svg");
    return 2;
}

var screen = new Screen();
var best = (Alerts: -1, Cells: screen.Copy());
foreach (Match part in Screen.Parts.Matches(File.ReadAllText(session)))
{
    screen.Take(part);
    // the last line of a frame is its progress; then the screen is whole
    if (part.Value.TrimEnd().EndsWith(" left", StringComparison.Ordinal) && screen.Alerts() is var alerts && alerts >= best.Alerts)
    {
        best = (alerts, screen.Copy());
    }
}

var summary = screen.Copy().Where(line => Screen.TextOf(line).Trim().Length > 0).TakeLast(SummaryLines).ToArray();
if (best.Alerts < 0 || !Screen.TextOf(summary[0]).Contains(" faults injected, ", StringComparison.Ordinal))
{
    Console.Error.WriteLine("The session shows no demo that came to its end.");
    return 1;
}

Console.Write(Drawing.Of($"$ {command}", [.. best.Cells, Screen.LineOf("⋮"), .. summary]));
Console.Error.WriteLine($"{best.Alerts} sensors with an alert on the screen");
return 0;

/// <summary>One character of the screen; colours as the terminal was told.</summary>
internal readonly record struct Cell(char Char, int Color, bool Bold);

/// <summary>As much of a terminal as Spectre.Console's live display uses: text, line ends, cursor up, erase, colours.</summary>
internal sealed class Screen
{
    public const int Columns = 110;
    public const int Rows = 34;
    public const int Plain = -1;

    /// <summary>A control sequence, a control character, or text.</summary>
    public static readonly Regex Parts = new(@"\x1b\[(?<numbers>[0-9;?]*)(?<final>[A-Za-z])|\x1b.|[\r\n]|[^\x1b\r\n]+");

    private readonly List<Cell[]> lines = [NewLine()];
    private (int Row, int Column) at;
    private (int Color, bool Bold) style = (Plain, false);

    public void Take(Match part)
    {
        if (part.Groups["final"].Success)
        {
            Control(part.Groups["final"].Value[0], part.Groups["numbers"].Value);
        }
        else if (part.Value == "\r")
        {
            at.Column = 0;
        }
        else if (part.Value == "\n")
        {
            Down();
        }
        else if (part.Value[0] != '\x1b')
        {
            Write(part.Value);
        }
    }

    /// <summary>Rows that say ALERT.</summary>
    public int Alerts() => Copy().Count(line => TextOf(line).Contains(" ALERT ", StringComparison.Ordinal));

    /// <summary>What is to be seen: the newest lines.</summary>
    public Cell[][] Copy() => [.. lines.TakeLast(Rows - 1).Select(line => line.ToArray())];

    public static string TextOf(Cell[] line) => new([.. line.Select(c => c.Char)]);

    /// <summary>A plain line.</summary>
    public static Cell[] LineOf(string text) => [.. text.PadRight(Columns).Select(c => new Cell(c, Plain, false))];

    private static Cell[] NewLine() => LineOf("");

    private void Control(char final, string numbers)
    {
        var number = int.TryParse(numbers, CultureInfo.InvariantCulture, out var n) ? n : 0;
        switch (final)
        {
            case 'A':
                at.Row = Math.Max(0, at.Row - Math.Max(1, number));
                break;
            case 'K':
                lines[at.Row] = NewLine();
                break;
            case 'J':
                lines.RemoveRange(at.Row + 1, lines.Count - at.Row - 1);
                break;
            case 'm':
                Style([.. numbers.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(t => int.Parse(t, CultureInfo.InvariantCulture))]);
                break;
        }
    }

    private void Style(int[] numbers)
    {
        for (var i = 0; i < numbers.Length; i++)
        {
            style = numbers[i] switch
            {
                1 => (style.Color, true),
                38 when numbers.Length > i + 2 => (numbers[i += 2], style.Bold),
                >= 30 and <= 37 => (numbers[i] - 30, style.Bold),
                >= 90 and <= 97 => (numbers[i] - 82, style.Bold),
                0 => (Plain, false),
                _ => style,
            };
        }
    }

    private void Write(string text)
    {
        foreach (var c in text.Where(c => !char.IsControl(c)))
        {
            if (at.Column == Columns)
            {
                Down();
                at.Column = 0;
            }

            lines[at.Row][at.Column++] = new Cell(c, style.Color, style.Bold);
        }
    }

    private void Down()
    {
        if (++at.Row == lines.Count)
        {
            lines.Add(NewLine());
        }
    }
}

/// <summary>Cells as SVG. Bars and rules are drawn as rectangles, so that they do not depend on the reader's fonts.</summary>
internal static class Drawing
{
    private const double Width = 8.4;
    private const int Height = 18;
    private const int Margin = 14;
    private const string Bars = "▁▂▃▄▅▆▇█";

    public static string Of(string command, Cell[][] lines)
    {
        Cell[] prompt = [.. command.Select(c => new Cell(c, 15, true))];
        Cell[][] all = [prompt, .. lines];
        var (width, height) = ((Screen.Columns * Width) + (2 * Margin), (all.Length * Height) + (2 * Margin));
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:0} {height}" width="{width:0}" height="{height}" role="img" aria-label="The demo in a terminal">""");
        svg.AppendLine("""<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}.b{font-weight:bold}</style>""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect width="100%" height="100%" rx="8" fill="#16191d" stroke="#444c56"/>""");
        for (var row = 0; row < all.Length; row++)
        {
            Line(svg, all[row], Margin + (row * Height));
        }

        return svg.AppendLine("</svg>").ToString();
    }

    private static void Line(StringBuilder svg, Cell[] line, int top)
    {
        for (var from = 0; from < line.Length;)
        {
            var (first, to) = (line[from], from + 1);
            while (to < line.Length && line[to].Color == first.Color && line[to].Bold == first.Bold && IsShape(line[to].Char) == IsShape(first.Char) && !Gap(line, to))
            {
                to++;
            }

            var run = line[from..to];
            if (IsShape(first.Char))
            {
                Shapes(svg, run, Margin + (from * Width), top);
            }
            else if (run.Any(c => c.Char != ' '))
            {
                Words(svg, run, from, top);
            }

            from = to;
        }
    }

    /// <summary>Two spaces end a run of text: the next begins at its own column.</summary>
    private static bool Gap(Cell[] line, int at) => at > 1 && line[at].Char != ' ' && line[at - 1].Char == ' ' && line[at - 2].Char == ' ';

    private static bool IsShape(char c) => c == '━' || Bars.Contains(c, StringComparison.Ordinal);

    private static void Words(StringBuilder svg, Cell[] run, int column, int top)
    {
        var text = new string([.. run.Select(c => c.Char)]);
        var start = text.Length - text.TrimStart().Length;
        var words = text.Trim();
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"""<text x="{Margin + ((column + start) * Width):0.#}" y="{top + 13}" textLength="{words.Length * Width:0.#}" fill="{Color(run[0].Color)}"{(run[0].Bold ? " class=\"b\"" : "")}>{SecurityElement.Escape(words)}</text>""");
    }

    private static void Shapes(StringBuilder svg, Cell[] run, double left, int top)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<path fill=\"{Color(run[0].Color)}\" d=\"");
        for (var i = 0; i < run.Length; i++)
        {
            var (y, height) = run[i].Char == '━' ? (8.0, 2.0) : (16 - (2 * (Bars.IndexOf(run[i].Char, StringComparison.Ordinal) + 1)), 2.0 * (Bars.IndexOf(run[i].Char, StringComparison.Ordinal) + 1));
            var gap = run[i].Char == '━' ? 0 : .8;
            svg.Append(CultureInfo.InvariantCulture, $"M{left + (i * Width):0.#} {top + y:0.#}h{Width - gap:0.#}v{height:0.#}h-{Width - gap:0.#}z");
        }

        svg.AppendLine("\"/>");
    }

    private static string Color(int color) => color switch { 8 => "#8b949e", 2 => "#56d364", 1 or 9 => "#ff7b72", 15 => "#ffffff", _ => "#d0d7de" };
}
