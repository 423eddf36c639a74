using System.Text.Json;

namespace EdgeGateway.Ingest;

/// <summary>An event time as a payload gives it: ISO 8601 text, or Unix time in s, ms, us or ns, told apart by size.</summary>
/// <param name="Present">Whether anything stood at the place.</param>
/// <param name="Value">Null when it could not be read.</param>
/// <param name="Earlier">The other meaning of a local time in the hour that its zone has twice, when clocks are set back; null for all other times.</param>
internal readonly record struct EventTime(bool Present, DateTimeOffset? Value, DateTimeOffset? Earlier = null)
{
    private const double SecondsBelow = 1e11;
    private const double MillisecondsBelow = 1e14;
    private const double MicrosecondsBelow = 1e17;
    private const int LongestText = 40;

    /// <summary>Reads the token that the reader stands on; texts without offset are local times of <paramref name="zone"/>.</summary>
    public static EventTime Read(ref Utf8JsonReader json, TimeZoneInfo zone) => json.TokenType switch
    {
        JsonTokenType.Number when json.TryGetInt64(out var integer) => new EventTime(true, FromUnix(integer)),
        JsonTokenType.Number when json.TryGetDouble(out var number) => new EventTime(true, FromUnix(number)),
        JsonTokenType.String => FromText(json.ValueSpan, zone),
        _ => new EventTime(true, null),
    };

    /// <summary>Unix time of any of the four units; null when out of the range of a date.</summary>
    internal static DateTimeOffset? FromUnix(double number)
    {
        var magnitude = Math.Abs(number);
        var seconds = number / (magnitude < SecondsBelow ? 1 : magnitude < MillisecondsBelow ? 1e3 : magnitude < MicrosecondsBelow ? 1e6 : 1e9);
        return seconds is > -6e10 and < 2.5e11 ? DateTimeOffset.UnixEpoch.AddTicks((long)Math.Round(seconds * 1e6) * 10) : null;
    }

    private static DateTimeOffset? FromUnix(long number)
    {
        var magnitude = Math.Abs((double)number);
        return magnitude < SecondsBelow ? FromUnix((double)number)
            : magnitude < MillisecondsBelow ? DateTimeOffset.UnixEpoch.AddTicks(number * TimeSpan.TicksPerMillisecond)
            : magnitude < MicrosecondsBelow ? DateTimeOffset.UnixEpoch.AddTicks(number * TimeSpan.TicksPerMicrosecond)
            : DateTimeOffset.UnixEpoch.AddTicks(number / 100);
    }

    /// <summary>Reads the text of a time in UTF-8, without quotes; without offset it is local time of <paramref name="zone"/>.</summary>
    internal static EventTime FromText(ReadOnlySpan<byte> text, TimeZoneInfo zone)
    {
        if (text.Length is < 10 or > LongestText)
        {
            return new EventTime(true, null);
        }

        Span<byte> quoted = stackalloc byte[LongestText + 2];
        quoted[0] = (byte)'"';
        text.CopyTo(quoted[1..]);
        if (text.Length > 10 && text[10] == ' ')
        {
            quoted[11] = (byte)'T';
        }

        quoted[text.Length + 1] = (byte)'"';
        var json = new Utf8JsonReader(quoted[..(text.Length + 2)]);
        json.Read();
        if (HasOffset(text))
        {
            return new EventTime(true, json.TryGetDateTimeOffset(out var absolute) ? absolute.ToUniversalTime() : null);
        }

        return json.TryGetDateTime(out var local) ? FromLocal(local, zone) : new EventTime(true, null);
    }

    private static EventTime FromLocal(DateTime local, TimeZoneInfo zone) => new(
        true, Utc(local, zone.GetUtcOffset(local)), zone.IsAmbiguousTime(local) ? Utc(local, zone.GetAmbiguousTimeOffsets(local).Max()) : null);

    /// <summary>Null at the ends of the calendar, where UTC has no such date.</summary>
    private static DateTimeOffset? Utc(DateTime local, TimeSpan offset)
    {
        var ticks = local.Ticks - offset.Ticks;
        return ticks >= DateTimeOffset.MinValue.Ticks && ticks <= DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
    }

    private static bool HasOffset(ReadOnlySpan<byte> text) => text.Length > 16 && (text[^1] is (byte)'Z' or (byte)'z' || text[16..].IndexOfAny((byte)'+', (byte)'-') >= 0);
}
