using System.Diagnostics.CodeAnalysis;

namespace EdgeGateway.Alerts;

/// <summary>The newest alert of every condition. A condition is a subject and a family; it has at most one open alert.</summary>
internal sealed class ConditionBook
{
    private readonly Dictionary<(string Subject, string Family), Alert> newest = [];

    /// <summary>The newest alerts, open and ended.</summary>
    public IReadOnlyCollection<Alert> Newest => newest.Values;

    /// <summary>The open alert of a condition.</summary>
    public bool TryGetOpen(string subject, string family, [NotNullWhen(true)] out Alert? alert)
    {
        alert = newest.GetValueOrDefault((subject, family));
        return alert is { Active: true };
    }

    /// <summary>Remembers a transition.</summary>
    public void Set(Alert alert) => newest[(alert.Subject, alert.Family)] = alert;

    /// <summary>Takes over what the store knows where it knows more: alert states on disk win over any older snapshot.</summary>
    public void Adopt(Alert stored)
    {
        var known = newest.GetValueOrDefault((stored.Subject, stored.Family));
        var newer = known is null || (known.AlertId == stored.AlertId ? stored.Sequence > known.Sequence : stored.WindowEnd > known.WindowEnd);
        if (newer)
        {
            Set(stored);
        }
    }

    /// <summary>Forgets a condition whose subject is gone.</summary>
    public void Forget(string subject, string family) => newest.Remove((subject, family));
}
