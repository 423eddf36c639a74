using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace EdgeGateway.Updates.Fetching;

/// <summary>What the head of an answer says about the body that follows.</summary>
/// <param name="From">Where in the file the body begins.</param>
/// <param name="End">Where it ends at the latest: not a byte more is taken. One beyond what is allowed where the length is not known, to see that there is more.</param>
/// <param name="Total">Length of the whole file; null when the server does not say.</param>
/// <param name="Tag">Names this version of the file byte by byte; null when the server does not say.</param>
internal sealed record FetchHead(long From, long End, long? Total, EntityTagHeaderValue? Tag)
{
    /// <summary>The longest that a server may have itself left alone.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    /// <summary>Reads the head of an answer that is no redirect; null where there is no body to take, and then <paramref name="step"/> is how the request ended.</summary>
    /// <param name="length">Bytes that have come before.</param>
    /// <param name="now">What Retry-After and the expiry of a query are held against.</param>
    public static FetchHead? Read(HttpResponseMessage answer, FetchTarget target, long length, DateTimeOffset now, out FetchStep step)
    {
        step = default;
        var headers = answer.Content.Headers;
        var isPart = answer.StatusCode == HttpStatusCode.PartialContent;
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable || (isPart && !IsAskedFor(headers, length)))
        {
            step = new FetchStep(FetchOutcome.Changed);
            return null;
        }

        var total = isPart ? headers.ContentRange!.Length : headers.ContentLength;
        if ((isPart || answer.StatusCode == HttpStatusCode.OK ? BodyProblem(answer, target, total) : StatusProblem(answer, target, now)) is { } problem)
        {
            step = problem;
            return null;
        }

        var end = isPart ? headers.ContentRange!.To + 1 : headers.ContentLength;
        var limit = target.Size ?? target.MostBytes + 1;
        return new FetchHead(isPart ? length : 0, Math.Min(end ?? limit, limit), total, answer.Headers.ETag is { IsWeak: false } tag ? tag : null);
    }

    /// <summary>Whether a part begins where it was asked for, and does not contradict itself.</summary>
    private static bool IsAskedFor(HttpContentHeaders headers, long length) =>
        headers.ContentRange is { Unit: "bytes", From: { } from, To: { } to } && from == length && to >= from && (headers.ContentLength is null || headers.ContentLength == to - from + 1);

    private static FetchStep? BodyProblem(HttpResponseMessage answer, FetchTarget target, long? total) => (total, target.Size) switch
    {
        _ when answer.Content.Headers.ContentEncoding.Any(e => !e.Equals("identity", StringComparison.OrdinalIgnoreCase)) =>
            FetchStep.Waits($"{target.Place} is sent compressed, though that was not asked for; have the server send it as it is."),
        (null, null) when answer.Headers.TransferEncodingChunked != true => FetchStep.Waits($"{target.Place} is sent without its length; have the server say it."),
        ({ } found, { } expected) when found > expected => FetchStep.Refused("blob-length", Lengths(target, found, expected)),
        ({ } found, { } expected) when found < expected => FetchStep.Waits($"{Lengths(target, found, expected)} It may still be on its way there."),
        ({ } found, null) when found > target.MostBytes => TooLarge(target),
        _ => null,
    };

    /// <summary>It is longer than such a file may be.</summary>
    public static FetchStep TooLarge(FetchTarget target) =>
        FetchStep.Refused("too-large", string.Create(CultureInfo.InvariantCulture, $"{target.Place} has more than the {target.MostBytes} bytes that such a file may have; put the right one there."));

    private static string Lengths(FetchTarget target, long found, long expected) =>
        string.Create(CultureInfo.InvariantCulture, $"{target.Place} has {found} bytes where the manifest says {expected}; put the file of this manifest there.");

    private static FetchStep StatusProblem(HttpResponseMessage answer, FetchTarget target, DateTimeOffset now) => answer.StatusCode switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => FetchStep.Waits(Forbidden(answer.StatusCode, target, now), RetryAfter(answer, now)),
        HttpStatusCode.NotFound or HttpStatusCode.Gone => FetchStep.Waits($"{Answered(answer.StatusCode, target)}, there is no such file; put it there, or correct the url in the twin.", RetryAfter(answer, now)),
        _ => FetchStep.Waits($"{Answered(answer.StatusCode, target)}; look at the server if that stays so.", RetryAfter(answer, now)),
    };

    private static string Forbidden(HttpStatusCode status, FetchTarget target, DateTimeOffset now) =>
        target.Query is null ? $"{Answered(status, target)}, it wants a signature; give one in query in the twin."
        : target.QueryExpiry is { } expiry && expiry <= now ? string.Create(CultureInfo.InvariantCulture, $"{Answered(status, target)}, and query has expired at {expiry.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}; put a new one into the twin.")
        : $"{Answered(status, target)}, so query does not allow this file or not any more; put a new one into the twin.";

    private static string Answered(HttpStatusCode status, FetchTarget target) => string.Create(CultureInfo.InvariantCulture, $"{target.Place} was answered with {(int)status}");

    private static TimeSpan? RetryAfter(HttpResponseMessage answer, DateTimeOffset now)
    {
        var asked = answer.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - now : null;
        return asked is { } wait && wait > TimeSpan.Zero ? (wait < LongestRetryAfter ? wait : LongestRetryAfter) : null;
    }
}
