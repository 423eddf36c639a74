using Microsoft.Extensions.Logging;

namespace EdgeGateway.Ingest;

/// <summary>Names each rejected place once for each reason, at most a thousand of them: the counters go on.</summary>
internal sealed class RejectionLog(ILogger logger)
{
    private const int Most = 1000;
    private const int LongestName = 120;
    private readonly HashSet<(string Where, RejectReason Reason)> named = [];

    public void Add(string source, string where, RejectReason reason)
    {
        where = where.Length > LongestName ? $"{where.AsSpan(0, LongestName)}…" : where;
        if (named.Count < Most && named.Add((where, reason)))
        {
            logger.Rejected(Printable(where), reason);
        }
    }

    /// <summary>Names come from outside: control characters do not belong into a log.</summary>
    private static string Printable(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '·' : c));
}
