namespace EdgeGateway.Operations;

/// <summary>A metric, and the counter of the gateway that it shows.</summary>
/// <param name="Counter">Name in the accounting, as the command <c>status</c> gives it.</param>
/// <param name="Name">Without the prefix <c>edgegateway_</c>; a counter's ends in <c>_total</c>.</param>
/// <param name="Help">What it counts.</param>
/// <param name="Label">What the counter's reason says: reason, sink, command; "" when it has none.</param>
/// <param name="BySource">Whether it is counted source by source.</param>
internal sealed record MetricName(string Counter, string Name, string Help, string Label = "", bool BySource = false)
{
    /// <summary>Counters go up, gauges up and down.</summary>
    public bool IsGauge => !Name.EndsWith("_total", StringComparison.Ordinal);

    /// <summary>Every counter of the stages and of what lies beside them; docs/operations.md has the same table.</summary>
    public static readonly MetricName[] All =
    [
        new("received", "readings_received_total", "Readings that came", BySource: true),
        new("taken", "readings_taken_total", "Readings that went on to the windows", BySource: true),
        new("late", "readings_late_total", "Readings older than the newest of their sensor", BySource: true),
        new("duplicate", "readings_duplicate_total", "Readings with the time of the newest of their sensor, or of a message that had come before", BySource: true),
        new("retained", "readings_retained_total", "Readings of retained messages, which are state and no news", BySource: true),
        new("rejected", "readings_rejected_total", "Readings that cannot be used", "reason", BySource: true),
        new("foreign", "readings_foreign_total", "Readings of assets that another process of the partition judges", BySource: true),
        new("bytes.received", "received_bytes_total", "Bytes of payloads that came"),
        new("sensors", "sensors", "Sensors that are followed"),
        new("sessions.lost", "sessions_lost_total", "Connections at which the broker had lost our session"),
        new("windows.closed", "windows_closed_total", "Windows that closed"),
        new("windows.judged", "windows_judged_total", "Windows that the model judged"),
        new("windows.not_judged", "windows_not_judged_total", "Windows that it did not judge", "reason"),
        new("windows.adapter_missing", "windows_adapter_missing_total", "Windows judged without the adapter that their source asks for", BySource: true),
        new("alerts.suppressed", "alerts_suppressed_total", "Alerts that ended while they were held back", "reason"),
        new("alerts.realarmed", "alerts_realarmed_total", "Alerts that were told again"),
        new("assets.maintenance", "assets_maintenance", "Assets that are out of service"),
        new("transitions", "transitions_total", "Transitions of alerts"),
        new("transitions.over_budget", "transitions_over_budget", "Transitions that wait for the next day's budget", "sink"),
        new("bytes.delivered", "delivered_bytes_total", "Bytes of alerts that were delivered", "sink"),
        new("states.restored", "states_restored_total", "Retained states that others changed and that were restored", "reason"),
        new("states.unretained", "states_unretained_total", "Retained states that the broker does not keep"),
        new("status.no_will", "status_no_will_total", "Connections whose broker took no last will"),
        new("spans.sent", "spans_sent_total", "Spans of traces that the collector took"),
        new("spans.lost", "spans_lost_total", "Spans of traces that it did not take"),
        new("commands", "commands_total", "Commands that were given", "command"),
        new("commands.unanswered", "commands_unanswered_total", "Commands over the local broker without an answer", "reason"),
        new("feedback.refused", "feedback_refused_total", "Judgements of people that were refused", "reason"),
        new("recorder.dropped", "recorder_dropped_total", "Recordings of samples that were given up", "reason"),
        new("twin.changes", "twin_changes_total", "Changes of the twin", "reason"),
        new("hub.methods", "hub_methods_total", "Direct methods", "reason"),
        new("hub.ignored", "hub_ignored_total", "Messages of the hub that could not be used", "reason"),
    ];

    /// <summary>What became of alerts and transitions at each sink: <see cref="GatewayCounters"/>.</summary>
    public static readonly MetricName[] OfSinks =
    [
        new("alerts.raised", "alerts_raised_total", "Alerts that were raised for a sink", "sink"),
        new("alerts.carried_over", "alerts_carried_over_total", "Alerts that an earlier run left", "sink"),
        new("alerts.delivered", "alerts_delivered_total", "Alerts whose raise was delivered", "sink"),
        new("alerts.dead", "alerts_dead_total", "Alerts that can never be delivered", "sink"),
        new("alerts.expired", "alerts_expired_total", "Alerts that waited too long", "sink"),
        new("alerts.evicted", "alerts_evicted_total", "Alerts that made room for severer ones", "sink"),
        new("alerts.observed", "alerts_observed_total", "Alerts that a sink was not told of in the mode observe", "sink"),
        new("alerts.pending", "alerts_pending", "Alerts that wait", "sink"),
        new("transitions.new", "transitions_new_total", "Transitions for a sink", "sink"),
        new("transitions.carried_over", "transitions_carried_over_total", "Transitions that an earlier run left", "sink"),
        new("transitions.delivered", "transitions_delivered_total", "Transitions that were delivered", "sink"),
        new("transitions.dead", "transitions_dead_total", "Transitions that can never be delivered", "sink"),
        new("transitions.folded", "transitions_folded_total", "Transitions that a newer one of their alert stands for", "sink"),
        new("transitions.withheld", "transitions_withheld_total", "Transitions that went with their alert", "sink"),
        new("transitions.pending", "transitions_pending", "Transitions that wait", "sink"),
    ];
}
