using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Packages.Json;

/// <summary>
/// An object of a foreign JSON document, read member by member under the rules of docs/formats/package.md, "JSON in payloads". What breaks one throws <see cref="StrictJsonException"/>.
/// </summary>
internal sealed partial class StrictJson
{
    /// <summary>Of a payload, in bytes.</summary>
    public const int MaxPayloadBytes = 768 * 1024;

    /// <summary>2^53 - 1: every reader of JSON has it exactly.</summary>
    public const long MaxNumber = (1L << 53) - 1;

    private static readonly JsonDocumentOptions Rules =
        new() { MaxDepth = 16, AllowDuplicateProperties = false, AllowTrailingCommas = false, CommentHandling = JsonCommentHandling.Disallow };

    private readonly JsonElement element;
    private readonly string path;

    private StrictJson(JsonElement element, string path) => (this.element, this.path) = (element, path);

    /// <summary>Reads a whole document; what breaks a rule is refused under a code, or as <see cref="RefusalCode.Critical"/> when it needs a newer reader.</summary>
    /// <param name="utf8">The document; more than <paramref name="maxBytes"/> are refused unread.</param>
    /// <param name="maxBytes">The most that it may have.</param>
    /// <param name="code">What a broken rule is refused under.</param>
    /// <param name="subject">How a sentence begins: <c>The manifest</c>.</param>
    /// <param name="read">From the outermost object to the value.</param>
    /// <param name="value">What was read.</param>
    /// <param name="refusal">Why not.</param>
    public static bool TryRead<T>(ReadOnlySpan<byte> utf8, int maxBytes, RefusalCode code, string subject, Func<StrictJson, T> read,
        [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Refusal? refusal)
        where T : class
    {
        try
        {
            (value, refusal) = (read(Parse(utf8, maxBytes)), null);
            return true;
        }
        catch (StrictJsonException broken)
        {
            (value, refusal) = (null, broken.NeedsNewerReader
                ? new Refusal(RefusalCode.Critical, $"{subject} needs a newer reader: {broken.Message}; update the software that reads it first.")
                : new Refusal(code, $"{subject} breaks a rule: {broken.Message}; have it made anew with modelkit, or copied again from where it was made."));
            return false;
        }
    }

    /// <summary>Whether there is such a member.</summary>
    public bool Has(string name) => element.TryGetProperty(name, out _);

    /// <summary>Refuses members beside these.</summary>
    public void AllowOnly(params ReadOnlySpan<string> names)
    {
        foreach (var member in element.EnumerateObject())
        {
            _ = names.Contains(member.Name) ? true : throw Broken(member.Name, "does not belong there");
        }
    }

    /// <summary>
    /// Refuses another <c>format</c> than 1, and a <c>critical</c> that names what this reader does not know. First of all: a newer form may break every other rule.
    /// </summary>
    /// <param name="known">The members that the reader knows, beside these two.</param>
    public void CheckFormat(params ReadOnlySpan<string> known)
    {
        if (Number("format", 1, MaxNumber) is > 1 and var format)
        {
            throw new StrictJsonException($"$.format is {format}, this reader knows 1", needsNewerReader: true);
        }

        if (Has("critical"))
        {
            var names = Texts("critical", 1, 16);
            foreach (var name in names)
            {
                _ = Has(name) && !known.Contains(name) && name is not ("format" or "critical") && names.Count(name.Equals) == 1 ? true
                    : throw Broken("critical", $"names \"{Forms.Shown(name)}\", which is no member beyond the format, or names it twice");
            }

            throw new StrictJsonException($"$.critical names \"{Forms.Shown(names[0])}\", which this reader does not know", needsNewerReader: true);
        }
    }

    public StrictJson Object(string name) => Of(Member(name, JsonValueKind.Object, "an object"), $"{path}.{name}");

    public ImmutableArray<StrictJson> Objects(string name, int least, int most) =>
        Items(name, least, most, JsonValueKind.Object, "an object", (item, index) => Of(item, $"{path}.{name}[{index}]"));

    public ImmutableArray<string> Texts(string name, int least, int most) =>
        Items(name, least, most, JsonValueKind.String, "a text", (item, _) => item.GetString()!);

    public string Text(string name) => Member(name, JsonValueKind.String, "a text").GetString()!;

    /// <summary>A text of one of the <see cref="Forms"/>.</summary>
    /// <param name="what">How a sentence names the form: <c>no digest</c>.</param>
    public string Text(string name, Regex form, string what) =>
        Text(name) is var text && form.IsMatch(text) ? text : throw Broken(name, $"is \"{Forms.Shown(text)}\", {what}");

    public string Name(string name) => Text(name, Forms.Name, "no name: 1 to 64 of a-z 0-9 -, a letter or digit first");

    public string Digest(string name) => Text(name, Forms.Digest, "no SHA-256: 64 lower-case hexadecimal digits");

    /// <summary>A whole number within bounds, written as one: no 1.0, no 1e3, no -0.</summary>
    public long Number(string name, long least, long most)
    {
        var raw = Member(name, JsonValueKind.Number, "a number").GetRawText();
        return WholeNumber().IsMatch(raw) && long.TryParse(raw, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : throw Broken(name, $"is {Forms.Shown(raw)}, not a whole number of {least} to {most}");
    }

    public int Int(string name, int least, int most) => (int)Number(name, least, most);

    /// <summary>UTC, whole seconds: <c>2026-11-26T12:00:00Z</c>.</summary>
    public DateTimeOffset Time(string name) =>
        DateTimeOffset.TryParseExact(Text(name), TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw Broken(name, $"is \"{Forms.Shown(Text(name))}\", no time like 2026-11-26T12:00:00Z");

    /// <summary>How <see cref="Time"/> is written.</summary>
    public const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>A broken rule at a member: <paramref name="what"/> goes on where its path ends.</summary>
    public StrictJsonException Broken(string name, string what) => new($"{path}.{Forms.Shown(name)} {what}");

    private static StrictJson Parse(ReadOnlySpan<byte> utf8, int maxBytes)
    {
        if (utf8.Length == 0 || utf8.Length > maxBytes)
        {
            throw new StrictJsonException(utf8.Length == 0 ? "it is empty or not there" : $"it has {utf8.Length} bytes, at most {maxBytes} are allowed");
        }

        try
        {
            var root = JsonElement.Parse(utf8, Rules);
            CheckTexts(utf8);
            return Of(root, "$");
        }
        catch (JsonException e)
        {
            // the parser says where, but for a member that stands twice
            throw new StrictJsonException(e.LineNumber is null ? "it has a member twice in one object"
                : $"it is no JSON, or nested deeper than {Rules.MaxDepth} (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})");
        }
        catch (InvalidOperationException)
        {
            throw new StrictJsonException("it holds a text that is no Unicode");
        }
    }

    /// <summary>Parsing alone lets invalid UTF-8 and lone surrogates pass, over which a later reader of the text would stumble.</summary>
    private static void CheckTexts(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        while (reader.Read())
        {
            _ = reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String ? reader.GetString() : null;
        }
    }

    private static StrictJson Of(JsonElement element, string path) =>
        element.ValueKind == JsonValueKind.Object ? new StrictJson(element, path) : throw new StrictJsonException($"{path} is not an object");

    private JsonElement Member(string name, JsonValueKind kind, string what) =>
        !element.TryGetProperty(name, out var value) ? throw Broken(name, "is missing") : value.ValueKind == kind ? value : throw Broken(name, $"is not {what}");

    private ImmutableArray<T> Items<T>(string name, int least, int most, JsonValueKind kind, string what, Func<JsonElement, int, T> read)
    {
        var list = Member(name, JsonValueKind.Array, "a list");
        return list.GetArrayLength() is var length && (length < least || length > most) ? throw Broken(name, $"has {length} entries, not {least} to {most}")
            : [.. list.EnumerateArray().Select((item, index) => item.ValueKind == kind ? read(item, index) : throw Broken($"{name}[{index}]", $"is not {what}"))];
    }

    [GeneratedRegex(@"\A(?:0|[1-9][0-9]{0,15})\z")]
    private static partial Regex WholeNumber();
}
