using System.Globalization;
using System.Security.Cryptography;
using EdgeGateway.Settings;
using EdgeGateway.Storage;

namespace EdgeGateway.Updates.Fetching;

/// <summary>
/// Fetches files over HTTPS, with resume at any byte through kills and power cuts, bounded in time and size. Believes servers nothing: what is known of a file (length, SHA-256)
/// is proven before it lies in its place. What goes wrong is a result, never an exception.
/// </summary>
internal sealed class Fetcher(UpdateSettings settings, TimeProvider clock)
{
    /// <summary>The longest that one fetch takes; the next goes on where it stopped.</summary>
    public static readonly TimeSpan MostTime = TimeSpan.FromHours(24);

    /// <summary>Fetches a file, unless it lies there already. One fetch to a path at a time.</summary>
    /// <param name="path">Where it is to lie, in a folder that is there; what has come of it lies beside it, in <c>{path}.part</c>, and is gone on with by the next fetch.</param>
    /// <param name="advanced">Is told how many bytes of it are there, often.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<FetchResult> FetchAsync(FetchTarget target, string path, Action<long> advanced, CancellationToken token)
    {
        if (FetchAddresses.Problem(target.Url, settings.Hosts) is { } problem)
        {
            return new FetchResult.Refused("address", $"{target.Place} {problem}.");
        }

        using var time = new CancellationTokenSource(MostTime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, time.Token);
        try
        {
            // hashing what is there takes seconds for a large file
            return await Task.Run(() => IsThere(target, path, either.Token), either.Token) ? new FetchResult.Done() : await FetchMissingAsync(target, path, advanced, either.Token);
        }
        catch (StorageException refused)
        {
            return new FetchResult.Waits(refused.Message, IsForDisk: true);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return new FetchResult.Waits(string.Create(CultureInfo.InvariantCulture, $"{target.Place} is not whole after {MostTime.TotalHours} hours; the next try goes on with it."));
        }
    }

    private async Task<FetchResult> FetchMissingAsync(FetchTarget target, string path, Action<long> advanced, CancellationToken token)
    {
        var most = target.Size ?? target.MostBytes;
        using var part = await Task.Run(() => PartFile.Open(path, most, token), token);
        if (DataVolume.Problem(path, most - part.Length) is { } problem)
        {
            return new FetchResult.Waits($"{target.Place} is not fetched: {problem}.", IsForDisk: true);
        }

        advanced(part.Length);
        using var connection = new FetchConnection(settings, clock);
        var result = await new FetchRun(target, part, connection, clock, advanced).RunAsync(token);
        if (result is FetchResult.Refused)
        {
            part.Delete();
        }

        return result;
    }

    private static bool IsThere(FetchTarget target, string path, CancellationToken token)
    {
        using var file = target.Sha256 is null ? null : PlainFile.OpenForReading(path);
        if (file is null || RandomAccess.GetLength(file) is var length && (length > target.MostBytes || length != (target.Size ?? length)))
        {
            return false;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        return PlainFile.Hash(file, path, length, hash, token) == length && Convert.ToHexStringLower(hash.GetHashAndReset()) == target.Sha256;
    }
}
