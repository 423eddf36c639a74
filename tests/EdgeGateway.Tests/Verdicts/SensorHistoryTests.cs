using EdgeGateway.Verdicts;

namespace EdgeGateway.Tests.Verdicts;

public sealed class SensorHistoryTests
{
    private static readonly TimeSpan Hop = TimeSpan.FromSeconds(10);
    private static readonly long Earliest = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private readonly SensorHistory history = new();

    [Fact]
    public void It_keeps_every_window_until_it_is_full_and_half_as_many_points_of_twice_the_time_then()
    {
        Feed(SensorHistory.MostPoints);
        Assert.Equal(SensorHistory.MostPoints, history.Points().Length);
        Feed(1, from: SensorHistory.MostPoints);
        var points = history.Points();
        Assert.Equal((SensorHistory.MostPoints / 2) + 1, points.Length);
        Assert.Equal((0F, 1F), (points[0].Min, points[0].Max));
    }

    [Fact]
    public void It_covers_six_hours_and_never_grows()
    {
        Feed(100_000);
        var points = history.Points();
        Assert.InRange(points.Length, SensorHistory.MostPoints / 2, SensorHistory.MostPoints);
        Assert.True(TimeSpan.FromTicks(points[^1].End - points[0].End) >= SensorHistory.Span - TimeSpan.FromMinutes(5));
        Assert.Equal(99_999F, points[^1].Value);
    }

    [Fact]
    public void It_reaches_back_to_its_first_window_and_later_to_the_end_of_the_point_that_went_last()
    {
        Feed(10);
        Assert.Equal((0, Earliest), history.Reach());
        Feed(100_000, from: 10);
        var points = history.Points();
        Assert.Equal((0, (points[0].End - (points[1].End - points[0].End)) / TimeSpan.TicksPerMillisecond), (history.Reach().First, history.Reach().Gone - Earliest));
    }

    [Fact]
    public void One_unusual_window_of_many_colours_their_point()
    {
        for (var i = 0; i < SensorHistory.MostPoints * 4; i++)
        {
            history.Add(Window(i) with { Colour = i == 5 ? WindowColour.Anomalous : WindowColour.Normal, Score = i == 5 ? 3 : -3 }, i);
        }

        Assert.Equal(3F, Assert.Single(history.Points(), p => p.Colour == WindowColour.Anomalous).Score);
    }

    [Fact]
    public void A_clock_that_was_set_back_begins_anew()
    {
        Feed(10);
        history.Add(Window(3), number: 11);
        Assert.Equal(Window(3).End, Assert.Single(history.Points()).End);
        Assert.Equal((11, Earliest), history.Reach());
    }

    private void Feed(int windows, int from = 0)
    {
        for (var i = from; i < from + windows; i++)
        {
            history.Add(Window(i), i);
        }
    }

    private static HistoryPoint Window(int number) =>
        new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks + (number * Hop.Ticks), number, number, number, 0, 1, -1, WindowColour.Normal);
}
