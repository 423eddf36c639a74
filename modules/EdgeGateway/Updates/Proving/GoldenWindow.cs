using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace EdgeGateway.Updates.Proving;

/// <summary>A series, and what the model says of the window at its end. Format: docs/formats/package.md.</summary>
/// <param name="Times">Unix milliseconds, as many as <paramref name="Values"/>, rising.</param>
/// <param name="Label">The kind of the label with the highest probability.</param>
/// <param name="Margin">By how much that is above the second; at least <see cref="LeastMargin"/>.</param>
internal sealed record GoldenWindow(string Name, long[] Times, double[] Values, string Label, double Margin)
{
    /// <summary>Difference of the probabilities of the first and the second label.</summary>
    public const double LeastMargin = 0.2;

    private const int MostBytes = 4 * 1024 * 1024;
    private const int MostWindows = 256;
    private const int MostSamples = 20_000;
    private const int MostText = 1024;
    private static readonly long LastTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly JsonDocumentOptions Rules = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>The content of the blob; the same windows give the same bytes.</summary>
    public static byte[] Write(IReadOnlyList<GoldenWindow> windows) => JsonSerializer.SerializeToUtf8Bytes(new { windows }, Json);

    /// <summary>Reads the content of a blob.</summary>
    /// <param name="problem">What is wrong with it and where, as the middle of a sentence.</param>
    public static bool TryRead(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out IReadOnlyList<GoldenWindow>? windows, [NotNullWhen(false)] out string? problem)
    {
        try
        {
            using var document = utf8.Length <= MostBytes ? JsonDocument.Parse(utf8, Rules) : throw new FormatException($"it has {utf8.Length} bytes, at most {MostBytes} are allowed");
            (windows, problem) = ([.. Items(document.RootElement, "windows", 1, MostWindows).Select(Read)], null);
            return true;
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            // the parser's own words repeat foreign text; text that is no Unicode is found when it is asked for
            (windows, problem) = (null, e is FormatException ? e.Message : "it is no JSON, or has a member twice or a text that is no Unicode");
            return false;
        }
    }

    private static GoldenWindow Read(JsonElement json, int index)
    {
        try
        {
            var times = Items(json, "times", 1, MostSamples).Select(Time).ToArray();
            return times.Zip(times.Skip(1)).Any(t => t.First >= t.Second) ? throw new FormatException("times do not rise")
                : new GoldenWindow(Text(json, "name"), times, [.. Items(json, "values", times.Length, times.Length).Select((v, _) => Number(v, "a value"))], Text(json, "label"), MarginOf(json));
        }
        catch (FormatException e)
        {
            throw new FormatException($"in window {index} {e.Message}", e);
        }
    }

    private static JsonElement[] Items(JsonElement json, string name, int least, int most) =>
        Member(json, name) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() is var count && count >= least && count <= most ? [.. list.EnumerateArray()]
            : throw new FormatException($"{name} is no list of {(least == most ? $"{most}" : $"{least} to {most}")}");

    private static string Text(JsonElement json, string name) =>
        Member(json, name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 and <= MostText } found ? found
            : throw new FormatException($"{name} is no text of 1 to {MostText} characters");

    private static long Time(JsonElement json, int index) => json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out var time) && time >= 0 && time <= LastTime ? time
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"time {index} is no number of Unix milliseconds"));

    private static double MarginOf(JsonElement json) => Number(Member(json, "margin"), "margin") is >= LeastMargin and <= 1 and var margin ? margin
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"margin is not {LeastMargin} to 1"));

    private static double Number(JsonElement json, string what) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var number) && double.IsFinite(number) ? number : throw new FormatException($"{what} is no finite number");

    private static JsonElement Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : throw new FormatException($"{name} is missing");
}
