namespace EdgeGateway.Storage;

/// <summary>Tables of gateway.db. Times are UTC ticks. A step that has shipped is never changed: add another.</summary>
internal static class GatewaySchema
{
    public static DatabaseForm Form { get; } = new([Version1, Version2, Version3, Version4, Version5, Version6], PageSize: 2048);

    // alert.storedAt is the gateway's clock, alert.time is event time: old recordings may be fed through a live gateway.
    // pending.head marks the oldest pending entry of a subject, so that the next one to send is found by index alone, however long the backlog.
    // Without statistics SQLite takes sink for as selective as an entry's number and walks the whole backlog: queries that know the entry or want the urgent name their index.
    // STRICT and the checks are what integrity_check holds every row against at start: what it lets through can be read.
    private const string Version1 = """
        CREATE TABLE alert (
          alertId TEXT NOT NULL PRIMARY KEY, subject TEXT NOT NULL, family TEXT NOT NULL,
          sequence INTEGER NOT NULL CHECK (sequence BETWEEN 1 AND 2147483647), open INTEGER NOT NULL CHECK (open IN (0, 1)),
          time INTEGER NOT NULL CHECK (time BETWEEN 0 AND 3155378975999999999),
          storedAt INTEGER NOT NULL CHECK (storedAt BETWEEN 0 AND 3155378975999999999), state BLOB NOT NULL) WITHOUT ROWID, STRICT;
        CREATE INDEX alert_open ON alert(open, time);
        CREATE TABLE entry (
          entry INTEGER PRIMARY KEY AUTOINCREMENT, alertId TEXT NOT NULL,
          sequence INTEGER NOT NULL CHECK (sequence BETWEEN 1 AND 2147483647), subject TEXT NOT NULL,
          severity INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 2147483647), transition TEXT NOT NULL,
          time INTEGER NOT NULL CHECK (time BETWEEN 0 AND 3155378975999999999),
          storedAt INTEGER NOT NULL CHECK (storedAt BETWEEN 0 AND 3155378975999999999), body BLOB NOT NULL) STRICT;
        CREATE INDEX entry_alert ON entry(alertId);
        CREATE TABLE pending (
          sink TEXT NOT NULL, subject TEXT NOT NULL, entry INTEGER NOT NULL,
          severity INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 2147483647), head INTEGER NOT NULL CHECK (head IN (0, 1)),
          PRIMARY KEY (sink, subject, entry)) WITHOUT ROWID, STRICT;
        CREATE INDEX pending_head ON pending(sink, severity DESC, entry) WHERE head = 1;
        CREATE INDEX pending_entry ON pending(entry, sink);
        CREATE TABLE sink (name TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID, STRICT;
        CREATE TABLE subscription (filter TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID, STRICT;
        CREATE TABLE fact (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
        """;

    private const string Version2 = """
        CREATE TABLE dead_letter (
          number INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, alertId TEXT NOT NULL,
          sequence INTEGER NOT NULL CHECK (sequence BETWEEN 1 AND 2147483647), subject TEXT NOT NULL,
          time INTEGER NOT NULL CHECK (time BETWEEN 0 AND 3155378975999999999),
          storedAt INTEGER NOT NULL CHECK (storedAt BETWEEN 0 AND 3155378975999999999), reason TEXT NOT NULL, body BLOB NOT NULL) STRICT;
        """;

    // alert.raised, alert.ended: event times of the first transition and of the one that ended it, since the newest may be an acknowledgement days later; null where they were never stored here.
    private const string Version3 = """
        ALTER TABLE alert ADD COLUMN raised INTEGER CHECK (raised BETWEEN 0 AND 3155378975999999999);
        ALTER TABLE alert ADD COLUMN ended INTEGER CHECK (ended BETWEEN 0 AND 3155378975999999999);
        CREATE TABLE daily (
          day INTEGER NOT NULL CHECK (day BETWEEN 0 AND 3652058), name TEXT NOT NULL, value INTEGER NOT NULL,
          PRIMARY KEY (day, name)) WITHOUT ROWID, STRICT;
        """;

