namespace EdgeGateway.Storage;

/// <summary>Tables of gateway.db. Times are UTC ticks. A step that has shipped is never changed: add another.</summary>
internal static class GatewaySchema
{
    public static DatabaseForm Form { get; } = new([Version1]);

    // alert.storedAt is the gateway's clock, alert.time is event time: old recordings may be fed through a live gateway.
    // pending.head marks the oldest pending entry of a subject, so that the next one to send is found by index alone, however long the backlog.
    private const string Version1 = """
        CREATE TABLE alert (
          alertId TEXT PRIMARY KEY, subject TEXT NOT NULL, family TEXT NOT NULL, sequence INTEGER NOT NULL,
          open INTEGER NOT NULL, time INTEGER NOT NULL, storedAt INTEGER NOT NULL, state BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX alert_open ON alert(open, time);
        CREATE TABLE entry (
          entry INTEGER PRIMARY KEY AUTOINCREMENT, alertId TEXT NOT NULL, sequence INTEGER NOT NULL, subject TEXT NOT NULL,
          severity INTEGER NOT NULL, transition TEXT NOT NULL, time INTEGER NOT NULL, storedAt INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX entry_alert ON entry(alertId);
        CREATE TABLE pending (
          sink TEXT NOT NULL, subject TEXT NOT NULL, entry INTEGER NOT NULL, severity INTEGER NOT NULL, head INTEGER NOT NULL,
          PRIMARY KEY (sink, subject, entry)) WITHOUT ROWID;
        CREATE INDEX pending_head ON pending(sink, severity DESC, entry) WHERE head = 1;
        CREATE INDEX pending_entry ON pending(entry, sink);
        CREATE TABLE sink (name TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE subscription (filter TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        """;
}
