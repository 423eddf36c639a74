using EdgeGateway.Ingest;
using EdgeGateway.Stages;

namespace EdgeGateway.Tests.Ingest;

public class ReadingOrderTests
{
    private const int Remembered = 100;
    private readonly Accounting accounting = new();
    private readonly List<SensorReading> taken = [];
    private readonly Sensor prompt = Any.Sensor();
    private readonly Sensor patient = Any.Sensor("plant/slow", source: Any.Source() with { Lateness = TimeSpan.FromSeconds(5) });
    private ReadingOrder order;

    public ReadingOrderTests() => order = New();

    [Fact]
    public void Messages_that_the_broker_sends_again_are_duplicates_and_no_step_of_the_clock()
    {
        Feed(prompt, Enumerable.Range(0, 40));
        taken.Clear();
        Feed(prompt, Enumerable.Range(10, 30), redelivered: true);
        Assert.Empty(taken);
        Assert.Equal(30, accounting.Total("duplicate"));
        Feed(prompt, [40]);
        Assert.False(Assert.Single(taken).ClockStep);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void More_messages_than_are_remembered_that_the_broker_sends_again_are_duplicates_too(int lateness)
    {
        var sensor = Any.Sensor(source: Any.Source() with { Lateness = TimeSpan.FromSeconds(lateness) });
        Feed(sensor, Enumerable.Range(0, 3 * Remembered));
        taken.Clear();
        Feed(sensor, Enumerable.Range(0, 3 * Remembered), redelivered: true);
        Assert.Empty(taken);
        Assert.Equal(3 * Remembered, accounting.Total("duplicate"));
        Feed(sensor, Enumerable.Range(3 * Remembered, 10));
        Assert.NotEmpty(taken);
        Assert.DoesNotContain(taken, reading => reading.ClockStep);
    }

    [Fact]
    public void A_clock_that_was_set_back_shows_in_messages_that_the_broker_sends_for_the_first_time()
    {
        Feed(prompt, Enumerable.Range(100, 5));
        Feed(prompt, Enumerable.Range(50, 12), redelivered: true);
        Assert.Equal(5, taken.Count);
        Feed(prompt, Enumerable.Range(62, 10));
        Assert.True(taken[^1].ClockStep);
    }

    [Fact]
    public void Of_an_input_which_does_not_say_what_is_sent_again_a_clock_that_was_set_back_shows_too()
    {
        var input = Any.Sensor(source: Any.Source() with { Input = "readings" });
        Feed(input, Enumerable.Range(100, 5), redelivered: true);
        Feed(input, Enumerable.Range(100, 5), redelivered: true);
        Assert.Equal(5, accounting.Total("duplicate"));
        Feed(input, Enumerable.Range(50, 10), redelivered: true);
        Assert.True(taken[^1].ClockStep);
    }

    [Fact]
    public void A_message_that_is_sent_again_but_never_came_before_is_taken()
    {
        Feed(prompt, [0, 1, 2]);
        Feed(prompt, [3, 4], redelivered: true);
        Assert.Equal([0, 1, 2, 3, 4], Seconds());
    }

    [Fact]
    public void Of_two_messages_of_one_topic_and_time_with_other_values_only_the_one_that_came_before_is_a_duplicate()
    {
        var other = Any.Sensor("plant/p1/flow");
        Feed(prompt, [0]);
        Feed(prompt, [0], redelivered: true);
        Assert.Equal(1, accounting.Total("duplicate"));
        taken.Clear();
        var sameTopic = new Sensor { Id = other.Id, Asset = other.Asset, ValueName = "flow", Topic = prompt.Topic, Source = other.Source };
        Feed(sameTopic, [0], redelivered: true);
        Assert.Same(sameTopic, Assert.Single(taken).Sensor);
    }

    [Fact]
    public void Ten_older_messages_in_order_that_are_not_sent_again_are_a_clock_that_was_set_back()
    {
        Feed(prompt, Enumerable.Range(100, 5));
        Feed(prompt, Enumerable.Range(50, 12));
        Assert.Equal([100, 101, 102, 103, 104, 59, 60, 61], Seconds());
        Assert.Equal([59], taken.Where(r => r.ClockStep).Select(r => (int)(r.Time - Any.Noon).TotalSeconds));
        Assert.Equal(9, accounting.Total("late"));
    }

    [Fact]
    public void Lateness_puts_readings_in_order()
    {
        Feed(patient, [0, 3, 1, 2, 7, 5, 6, 12]);
        Assert.Equal([0, 1, 2, 3, 5, 6, 7], Seconds());
        Assert.Equal(0, accounting.Total("late"));
    }

    [Fact]
    public void Lateness_does_not_help_what_is_later_than_that()
    {
        Feed(patient, [0, 10, 4, 20]);
        Assert.Equal([0, 4, 10], Seconds());
        Feed(patient, [3, 30]);
        Assert.Equal([0, 4, 10, 20], Seconds());
        Assert.Equal(1, accounting.Total("late"));
    }

    [Fact]
    public void A_topic_that_falls_still_gets_its_last_readings_when_the_lateness_has_passed()
    {
        Feed(patient, [0, 1]);
        order.Tick(Any.Noon.AddSeconds(5.9), taken);
        Assert.Empty(taken);
        order.Tick(Any.Noon.AddSeconds(6), taken);
        Assert.Equal([0, 1], Seconds());
    }

    [Fact]
    public void No_more_than_a_bounded_number_of_messages_is_held_back()
    {
        var forever = Any.Sensor("plant/never", source: Any.Source() with { Lateness = TimeSpan.FromDays(1) });
        Feed(forever, Enumerable.Range(0, LatenessBuffer.Most + 5));
        Assert.Equal(Enumerable.Range(0, 5), Seconds());
    }

    [Fact]
    public void What_is_held_back_and_known_survives_a_restart()
    {
        var settings = Any.Settings(Any.Source("plant/{pump}") with { Lateness = TimeSpan.FromSeconds(5) });
        var (before, after) = (new SensorRegistry(settings), new SensorRegistry(settings));
        var sensor = before.Restore("plant/p1", "")!;
        Feed(sensor, [10, 12, 11]);
        using var file = new MemoryStream();
        using (var writer = new BinaryWriter(file, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            order.WriteTo(writer);
        }

        file.Position = 0;
        order = New();
        using var reader = new BinaryReader(file);
        order.Restore(reader, after);
        Feed(after.Restore("plant/p1", "")!, [20]);
        Assert.Equal([10, 11, 12], Seconds());
        Feed(after.Restore("plant/p1", "")!, [12, 20], redelivered: true);
        Assert.Equal(2, accounting.Total("duplicate"));
    }

    private ReadingOrder New() => new(new ReadingCounters(accounting), new RecentMessages(Remembered));

    private void Feed(Sensor sensor, IEnumerable<int> seconds, bool redelivered = false)
    {
        foreach (var second in seconds)
        {
            order.Take([new SensorReading(sensor, Any.Noon.AddSeconds(second), second, Any.Noon.AddSeconds(second), ClockStep: false, LastOfMessage: true)], redelivered, taken);
        }
    }

    private IEnumerable<int> Seconds() => taken.Select(r => (int)(r.Time - Any.Noon).TotalSeconds);
}
