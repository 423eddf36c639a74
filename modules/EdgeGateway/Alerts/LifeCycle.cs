using System.Globalization;
using EdgeGateway.Settings;
using EdgeGateway.Stages;

namespace EdgeGateway.Alerts;

/// <summary>
/// From conditions that begin and end to alerts that an operator can live with (after OPC UA part 9 and ISA-18.2): a raise may be held (out of service, shelved, inhibited,
/// too many), a flapping condition stays one alert. Whatever is held is told later if the condition still holds then, and counted if not. Used by the Alerts stage alone.
/// </summary>
internal sealed class LifeCycle
{
    /// <summary>From this severity on nothing is held back for being too much, nor shelved over the local broker.</summary>
    public const int AlwaysTold = 800;

    /// <summary>So many silent sensors of one source have one cause: further ones are not told beside them.</summary>
    private const int SilentTogether = 3;

    private const string FloodKind = "flood";

    /// <summary>The flood is over when nothing has been held back for this long.</summary>
    private static readonly TimeSpan FloodQuiet = TimeSpan.FromMinutes(10);

    private readonly AlertContent content;
    private readonly Accounting accounting;
    private readonly RateLimit limit;
    private readonly Realarm realarm;
    private readonly HashSet<Condition> held = [];
    private readonly HashSet<Condition> waiting = [];
    private readonly HashSet<Condition> shelved = [];
    private OpenAlerts open = new();
    private DateTimeOffset now;
    private DateTimeOffset lastFlood;

    public LifeCycle(AlertContent content, AlertSettings settings, Accounting accounting)
    {
        (this.content, this.accounting, limit, realarm) = (content, accounting, new RateLimit(settings.MaxPerHour), new Realarm(settings.Realarm, accounting));
        OutOfService = new OutOfService(this, content, accounting);
    }

    /// <summary>All conditions.</summary>
    public ConditionBook Conditions { get; } = new();

    /// <summary>Assets that are out of service.</summary>
    public OutOfService OutOfService { get; }

    /// <summary>Other settings are in force.</summary>
    public void Use(AlertSettings other) => (limit.PerHour, realarm.Period) = (other.MaxPerHour, other.Realarm);

    /// <summary>After the conditions were restored: what waits for time or for others to end.</summary>
    public void Resume()
    {
        open = new OpenAlerts();
        foreach (var condition in Conditions.All)
        {
            open.Replace(null, condition.Newest);
        }

        held.Clear();
        waiting.Clear();
        shelved.Clear();
        held.UnionWith(Conditions.All.Where(c => c.Held is not null));
        waiting.UnionWith(Conditions.All.Where(c => c.QuietSince is not null));
        shelved.UnionWith(Conditions.All.Where(c => c.Newest?.ShelvedUntil is not null));
        OutOfService.Resume();
    }

    /// <summary>A condition begins to hold.</summary>
    /// <param name="raised">The alert that tells it.</param>
    public void Raise(Alert raised, List<Alert> transitions)
    {
        var condition = Conditions.Of(raised.Subject, raised.Family);
        if (!OutOfService.Holds(raised))
        {
            condition.CountRaise(raised.Time);
        }

        raised = WithOwnId(condition, raised);
        if (condition.IsOpen)
        {
            // its clear was waiting: it goes on as one alert
            condition.QuietSince = null;
            condition.HoldsSince = now == default ? null : now;
            waiting.Remove(condition);
        }
        else if (HoldOf(condition, raised) is { } reason)
        {
            condition.Held = new HeldRaise(raised, reason);
            held.Add(condition);
            TellFlood(reason, raised, transitions);
        }
        else
        {
            Tell(condition, raised, transitions);
        }
    }

    /// <summary>A condition holds no more.</summary>
    public void End(string subject, string family, DateTimeOffset at, List<Alert> transitions)
    {
        if (!Conditions.TryGet(subject, family, out var condition) || !condition.IsActive)
        {
            return;
        }

        if (condition.Held is { } untold)
        {
            accounting.Of("alerts.suppressed", reason: NameOf(untold.Reason)).Add();
            condition.Held = null;
            held.Remove(condition);
        }
        else if (condition.IsFlapping(at))
        {
            condition.QuietSince = at;
            waiting.Add(condition);
        }
        else
        {
            Clear(condition, at, transitions);
        }
    }

    /// <summary>The same for good: the subject is gone.</summary>
    /// <param name="reason">Why, when it is told.</param>
    public void Forget(string subject, string family, DateTimeOffset at, List<Alert> transitions, string reason = "")
    {
        if (!Conditions.TryGet(subject, family, out var condition))
        {
            return;
        }

        if (condition.Held is not null)
        {
            End(subject, family, at, transitions);
        }

        if (condition.IsOpen)
        {
            Clear(condition, at, transitions, reason);
        }

        shelved.Remove(condition);
        Conditions.Forget(subject, family);
    }

    /// <summary>Event time of an asset has come to here: flapping conditions of it that have been quiet for long are cleared.</summary>
    public void Advance(string asset, DateTimeOffset time, List<Alert> transitions)
    {
        if (waiting.Count > 0)
        {
            ClearQuiet(c => c.Family == Family.Limit && c.Newest!.Asset == asset, time, transitions);
        }
    }

