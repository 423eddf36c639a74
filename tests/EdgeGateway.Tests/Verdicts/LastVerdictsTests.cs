using EdgeGateway.Ingest;
using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Tests.Verdicts;

public sealed class LastVerdictsTests
{
    private const double Calm = -3;
    private const double High = 3;
    private readonly Sensor sensor = Any.Sensor();
    private readonly LastVerdicts last = new();

    [Fact]
    public async Task Whoever_reads_the_number_of_the_newest_verdict_finds_that_verdict_while_others_are_added()
    {
        var (prompt, verdict) = (Prompt(0), Any.Verdict(sensor, 0, Calm));
        var adding = Task.Run(
            () =>
            {
                for (var i = 0; i < 500_000; i++)
                {
                    last.Add(prompt, verdict);
                }
            },
            TestContext.Current.CancellationToken);
        while (!adding.IsCompleted)
        {
            var newest = last.Newest;
            Assert.True(newest == 0 || last.After(newest - 1).Any(), $"number {newest} is told and cannot be found");
        }

        await adding;
        Assert.Equal(500_000, last.Newest);
    }

    [Fact]
    public void The_last_hours_and_what_explains_them_are_kept_while_the_page_is_on()
    {
        Add(0, Calm);
        Assert.Null(Found(after: -1, until: 0));
        last.KeepsHistory = true;
        Add(1, Calm);
        Assert.Equal(1, Found(after: 0, until: 1));
        last.KeepsHistory = false;
        Assert.Null(Found(after: 0, until: 1));
    }

    [Fact]
    public void Nothing_of_before_the_sensors_clock_was_set_back_is_found_however_unusual_it_was()
    {
        last.KeepsHistory = true;
        Add(10, High);
        Add(20, High);
        Add(5, Calm);
        Add(15, Calm);
        Assert.Equal(15, Found(after: -1, until: 100));
        Assert.Equal(5, Found(after: -1, until: 10));
    }

    [Fact]
    public void Nothing_of_a_sensor_that_was_forgotten_is_found_once_there_is_another_one_of_its_name()
    {
        last.KeepsHistory = true;
        Add(1, High);
        last.Forget(sensor);
        Assert.Null(Found(after: -1, until: 100));
        Add(2, Calm);
        Assert.Equal(2, Found(after: -1, until: 100));
    }

    [Fact]
    public void An_unusual_window_that_is_older_than_the_first_point_of_the_last_hours_is_not_found()
    {
        last.KeepsHistory = true;
        Add(0, High);
        for (var hop = 1; hop < 5000; hop++)
        {
            Add(hop, Calm);
        }

        Assert.Equal(4999, Found(after: -1, until: 100_000));
        Assert.Null(Found(after: -1, until: 0));
    }

    private static long At(int hop) => Any.Noon.AddSeconds(10 * hop).ToUnixTimeMilliseconds();

    private Prompt Prompt(int hop) => new(Any.Window(sensor, hop), "a5=");

    private void Add(int hop, double score) => last.Add(Prompt(hop), Any.Verdict(sensor, hop, score));

    /// <summary>The hop of the window that is found.</summary>
    private int? Found(int after, int until) => last.Find(sensor.Id, At(after), At(until)) is { } found ? (int)((found.Verdict.Window.End - Any.Noon).TotalSeconds / 10) : null;
}
