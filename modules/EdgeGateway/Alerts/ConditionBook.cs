using System.Diagnostics.CodeAnalysis;

namespace EdgeGateway.Alerts;

/// <summary>All conditions that are known. A condition is a subject and a family; it has at most one open alert.</summary>
internal sealed class ConditionBook
{
    private readonly Dictionary<(string Subject, string Family), Condition> conditions = [];

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<Condition> All => conditions.Values;

    /// <summary>The condition; made when it is not known yet.</summary>
    public Condition Of(string subject, string family)
    {
        if (!conditions.TryGetValue((subject, family), out var condition))
        {
            condition = new Condition(subject, family);
            conditions.Add((subject, family), condition);
        }

        return condition;
    }

    /// <summary>The condition, when it is known.</summary>
    public bool TryGet(string subject, string family, [NotNullWhen(true)] out Condition? condition) => conditions.TryGetValue((subject, family), out condition);

    /// <summary>The condition whose newest alert this is; null when there is none.</summary>
    public Condition? ByAlert(string alertId) => conditions.Values.FirstOrDefault(c => c.Newest?.AlertId == alertId);

    /// <summary>Whether the condition holds.</summary>
    public bool IsActive(string subject, string family) => TryGet(subject, family, out var condition) && condition.IsActive;

    /// <summary>
    /// Takes over what the store knows where it knows more: alert states on disk win over any older snapshot. Ended ones first: one that is open is the newest, whatever a
    /// sensor's clock that was set back makes its times look like.
    /// </summary>
    public void Adopt(Alert stored)
    {
        var condition = Of(stored.Subject, stored.Family);
        var known = condition.Newest;
        var newer = known is null || (known.AlertId == stored.AlertId ? stored.Sequence > known.Sequence : stored.Active || stored.WindowEnd > known.WindowEnd);
        var idTime = stored.IdTime ?? stored.WindowEnd;
        condition.IdTime = condition.IdTime > idTime ? condition.IdTime : idTime;
        if (newer)
        {
            condition.Newest = stored;

            // what the snapshot says of an older alert is over
            condition.QuietSince = null;
            condition.Held = condition.Held?.Alert.AlertId == stored.AlertId || stored.Active ? null : condition.Held;
        }
    }

    /// <summary>Forgets a condition whose subject is gone.</summary>
    public void Forget(string subject, string family) => conditions.Remove((subject, family));
}