    // pending.first: lowest sequence that the entry stands for at this sink, lower than the entry's own where transitions were folded.
    // pending.rank: only where the sink has surely not seen the alert's raise, which this entry tells of: the highest severity that the alert has reached. By it whole alerts expire and are evicted.
    // pending.urgent: no budget holds it back. withheld: alerts that a sink is told nothing more of; withheld.observed: unless they are still open when it is told again.
    private const string Version4 = """
        ALTER TABLE pending ADD COLUMN first INTEGER NOT NULL DEFAULT 1 CHECK (first BETWEEN 1 AND 2147483647);
        ALTER TABLE pending ADD COLUMN rank INTEGER CHECK (rank BETWEEN 0 AND 2147483647);
        ALTER TABLE pending ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1));
        UPDATE pending SET (first, rank) = (SELECT sequence, CASE sequence WHEN 1 THEN severity END FROM entry e WHERE e.entry = pending.entry);
        UPDATE pending SET urgent = 1 WHERE entry IN (SELECT e.entry FROM entry e JOIN alert a ON a.alertId = e.alertId WHERE a.family = 'limit');
        CREATE INDEX pending_rank ON pending(sink, rank, entry) WHERE rank IS NOT NULL;
        CREATE INDEX pending_urgent ON pending(sink, subject, entry) WHERE urgent = 1;
        ALTER TABLE sink ADD COLUMN expired INTEGER NOT NULL DEFAULT 0 CHECK (expired >= 0);
        ALTER TABLE sink ADD COLUMN evicted INTEGER NOT NULL DEFAULT 0 CHECK (evicted >= 0);
        CREATE TABLE withheld (alertId TEXT NOT NULL, sink TEXT NOT NULL, observed INTEGER NOT NULL DEFAULT 0 CHECK (observed IN (0, 1)), PRIMARY KEY (alertId, sink)) WITHOUT ROWID, STRICT;
        CREATE TRIGGER alert_forgotten AFTER DELETE ON alert BEGIN DELETE FROM withheld WHERE alertId = OLD.alertId; END;
        """;

    private const string Version5 = """
        CREATE TABLE feedback (
          number INTEGER PRIMARY KEY AUTOINCREMENT, alertId TEXT NOT NULL,
          givenAt INTEGER NOT NULL CHECK (givenAt BETWEEN 0 AND 3155378975999999999), givenBy TEXT NOT NULL,
          verdict TEXT NOT NULL CHECK (verdict IN ('true', 'false', 'unsure')), note TEXT NOT NULL) STRICT;
        CREATE INDEX feedback_alert ON feedback(alertId, number);
        """;

    // step: all that an alert has gone through, of which alert.state is the newest alone. explanation.length: of the plain body, which is stored packed.
    private const string Version6 = """
        CREATE TABLE step (
          alertId TEXT NOT NULL, sequence INTEGER NOT NULL CHECK (sequence BETWEEN 1 AND 2147483647), transition TEXT NOT NULL,
          time INTEGER NOT NULL CHECK (time BETWEEN 0 AND 3155378975999999999),
          severity INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 2147483647), givenBy TEXT NOT NULL, PRIMARY KEY (alertId, sequence)) WITHOUT ROWID, STRICT;
        CREATE TABLE explanation (
          number INTEGER PRIMARY KEY AUTOINCREMENT, alertId TEXT NOT NULL,
          length INTEGER NOT NULL CHECK (length BETWEEN 1 AND 1048576), body BLOB NOT NULL) STRICT;
        CREATE INDEX explanation_alert ON explanation(alertId, number);
        CREATE TRIGGER alert_life_forgotten AFTER DELETE ON alert BEGIN
          DELETE FROM step WHERE alertId = OLD.alertId;
          DELETE FROM explanation WHERE alertId = OLD.alertId;
        END;
        """;
}
