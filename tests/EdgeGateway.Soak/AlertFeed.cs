using EdgeGateway.Alerts;
using EdgeGateway.Soak.Harness;
using Hubstand.Hub;

namespace EdgeGateway.Soak;

/// <summary>Makes transitions of several subjects and holds what reached the hub against them: each under its one id, in order, none missing. What is sent again under the same id is counted.</summary>
internal sealed class AlertFeed(string gateway, DateTimeOffset began)
{
    private const int Subjects = 8;
    private static readonly Transition[] Life = [Transition.Raised, Transition.Updated, Transition.Cleared];
    private readonly int[] made = new int[Subjects];
    private readonly int[] arrived = new int[Subjects];
    private int turn;

    /// <summary>Transitions made so far.</summary>
    public int Made => made.Sum();

    /// <summary>Transitions that arrived, each counted once.</summary>
    public int Arrived => arrived.Sum();

    /// <summary>Messages that came once more under the id of before, as they may.</summary>
    public int Repeats { get; private set; }

    /// <summary>The next transition, of the subjects in turn.</summary>
    public Alert Next()
    {
        var subject = turn++ % Subjects;
        return Of(subject, made[subject]++);
    }

    /// <summary>Takes a message in the order in which it reached the hub.</summary>
    /// <exception cref="SoakException">It is not the next of its subject and not the one before: something was lost, came in another order, under another id or changed.</exception>
    public void Take(TelemetryMessage message)
    {
        var alert = AlertJson.Read(message.Body);
        var subject = Enumerable.Range(0, Subjects).Single(s => Name(s) == alert.Subject);
        var number = arrived[subject];
        if (Is(message, Of(subject, number)))
        {
            arrived[subject]++;
        }
        else if (number > 0 && Is(message, Of(subject, number - 1)))
        {
            Repeats++;
        }
        else
        {
            throw new SoakException($"{alert.Subject}: message {message.Id} came where {Id(Of(subject, number))} was expected.");
        }
    }

    private bool Is(TelemetryMessage message, Alert alert) =>
        message.Id == Id(alert) && message.Properties["transition"] == AlertJson.Name(alert.Transition) && message.Body.Span.SequenceEqual(AlertJson.Write(alert, gateway));

    private Alert Of(int subject, int number)
    {
        var (raised, step) = (began.AddHours(number / Life.Length), number % Life.Length);
        return new Alert(
            AlertIds.Of(gateway, Name(subject), Family.Limit, raised), step + 1, Life[step], raised.AddMinutes(step), step < 2, Name(subject), Family.Limit, "limit", 100 * (subject + 1), 1,
            "limit", "soak", [Name(subject)], "bar", raised.AddSeconds(-10), raised, [new("last", number)], "", $"Transition {number} of {Name(subject)}.", []);
    }

    private static string Name(int subject) => $"soak/{subject}";

    private static string Id(Alert alert) => $"{alert.AlertId}.{alert.Sequence}";
}
