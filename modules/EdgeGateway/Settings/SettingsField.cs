using System.Globalization;
using System.Text.Json;

namespace EdgeGateway.Settings;

/// <summary>A value and where it stands. Each read gives the value or null, and then the reason is in the report.</summary>
internal readonly record struct SettingsField(JsonElement Value, SettingsPlace Place, SettingsReport Report)
{
    private static readonly string[] DurationForms = [@"hh\:mm\:ss", @"d\.hh\:mm\:ss"];

    /// <summary>What the value is, for a sentence.</summary>
    public string Kind => Value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    public bool Is(JsonValueKind kind) => Value.ValueKind == kind;

    public void Error(string message) => Report.Error(Place, message);

    /// <summary>A text of 1 to <paramref name="most"/> characters without control characters.</summary>
    public string? Text(int most = 256, string example = "a text in quotes")
    {
        if (!Is(JsonValueKind.String))
        {
            Error($"is {Kind}; write {example}");
            return null;
        }

        var text = Value.GetString()!;
        var problem = text switch
        {
            "" => "is empty; write a text or leave the key out",
            _ when text.Length > most => $"has {text.Length} characters; at most {most} are possible",
            _ when text.Any(char.IsControl) => "has a control character; remove it",
            _ => null,
        };
        return problem is null ? text : Fail<string>(problem);
    }

    public long? Integer(long least, long most)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"a whole number from {least:N0} to {most:N0} (written without commas)");

        // 5.0 is a whole number too, for JSON schema as for us.
        return (long?)Number(number => double.IsInteger(number) && number >= least && number <= most, range);
    }

    public double? Number()
    {
        if (!Is(JsonValueKind.Number))
        {
            Error($"is {Kind}; write a number");
            return null;
        }

        var number = Value.GetDouble();
        if (double.IsFinite(number))
        {
            return number;
        }

        Error($"is {Shown()}, which is too large for a number; write a smaller one");
        return null;
    }

    public double? Number(double least, double most) =>
        Number(number => number >= least && number <= most, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));

    public TimeSpan? Duration(TimeSpan least, TimeSpan most)
    {
        if (Text(most: 32, example: "a duration \"hh:mm:ss\"") is not { } text)
        {
            return null;
        }

        if (!TimeSpan.TryParseExact(text, DurationForms, CultureInfo.InvariantCulture, out var duration))
        {
            Error($"is {Shown()}; write a duration as \"hh:mm:ss\" or \"d.hh:mm:ss\"");
            return null;
        }

        if (duration < least || duration > most)
        {
            Error($"is {text}; write a duration from {least} to {most}");
            return null;
        }

        return duration;
    }

    public JsonPointer? Pointer()
    {
        if (Text(JsonPointer.MaxLength, "a JSON pointer such as \"/p\"") is not { } text)
        {
            return null;
        }

        if (!JsonPointer.TryParse(text, out var pointer, out var error))
        {
            Error(error);
        }

        return pointer;
    }

    /// <summary>One of a few texts.</summary>
    public T? Choice<T>(params ReadOnlySpan<(string Text, T Value)> choices)
        where T : struct
    {
        var text = Is(JsonValueKind.String) ? Value.GetString() : null;
        var names = new List<string>();
        foreach (var choice in choices)
        {
            if (choice.Text == text)
            {
                return choice.Value;
            }

            names.Add($"\"{choice.Text}\"");
        }

        Error($"is {Shown()}; write {string.Join(" or ", names)}");
        return null;
    }

    /// <summary>The value in short, for a sentence.</summary>
    public string Shown()
    {
        if (Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            return Kind;
        }

        var raw = Value.GetRawText();
        return raw.Length <= 60 ? raw : $"{raw[..57]}...";
    }

    private double? Number(Func<double, bool> fits, string range)
    {
        if (!Is(JsonValueKind.Number))
        {
            Error($"is {Kind}; write {range}");
            return null;
        }

        var number = Value.GetDouble();
        if (fits(number))
        {
            return number;
        }

        Error($"is {Shown()}; write {range}");
        return null;
    }

    private T? Fail<T>(string message)
        where T : class
    {
        Error(message);
        return null;
    }
}