    /// <summary>Our clock has come to here.</summary>
    public void Tick(DateTimeOffset time, List<Alert> transitions)
    {
        now = time;
        limit.Tick(time);
        OutOfService.Tick(time, transitions);
        if (waiting.Count > 0)
        {
            ClearQuiet(c => c.Family is Family.Silent or Family.Own, time, transitions);
        }

        foreach (var condition in shelved.Where(c => !c.IsShelved(time)).ToList())
        {
            Unshelve(condition, "", time, transitions);
        }

        TellHeld(transitions);
        foreach (var (condition, next) in realarm.Due(Conditions, time))
        {
            Step(condition, next, transitions);
        }

        if (time - lastFlood >= FloodQuiet && !held.Any(c => c.Held!.Reason == Hold.Flood))
        {
            End(content.OwnSubject(FloodKind), Family.Own, time, transitions);
        }
    }

    /// <summary>The next transition of the condition's newest alert, or the first one of a new alert.</summary>
    public void Step(Condition condition, Alert next, List<Alert> transitions)
    {
        open.Replace(condition.Newest, next);

        // the store keeps why: not another copy for as long as it is open
        condition.Newest = next with { Explanation = default };
        if (next.ShelvedUntil is not null)
        {
            shelved.Add(condition);
        }

        transitions.Add(next);
    }

    /// <summary>Somebody wants to hear of it again, or the time is over. Told also when the alert has ended: on disk it must not stay shelved.</summary>
    public void Unshelve(Condition condition, string by, DateTimeOffset at, List<Alert> transitions)
    {
        shelved.Remove(condition);
        condition.HoldsSince = at;
        Step(condition, condition.Newest!.Next(Transition.Unshelved, at, condition.IsOpen) with { ShelvedUntil = null, By = by }, transitions);
        TellHeld(transitions);
    }

    /// <summary>A raise under an id that no earlier one of the condition has.</summary>
    public Alert WithOwnId(Condition condition, Alert raised)
    {
        var isLater = raised.WindowEnd > condition.IdTime;
        condition.IdTime = isLater ? raised.WindowEnd : condition.IdTime.AddTicks(1);
        return isLater ? raised : raised with { AlertId = content.IdOf(raised.Subject, raised.Family, condition.IdTime), IdTime = condition.IdTime };
    }

    private void ClearQuiet(Func<Condition, bool> concerned, DateTimeOffset time, List<Alert> transitions)
    {
        foreach (var condition in waiting.Where(c => concerned(c) && time - c.QuietSince >= Condition.FlapQuiet).ToList())
        {
            Clear(condition, time, transitions);
        }
    }

    private void Clear(Condition condition, DateTimeOffset at, List<Alert> transitions, string reason = "")
    {
        condition.QuietSince = null;
        waiting.Remove(condition);
        Step(condition, condition.Newest!.Next(Transition.Cleared, at, active: false) with { Reason = reason }, transitions);
        TellHeld(transitions);
    }

    /// <summary>What no longer has a reason to be held is told, the severest first.</summary>
    public void TellHeld(List<Alert> transitions)
    {
        if (held.Count == 0)
        {
            return;
        }

        foreach (var condition in held.OrderByDescending(c => c.Held!.Alert.Severity).ThenBy(c => c.Held!.Alert.Time).ThenBy(c => c.Subject, StringComparer.Ordinal).ToList())
        {
            var raised = condition.Held!.Alert;
            if (HoldOf(condition, raised) is { } reason)
            {
                condition.Held = new HeldRaise(raised, reason);
                continue;
            }

            condition.Held = null;
            held.Remove(condition);
            Tell(condition, raised, transitions);
        }
    }

    private void Tell(Condition condition, Alert raised, List<Alert> transitions)
    {
        if (IsLimited(raised))
        {
            limit.Take(raised.Asset);
        }

        condition.HoldsSince = null;
        raised = realarm.Stamp(raised, now);
        Step(condition, condition.IsFlapping(raised.Time) ? AlertContent.Flapping(raised, condition.RaisesUntil(raised.Time)) : raised, transitions);
    }

    private Hold? HoldOf(Condition condition, Alert raised) =>
        OutOfService.Holds(raised) ? Hold.OutOfService
        : condition.IsShelved(now) ? Hold.Shelved
        : IsInhibited(raised) ? Hold.Inhibited
        : IsLimited(raised) && !limit.Allows(raised.Asset) ? Hold.Flood
        : null;

    private static bool IsLimited(Alert raised) => raised.Family is Family.Anomaly or Family.Silent && raised.Severity < AlwaysTold;

    /// <summary>
    /// A silent sensor beside another one of its asset, or beside several of its source; an anomaly of an asset of which a sensor is outside its range: the first alert has said it.
    /// </summary>
    private bool IsInhibited(Alert raised) => raised.Severity < AlwaysTold && raised.Family switch
    {
        Family.Silent => open.OfAsset(Family.Silent, raised.Asset) > 0 || open.OfSource(Family.Silent, raised.Source) >= SilentTogether,
        Family.Anomaly => open.OfAsset(Family.Limit, raised.Asset) > 0,
        _ => false,
    };

    private void TellFlood(Hold reason, Alert held, List<Alert> transitions)
    {
        if (reason != Hold.Flood)
        {
            return;
        }

        lastFlood = now;
        var text = string.Create(CultureInfo.InvariantCulture, $"More alerts than the {limit.PerHour} an hour that the settings allow: {held.Subject} and others are held back until there is room.");
        var flood = content.Own(new OwnCondition(FloodKind, true, now, text)) with
        {
            Evidence = [new("maxPerHour", limit.PerHour)],
        };
        if (!Conditions.IsActive(flood.Subject, flood.Family))
        {
            Raise(flood, transitions);
        }
    }

    private static string NameOf(Hold reason) => reason switch
    {
        Hold.Shelved => "shelved",
        Hold.Inhibited => "inhibited",
        Hold.OutOfService => "outOfService",
        _ => "flood",
    };
}
