using EdgeGateway.Ingest;
using EdgeGateway.Stages;

namespace EdgeGateway.Tests.Ingest;

public class OutageWatchTests
{
    private readonly Accounting accounting = new();
    private OutageWatch watch;

    public OutageWatchTests() => watch = new OutageWatch("plant:1883", hasQos0: false, accounting);

    [Fact]
    public void The_first_connection_is_no_loss()
    {
        Assert.Equal([new Observation(true, At(0))], Connect(0, sessionKept: false));
        Assert.Equal(0, accounting.Total("sessions.lost"));
    }

    [Fact]
    public void An_outage_over_which_the_broker_kept_the_session_loses_nothing()
    {
        Connect(0, sessionKept: false);
        Assert.Equal([new Observation(false, At(10))], Lose(10));
        Assert.Equal([new Observation(true, At(20))], Connect(20, sessionKept: true));
    }

    [Fact]
    public void The_hub_keeps_what_it_has_for_inputs_and_its_outages_are_none_of_the_broker()
    {
        Assert.Equal([new Observation(true, At(0), OfInputs: true)], watch.Changed(Hub(0, connected: true)));
        Assert.Equal([new Observation(false, At(5), OfInputs: true)], watch.Changed(Hub(5, connected: false)));
        Assert.Equal([new Observation(true, At(0))], Connect(0, sessionKept: false));
        Assert.Equal([new Observation(true, At(6))], watch.ClockSet(At(6)));
        Assert.Equal([new Observation(true, At(7), OfInputs: true)], watch.Changed(Hub(7, connected: true)));
        Assert.Equal(2, watch.ClockSet(At(8)).Count());
    }

    [Fact]
    public void Without_a_broker_none_is_missed_and_what_an_earlier_run_said_of_one_ends()
    {
        watch = new OutageWatch(broker: null, hasQos0: false, accounting);
        watch.ContinueFrom(At(0), forgotten: false);
        Assert.Equal(new OwnCondition("broker", false, At(1), ""), watch.Tick(At(1)));
        Assert.Null(watch.Tick(At(2)));
        Assert.Null(watch.Tick(At(3600)));
    }

    [Fact]
    public void What_we_forgot_ourselves_is_lost_of_inputs_too()
    {
        watch.ContinueFrom(At(0), forgotten: true);
        Assert.Equal([new Observation(true, At(9), Lossy: true, OfInputs: true)], watch.Changed(Hub(9, connected: true)));
        Assert.Equal([new Observation(true, At(10), OfInputs: true)], watch.Changed(Hub(10, connected: true)));
    }

    [Fact]
    public void A_lost_session_is_counted_and_gives_one_notice_of_our_own_that_ends_at_once()
    {
        Connect(0, sessionKept: false);
        Lose(10);
        var notices = Connect(20, sessionKept: false);
        Assert.Equal(1, accounting.Total("sessions.lost"));
        Assert.Equal([("broker", true), ("broker", false)], notices.OfType<OwnCondition>().Select(c => (c.Kind, c.Active)));
        Assert.Contains("between 2026-11-24 12:00:10Z and 2026-11-24 12:00:20Z", notices.OfType<OwnCondition>().First().Text, StringComparison.Ordinal);
        Assert.Equal(new Observation(true, At(20), Lossy: true), notices[^1]);
    }

    [Fact]
    public void With_a_source_at_QoS_0_every_outage_loses_readings()
    {
        watch = new OutageWatch("plant:1883", hasQos0: true, accounting);
        Connect(0, sessionKept: false);
        Lose(10);
        Assert.Equal(new Observation(true, At(20), Lossy: true), Connect(20, sessionKept: true)[^1]);
        Assert.Equal(0, accounting.Total("sessions.lost"));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void With_a_broker_at_QoS_0_every_outage_loses_readings_of_sources_with_a_time_too(int qos, bool lossy)
    {
        var bench = new IngestBench(Any.Source("plant/{pump}", null, "/ts", "p"), broker: Any.Settings(Any.Source()).Broker! with { Qos = qos });
        watch = bench.State.Outages;
        Connect(0, sessionKept: false);
        Lose(10);
        Assert.Equal(new Observation(true, At(20), lossy), Connect(20, sessionKept: true)[^1]);
    }

    [Fact]
    public void A_broker_that_stays_away_is_reported_while_it_is_away_and_only_once()
    {
        Connect(0, sessionKept: false);
        Lose(10);
        Assert.Null(watch.Tick(At(39)));
        Assert.IsType<OwnCondition>(watch.Tick(At(40)));
        Assert.Null(watch.Tick(At(41)));
        Assert.Equal([new OwnCondition("broker", false, At(50), ""), new Observation(true, At(50))], Connect(50, sessionKept: true));
    }

    [Fact]
    public void A_broker_that_was_never_there_is_reported_too()
    {
        Assert.Null(watch.Tick(At(0)));
        Assert.IsType<OwnCondition>(watch.Tick(At(30)));
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    [InlineData(false, false, true)]
    public void After_a_restart_readings_are_lost_with_the_session_or_with_the_state(bool sessionKept, bool forgotten, bool lossy)
    {
        watch.ContinueFrom(At(-100), forgotten);
        var notices = Connect(0, sessionKept);
        Assert.Equal(new Observation(true, At(0), lossy), notices[^1]);
        Assert.Equal(lossy ? 2 : 0, notices.OfType<OwnCondition>().Count());
        Assert.Equal(sessionKept ? 0 : 1, accounting.Total("sessions.lost"));
    }

    private static DateTimeOffset At(int second) => Any.Noon.AddSeconds(second);

    private List<StageEvent> Connect(int second, bool sessionKept) => [.. watch.Changed(new SourceConnection(true, sessionKept, At(second), ""))];

    private List<StageEvent> Lose(int second) => [.. watch.Changed(new SourceConnection(false, false, At(second), "cable pulled"))];

    private static SourceConnection Hub(int second, bool connected) => new(connected, SessionPresent: true, At(second), "", OfInputs: true);
}
