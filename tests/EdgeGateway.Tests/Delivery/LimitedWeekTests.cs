using EdgeGateway.Alerts;
using EdgeGateway.Delivery;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Alerts;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Delivery;

/// <summary>A week in which ten sensors a minute fall silent and come back a while later, with the rate limit on and every sink away.</summary>
public sealed class LimitedWeekTests : IDisposable
{
    private const int Minutes = 7 * 24 * 60;
    private const int RaisesAMinute = 10;
    private const int SilentMinutes = 20;
    private const int MaxPerHour = 60;
    private readonly TempFolder folder = new();
    private readonly AlarmBench bench = new(MaxPerHour);

    // each of a source and an asset of its own: neither inhibits the other; a tenth is critical, and told in any case
    private readonly Sensor[] sensors =
        [.. Enumerable.Range(0, 500).Select(n => AlarmBench.Sensor($"asset{n}/level", $"asset{n}", $"source{n}", n % 10 == 0 ? Criticality.Critical : Criticality.Normal))];

    private int floods;
    private int severe;
    private int mild;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void With_the_rate_limit_on_a_week_of_ten_alerts_a_minute_tells_sixty_an_hour_and_all_severe_ones_and_accounts_for_each()
    {
        var clock = new FakeTimeProvider(bench.Now);
        using var store = GatewayStore.Open(folder.Path, clock);
        using var outbox = new Outbox(store, new DeliveryState(Any.Settings()), ["hub"], ["hub"], bench.Accounting);
        outbox.Open();
        bench.Pass(TimeSpan.Zero);
        for (var minute = 0; minute < Minutes; minute++)
        {
            Silence(minute, silent: true);
            Silence(minute - SilentMinutes, silent: false);
            bench.Pass(TimeSpan.FromMinutes(1));
            clock.Advance(TimeSpan.FromMinutes(1));
            if (bench.Transitions.Count >= 100)
            {
                Commit(outbox);
            }
        }

        Commit(outbox);
        var hub = store.Backlogs().Single();
        var suppressed = (long)bench.Accounting.Of("alerts.suppressed", reason: "flood").Value;
        var held = bench.Rules.LifeCycle.Conditions.All.Count(c => c.Held is not null);
        TestContext.Current.SendDiagnosticMessage(
            $"of {Minutes * RaisesAMinute} silences {severe} severe and {mild} others were told, {suppressed} were not; {floods} floods; {hub.Alerts} alerts and {hub.Bytes / 1e6:F1} MB wait, {hub.Evicted} were evicted");
        Assert.Equal(Minutes * RaisesAMinute, severe + mild + suppressed + held);
        Assert.Equal(Minutes * RaisesAMinute / 10, severe);
        Assert.InRange(mild, MaxPerHour * Minutes / 60, (MaxPerHour * Minutes / 60) + MaxPerHour);
        Assert.Equal(1, floods);
        Assert.Equal(severe + mild + floods, hub.Tally.Raised);
        Assert.Equal(hub.Tally.Raised, hub.Alerts + hub.Evicted);
        Assert.Equal(hub.Tally.NewEntries, hub.Pending + hub.Tally.Folded + hub.Tally.Withheld);
        Assert.All(store.NextPending("hub", int.MaxValue), e => Assert.InRange(e.Severity, 400, 1000));
    }

    private void Commit(Outbox outbox)
    {
        outbox.Commit(bench.Transitions);
        var raised = bench.Transitions.Where(t => t.Transition == Transition.Raised).ToList();
        floods += raised.Count(t => t.Family == Family.Own);
        severe += raised.Count(t => t.Family != Family.Own && t.Severity >= LifeCycle.AlwaysTold);
        mild += raised.Count(t => t.Family != Family.Own && t.Severity < LifeCycle.AlwaysTold);
        bench.Transitions.Clear();
    }

    private void Silence(int minute, bool silent)
    {
        for (var number = minute * RaisesAMinute; minute >= 0 && number < (minute + 1) * RaisesAMinute; number++)
        {
            bench.Silent(sensors[number % sensors.Length], silent);
        }
    }
}
