using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using EdgeGateway.Storage;

namespace EdgeGateway.Updates.Fetching;

/// <summary>
/// Requests after each other until a file is whole: what is missing is asked for as a range. The part that an earlier process left may be of another version of the file, and so
/// may every range of a server that names no versions; the SHA-256 of the whole finds that out, and then it is fetched once more, from its beginning.
/// </summary>
internal sealed class FetchRun(FetchTarget target, PartFile part, FetchConnection connection, TimeProvider clock, Action<long> advanced)
{
    /// <summary>In this time <see cref="LeastPerPace"/> must come.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMinutes(1);

    /// <summary>Bytes, few enough for a modem.</summary>
    public const int LeastPerPace = 4096;

    /// <summary>Requests in a row that may break off before they brought <see cref="LeastProgress"/>.</summary>
    public const int MostBrokenOff = 5;

    /// <summary>Bytes.</summary>
    public const int LeastProgress = 64 * 1024;

    private readonly byte[] buffer = new byte[64 * 1024];

    /// <summary>The version of the file that the part is of, as the server names it.</summary>
    private EntityTagHeaderValue? tag;

    /// <summary>Length of the file, as the server says.</summary>
    private long? total;

    /// <summary>Whether the part may be of several versions.</summary>
    private bool isMixed = part.Length > 0;

    /// <summary>Fetches it; throws nothing but what the disk says, and cancellation.</summary>
    /// <exception cref="StorageException">The disk refused.</exception>
    public async Task<FetchResult> RunAsync(CancellationToken token)
    {
        for (var (brokenOff, isAnew) = (0, false); ;)
        {
            var before = part.Length;
            var step = IsProven ? new FetchStep(FetchOutcome.Whole) : await RequestAsync(token);
            if (step.Outcome == FetchOutcome.Whole)
            {
                step = Prove();
            }

            if (step.Outcome == FetchOutcome.Ended)
            {
                return step.Result!;
            }

            brokenOff = step.Outcome == FetchOutcome.BrokeOff && part.Length - before < LeastProgress ? brokenOff + 1 : 0;
            if (brokenOff == MostBrokenOff)
            {
                return new FetchResult.Waits(string.Create(CultureInfo.InvariantCulture, $"{target.Place} broke off {MostBrokenOff} times in a row, at last after {part.Length} bytes; look at the server and the line."));
            }

            if (step.Outcome == FetchOutcome.Changed)
            {
                Forget();
                if (isAnew)
                {
                    return new FetchResult.Waits($"{target.Place} changes while it is fetched, or the server mixes up the ranges that it is asked for; look at the server.");
                }

                isAnew = true;
            }
        }
    }

    private bool IsProven => part.Length == (target.Size ?? part.Length) && part.Sha256 == target.Sha256;

    private FetchStep Prove()
    {
        if (target.Sha256 is null || IsProven)
        {
            part.Publish();
            return new FetchStep(FetchOutcome.Ended, new FetchResult.Done());
        }

        if (isMixed)
        {
            return new FetchStep(FetchOutcome.Changed);
        }

        return FetchStep.Refused(target.Size is null ? "digest" : "blob-digest", $"{target.Place} is another file than the one with the SHA-256 {target.Sha256}; put the right one there.");
    }

    private void Forget()
    {
        part.Clear();
        (tag, total, isMixed) = (null, null, false);
    }

    private async Task<FetchStep> RequestAsync(CancellationToken token)
    {
        if (target.Sha256 is null)
        {
            Forget();
        }

        try
        {
            using var answer = await connection.AskAsync(target.Request, part.Length, tag, token);
            return answer is null ? FetchStep.Waits($"{target.Place} redirects to another server, to no address, or more than {FetchConnection.MostRedirects} times; name the address that it leads to in the twin.")
                : FetchHead.Read(answer, target, part.Length, clock.GetUtcNow(), out var otherwise) is not { } head ? otherwise
                : IsOfAnotherVersion(head) ? new FetchStep(FetchOutcome.Changed)
                : await TakeAsync(answer, head, token);
        }
        catch (HttpRequestException failure)
        {
            return FetchStep.Waits($"{target.Place} {connection.Explain(failure)}.");
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return FetchStep.Waits($"{target.Place} has not been answered for {FetchConnection.Patience.TotalSeconds} seconds; look at the server and the line.");
        }
    }

    /// <summary>Holds a head against what came before; from the beginning on everything is taken.</summary>
    private bool IsOfAnotherVersion(FetchHead head)
    {
        if (head.From == 0)
        {
            Forget();
            (tag, total) = (head.Tag, head.Total);
            return false;
        }

        isMixed |= tag is null || head.Tag is null;
        var isOther = (tag is not null && head.Tag is not null && !tag.Equals(head.Tag)) || (total is not null && head.Total is not null && total != head.Total);
        (tag, total) = (tag ?? head.Tag, total ?? head.Total);
        return isOther;
    }

    private async Task<FetchStep> TakeAsync(HttpResponseMessage answer, FetchHead head, CancellationToken token)
    {
        using var pace = new CancellationTokenSource(Pace, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, pace.Token);
        var hasEnded = false;
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(either.Token);
            for (var sincePace = 0; part.Length < head.End && !hasEnded;)
            {
                var count = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, head.End - part.Length)), either.Token);
                part.Append(buffer.AsMemory(0, count));
                advanced(part.Length);
                hasEnded = count == 0;
                sincePace += count;
                if (sincePace >= LeastPerPace)
                {
                    pace.CancelAfter(Pace);
                    sincePace = 0;
                }
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or (IOException and not StorageException))
        {
            return new FetchStep(FetchOutcome.BrokeOff);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return FetchStep.Waits($"{target.Place} sends less than {LeastPerPace} bytes in {Pace.TotalSeconds} seconds; look at the server and the line.");
        }

        return target.Size is null && part.Length > target.MostBytes ? FetchHead.TooLarge(target)
            : (target.Size ?? head.Total) is { } whole ? new FetchStep(part.Length == whole ? FetchOutcome.Whole : FetchOutcome.BrokeOff)
            : new FetchStep(hasEnded ? FetchOutcome.Whole : FetchOutcome.BrokeOff);
    }
}
