using System.Collections.Immutable;

namespace EdgeGateway.Settings;

/// <summary>A time, once or again and again, at which assets are worked on and nothing is concluded from their readings.</summary>
/// <param name="Name">Its name in the settings.</param>
/// <param name="Assets">Names, or beginnings of names with a * behind them; at least one.</param>
/// <param name="From">Begin of the first or only time.</param>
/// <param name="Length">Above 0, at most 30 days and no longer than <paramref name="Repeat"/>.</param>
/// <param name="Repeat">From one begin to the next; null = only once.</param>
public sealed record MaintenanceWindow(string Name, ImmutableArray<string> Assets, DateTimeOffset From, TimeSpan Length, TimeSpan? Repeat)
{
    /// <summary>Whether it is about this asset.</summary>
    public bool Covers(string asset) => Assets.Any(name => name.EndsWith('*') ? asset.AsSpan().StartsWith(name.AsSpan(0, name.Length - 1), StringComparison.Ordinal) : asset == name);

    /// <summary>Until when it lasts if it is in effect now; null when it is not. Half-open.</summary>
    public DateTimeOffset? EndAt(DateTimeOffset now)
    {
        if (now < From)
        {
            return null;
        }

        var begin = Repeat is { } period ? From + (Math.Floor((now - From) / period) * period) : From;
        return now - begin < Length ? begin + Length : null;
    }
}
