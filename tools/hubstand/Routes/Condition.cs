using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hubstand.Hub;

namespace Hubstand.Routes;

/// <summary>The WHERE of a route: comparisons of application properties and of <c>$body</c> members, joined by AND.</summary>
internal sealed partial class Condition
{
    private readonly IReadOnlyList<Comparison> comparisons;

    private Condition(IReadOnlyList<Comparison> comparisons) => this.comparisons = comparisons;

    /// <summary>Reads a condition.</summary>
    /// <exception cref="FormatException">It is none that can be evaluated here.</exception>
    public static Condition Parse(string text)
    {
        var comparisons = And().Split(text).Select(part => (part, Match: One().Match(part.Trim()))).Select(p => p.Match.Success
            ? new Comparison(p.Match.Groups["left"].Value, p.Match.Groups["op"].Value, Literal(p.Match.Groups["right"].Value))
            : throw new FormatException($"\"{p.part.Trim()}\" cannot be evaluated here: only comparisons such as severity > 500, kind = 'spike' or $body.active = true, joined by AND, are known.")).ToList();
        return new Condition(comparisons);
    }

    /// <summary>Whether it holds for a message; what is missing or of another type does not hold.</summary>
    public bool Holds(TelemetryMessage message) => comparisons.All(c => c.Holds(message));

    private static object Literal(string text) => text switch
    {
        ['\'' or '"', .., _] => text[1..^1],
        "true" or "false" => text == "true",
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"\s+AND\s+(?=(?:[^'""]|'[^']*'|""[^""]*"")*$)", RegexOptions.IgnoreCase)]
    private static partial Regex And();

    [GeneratedRegex(@"^(?<left>\$body(?:\.[\w-]+)+|[A-Za-z_][\w-]*)\s*(?<op>=|!=|<>|<=|>=|<|>)\s*(?<right>'[^']*'|""[^""]*""|-?\d+(?:\.\d+)?|true|false)$")]
    private static partial Regex One();

    private sealed record Comparison(string Left, string Operator, object Right)
    {
        public bool Holds(TelemetryMessage message)
        {
            var left = Left.StartsWith("$body", StringComparison.Ordinal) ? OfBody(message.Body, Left.Split('.')[1..]) : message.Properties.GetValueOrDefault(Left);
            return (left, Right) switch
            {
                (null, _) => false,
                (string a, string b) => Compare(string.CompareOrdinal(a, b)),
                (bool a, bool b) => Compare(a.CompareTo(b)),
                (double a, double b) => Compare(a.CompareTo(b)),
                (string a, double b) => double.TryParse(a, CultureInfo.InvariantCulture, out var number) && Compare(number.CompareTo(b)),
                _ => false,
            };
        }

        private bool Compare(int order) => Operator switch
        {
            "=" => order == 0,
            "!=" or "<>" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };

        private static object? OfBody(ReadOnlyMemory<byte> body, IEnumerable<string> path)
        {
            try
            {
                using var document = JsonDocument.Parse(body);
                var element = document.RootElement;
                foreach (var name in path)
                {
                    if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                    {
                        return null;
                    }
                }

                return element.ValueKind switch
                {
                    JsonValueKind.String => element.GetString(),
                    JsonValueKind.Number => element.GetDouble(),
                    JsonValueKind.True => true,
                    JsonValueKind.False => false,
                    _ => null,
                };
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
