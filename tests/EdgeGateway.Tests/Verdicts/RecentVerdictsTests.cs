using EdgeGateway.Ingest;
using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Tests.Verdicts;

public sealed class RecentVerdictsTests
{
    private const double Calm = -3;
    private const double High = 3;
    private readonly Sensor sensor = Any.Sensor();
    private readonly RecentVerdicts recent = new();
    private long number;

    [Fact]
    public void A_window_is_found_by_the_span_in_which_it_ended()
    {
        Add(0, Calm);
        Add(1, Calm);
        Add(2, Calm);
        Assert.Equal(1, Found(after: 0, until: 1));
        Assert.Equal(2, Found(after: 1, until: 2));
        Assert.Null(Found(after: 2, until: 3));
        Assert.Null(recent.Find("plant/p2", 0, At(0), At(2)));
    }

    [Fact]
    public void Of_the_windows_of_a_span_one_above_its_threshold_is_found_else_the_newest()
    {
        Add(1, Calm);
        Add(2, High);
        Add(3, Calm);
        Assert.Equal(2, Found(after: 0, until: 3));
        Assert.Equal(3, Found(after: 2, until: 3));
    }

    [Fact]
    public void The_oldest_go_and_those_above_their_threshold_last()
    {
        Add(0, Calm);
        Add(1, High);
        for (var hop = 2; hop < 2 + RecentVerdicts.Most; hop++)
        {
            Add(hop, Calm);
        }

        Assert.Null(Found(after: -1, until: 0));
        Assert.Equal(1, Found(after: 0, until: 1));
        Assert.Equal(2, Found(after: 1, until: 2));
        for (var hop = 0; hop < RecentVerdicts.MostAnomalous; hop++)
        {
            Add(10_000 + hop, High);
        }

        Assert.Null(Found(after: 0, until: 1));
    }

    private static long At(int hop) => Any.Noon.AddSeconds(10 * hop).ToUnixTimeMilliseconds();

    private void Add(int hop, double score) => recent.Add(new Prompt(Any.Window(sensor, hop), "a5="), Any.Verdict(sensor, hop, score), ++number);

    /// <summary>The hop of the window that is found.</summary>
    private int? Found(int after, int until) => recent.Find(sensor.Id, 0, At(after), At(until)) is { } found ? (int)((found.Verdict.Window.End - Any.Noon).TotalSeconds / 10) : null;
}
