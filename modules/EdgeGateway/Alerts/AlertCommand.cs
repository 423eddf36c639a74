using EdgeGateway.Stages;

namespace EdgeGateway.Alerts;

/// <summary>What an operator may do with an alert.</summary>
internal enum AlertAction { Acknowledge, Shelve, Unshelve }

/// <summary>What became of a command.</summary>
/// <param name="Status">As in HTTP.</param>
/// <param name="Sentence">Why it was refused; "" when it was carried out.</param>
/// <param name="Alert">The alert afterwards.</param>
internal sealed record AlertCommandResult(int Status, string Sentence, Alert? Alert = null);

/// <summary>
/// A command about one alert. It goes the way of the readings, so that it meets the alert in one certain state, and is answered once its transition is in the outbox.
/// </summary>
/// <param name="By">Who gives it.</param>
/// <param name="At">When, our clock.</param>
/// <param name="Until">Until when to shelve.</param>
/// <param name="IsLocal">It came over the local broker, where anybody may pretend to be anybody.</param>
internal sealed record AlertCommand(AlertAction Action, string AlertId, string By, DateTimeOffset At, DateTimeOffset? Until, bool IsLocal, TaskCompletionSource<AlertCommandResult> Answer) : StageCommand
{
    /// <summary>The longest that anything may be shelved.</summary>
    public static readonly TimeSpan LongestShelf = TimeSpan.FromHours(24);

    /// <summary>What became of it; set when it has passed the Alerts stage.</summary>
    public AlertCommandResult? Result { get; private set; }

    /// <inheritdoc/>
    public override void Answered() => Answer.TrySetResult(Result!);

    /// <summary>Carries it out.</summary>
    public void Apply(LifeCycle alerts, List<Alert> transitions)
    {
        var condition = alerts.Conditions.ByAlert(AlertId);
        Result = condition is null ? new AlertCommandResult(404, $"There is no alert {AlertId}: its id is wrong, or a newer alert of the same condition has taken its place.")
            : Refusal(condition.Newest!) ?? Carry(condition, alerts, transitions);
    }

    private AlertCommandResult Carry(Condition condition, LifeCycle alerts, List<Alert> transitions)
    {
        var alert = condition.Newest!;
        switch (Action)
        {
            case AlertAction.Acknowledge:
                alerts.Step(condition, alert.Next(Transition.Acknowledged, At, alert.Active) with { AcknowledgedAt = At, By = By }, transitions);
                break;
            case AlertAction.Shelve:
                alerts.Step(condition, alert.Next(Transition.Shelved, At, alert.Active) with { ShelvedUntil = Until, By = By }, transitions);
                break;
            default:
                alerts.Unshelve(condition, By, At, transitions);
                break;
        }

        return new AlertCommandResult(200, "", condition.Newest);
    }

    private AlertCommandResult? Refusal(Alert alert) => Action switch
    {
        AlertAction.Acknowledge when alert.AcknowledgedAt is { } before => new(409, $"The alert {AlertId} was acknowledged at {before:u}."),
        AlertAction.Shelve when !alert.Active => new(409, $"The alert {AlertId} was cleared at {alert.Time:u}; only an open one can be shelved."),
        AlertAction.Shelve when alert.Kind == AlertContent.MaintenanceKind => new(409, $"The alert {AlertId} says that an asset is out of service and cannot be shelved."),
        AlertAction.Shelve when Until <= At || Until > At + LongestShelf => new(400, $"An alert can be shelved for up to {LongestShelf.TotalHours} hours from now."),
        AlertAction.Shelve when IsLocal && alert.Severity >= LifeCycle.AlwaysTold => new(403, $"The alert {AlertId} has severity {alert.Severity}; from {LifeCycle.AlwaysTold} on it cannot be shelved over the local broker."),
        AlertAction.Unshelve when alert.ShelvedUntil is null => new(409, $"The alert {AlertId} is not shelved."),
        _ => null,
    };
}
