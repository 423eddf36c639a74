using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeGateway.Storage;
using EdgeGateway.Support;

namespace EdgeGateway.Operations;

/// <summary>
/// The command <c>support</c>: a bundle for whoever helps, left in the data folder, as an answer may have no room for it. One at a time; the newest are kept. Form of the answer: docs/formats/commands.
/// </summary>
/// <param name="gather">Looks at the gateway.</param>
internal sealed class SupportBundleCommand(string data, Func<CancellationToken, Task<SupportBundle>> gather, TimeProvider clock)
{
    /// <summary>Where the bundles lie in the data folder.</summary>
    public const string FolderName = "support";

    /// <summary>Bundles that are kept.</summary>
    public const int MostBundles = 3;

    /// <summary>Bytes that those which are kept beside a new one may have.</summary>
    public const long MostBytes = 16 << 20;

    private const string Prefix = "edgegateway-support-";
    private readonly string folder = Path.Combine(data, FolderName);
    private int making;

    /// <summary>The command.</summary>
    public GatewayCommand Command => new("support", [], (_, token) => RunAsync(token));

    private async Task<CommandAnswer> RunAsync(CancellationToken token)
    {
        if (Interlocked.Exchange(ref making, 1) == 1)
        {
            return CommandAnswer.Refused(429, "A support bundle is being made; ask again in half a minute.");
        }

        try
        {
            // it reads much of the disk: not on the thread of whoever brought the question
            return await Task.Run(() => MakeAsync(token), token);
        }
        catch (StorageException e)
        {
            return CommandAnswer.Refused(507, e.Message);
        }
        finally
        {
            Volatile.Write(ref making, 0);
        }
    }

    private async Task<CommandAnswer> MakeAsync(CancellationToken token)
    {
        var bundle = await gather(token);
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{clock.GetUtcNow():yyyyMMdd'T'HHmmssfff'Z'}.zip"));
        DurableFile.Guard(folder, MakeRoom);
        bundle.Write(path);
        await using var written = File.OpenRead(path);
        return CommandAnswer.Ok(new JsonObject { ["file"] = path, ["bytes"] = written.Length, ["sha256"] = Convert.ToHexStringLower(await SHA256.HashDataAsync(written, token)) });
    }

    /// <summary>Deletes the oldest bundles, and what a kill left of one.</summary>
    private void MakeRoom()
    {
        var bytes = 0L;
        foreach (var (kept, file) in Directory.CreateDirectory(folder).EnumerateFiles($"{Prefix}*").OrderByDescending(f => f.LastWriteTimeUtc).Index())
        {
            bytes += file.Length;
            if (kept >= MostBundles - 1 || bytes > MostBytes || file.Extension == ".tmp")
            {
                file.Delete();
            }
        }
    }
}
