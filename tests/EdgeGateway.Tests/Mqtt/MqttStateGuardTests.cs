using System.Buffers;
using System.Text;
using EdgeGateway.Mqtt;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Mqtt;

public sealed class MqttStateGuardTests : IDisposable
{
    private const string Status = "edgegateway/north-3/status";
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Some.Noon);
    private readonly Accounting accounting = new();
    private readonly GatewayStore store;
    private readonly MqttStateGuard guard;

    public MqttStateGuardTests()
    {
        store = GatewayStore.Open(folder.Path, clock);
        store.RegisterSinks(["mqtt"]);
        guard = new MqttStateGuard("edgegateway/north-3", "mqtt", store, accounting, clock, NullLogger.Instance);
        guard.Subscribing();
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("", "cleared")]
    [InlineData("forged", "forged")]
    public void An_open_alert_that_somebody_else_empties_or_overwrites_is_restored_and_counted(string written, string problem)
    {
        Deliver("a");
        Take("a", written);
        Assert.Equal([("a", "state a.1")], Restored());
        Assert.Equal(1, accounting.Of("states.restored", reason: problem).Value);
        Assert.Equal(1, accounting.Total("states.restored"));
    }

    [Fact]
    public void A_state_of_an_alert_that_is_unknown_or_has_ended_is_emptied()
    {
        Deliver("a");
        Deliver("a", 2, open: false);
        Take("a", "state a.1");
        Take("nobody", "state");
        Assert.Equal([("a", ""), ("nobody", "")], Restored());
        Assert.Equal((1, 1), (accounting.Of("states.restored", reason: "ended").Value, accounting.Of("states.restored", reason: "unknown").Value));
    }

    [Fact]
    public void What_is_right_is_left_alone()
    {
        Deliver("a");
        Take("a", "state a.1");
        Take("nobody", "");
        Assert.Empty(Restored());
        Assert.Equal(0, accounting.Total("states.restored"));
    }

    [Fact]
    public void Our_own_messages_come_back_and_are_ours_also_late_and_beside_those_of_others()
    {
        Deliver("a");
        Deliver("a", 2, open: false);
        Send("a", "state a.1");
        Send("a", "state a.2");
        Send("a", "");
        Take("a", "state a.1");
        Take("a", "state a.2");
        Take("a", "");
        Assert.Empty(Restored());
        Send("b", "state b.1");
        Take("b", "forged");
        Take("b", "state b.1");
        Assert.Empty(Restored());
        Take("b", "state b.1");
        Assert.Equal([("b", "")], Restored());
    }

    [Fact]
    public void While_a_transition_waits_in_the_outbox_nothing_is_restored_over_it_and_afterwards_what_is_still_wrong_is()
    {
        store.Commit([Some.Transition("a")]);
        Take("a", "forged");
        Assert.Empty(Restored());
        store.MarkDelivered("mqtt", store.NextPending("mqtt", 1)[0].Entry);
        Assert.Equal([("a", "state a.1")], Restored());
    }

    [Fact]
    public void A_client_that_fights_back_gets_one_restore_a_minute_and_loses_in_the_end()
    {
        Deliver("a");
        var restores = 0;
        for (var second = 0; second < 600; second++)
        {
            for (var i = 0; i < 10; i++)
            {
                Take("a", $"forged {i}");
            }

            restores += Restored().Length;
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(10, restores);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([("a", "state a.1")], Restored());
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(Restored());
    }

    [Fact]
    public void Many_forged_alerts_are_emptied_a_bounded_number_at_once()
    {
        for (var i = 0; i < 20_000; i++)
        {
            Take($"forged{i}", "x");
        }

        Take(new string('x', 60_000), "x");
        var sizes = new List<int>();
        while (Restored().Length is var size and > 0)
        {
            sizes.Add(size);
        }

        Assert.Equal((20, 10_000), (sizes.Max(), sizes.Sum()));
    }

    [Fact]
    public void Open_alerts_that_a_broker_has_lost_are_published_again_once_it_has_shown_what_it_has()
    {
        Deliver("a");
        Deliver("b");
        Deliver("c", 2, open: false);
        guard.Subscribing();
        Take("a", "state a.1");
        Assert.Empty(Restored());
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([("b", "state b.1")], Restored());
    }

    [Fact]
    public void A_broker_that_lets_us_read_nothing_back_is_not_taken_for_one_that_has_lost_everything()
    {
        Deliver("a");
        Send("a", "state a.1");
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Empty(Restored());
    }

    [Fact]
    public void A_status_of_somebody_else_is_overwritten_and_ours_is_not()
    {
        guard.Sending(Status, Encoding.UTF8.GetBytes("online"));
        guard.Take(Status, Sequence("online"));
        Assert.Empty(Restored());
        guard.Take(Status, Sequence("offline"));
        Assert.Equal(Status, Assert.Single(guard.Due()));
        Assert.NotNull(guard.Restoring(Status));
        Assert.Equal(1, accounting.Of("states.restored", reason: "status").Value);
    }

    private void Deliver(string alert, int sequence = 1, bool open = true)
    {
        store.Commit([Some.Transition(alert, sequence, open: open)]);
        store.MarkDelivered("mqtt", store.NextPending("mqtt", 1)[0].Entry);
    }

    private void Send(string alert, string payload) => guard.Sending(Topic(alert), Encoding.UTF8.GetBytes(payload));

    private void Take(string alert, string payload) => guard.Take(Topic(alert), Sequence(payload));

    private (string Alert, string Payload)[] Restored()
    {
        var restored = new List<(string, string)>();
        foreach (var topic in guard.Due())
        {
            if (guard.Restoring(topic) is { } right)
            {
                guard.Sending(topic, right);
                guard.Take(topic, new ReadOnlySequence<byte>(right));
                restored.Add((topic[Topic("").Length..], Encoding.UTF8.GetString(right.Span)));
            }
        }

        return [.. restored];
    }

    private static string Topic(string alert) => $"edgegateway/north-3/alerts/{alert}";

    private static ReadOnlySequence<byte> Sequence(string payload) => new(Encoding.UTF8.GetBytes(payload));
}
