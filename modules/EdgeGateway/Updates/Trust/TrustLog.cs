using System.Globalization;
using System.Text;
using EdgeGateway.Storage;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Updates.Trust;

/// <summary>
/// <c>trust.log</c>: a line for each decision about trust, only ever appended and on disk before the call returns; the one before is kept as <c>trust.log.1</c>. Fields are parted
/// by tabs: time, decision, what about, the first 12 digits of its SHA-256, refusal code, sentence. A decision holds whether its line can be written or not.
/// </summary>
internal sealed class TrustLog
{
    /// <summary>Bytes of one file.</summary>
    public const int MostBytes = 1 << 20;

    private const int MostCharacters = 1024;
    private const int Told = 12;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly Lock gate = new();
    private readonly string path;
    private readonly TimeProvider clock;
    private readonly ILogger logger;

    /// <param name="folder">The folder of updates within the data folder.</param>
    public TrustLog(string folder, TimeProvider clock, ILogger logger) => (path, this.clock, this.logger) = (Path.Combine(folder, "trust.log"), clock, logger);

    /// <summary>Appends a line. What is foreign in it cannot break the line; it must hold no secret, and no query of an address.</summary>
    /// <param name="decision">One word: <c>accepted</c>, <c>refused</c>.</param>
    /// <param name="about">What about: <c>adapter pumps release 3</c>.</param>
    /// <param name="sha256">Of its bytes.</param>
    /// <param name="code">Why it was refused.</param>
    public void Note(string decision, string about, string sha256 = "", string code = "", string sentence = "")
    {
        var time = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var fields = new[] { time, decision, about, sha256[..Math.Min(Told, sha256.Length)], code, sentence }.Select(Shown);
        var line = Encoding.ASCII.GetBytes(string.Join('\t', fields) + '\n');
        lock (gate)
        {
            try
            {
                Append(line);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                logger.TrustLogFailed(e.Message);
            }
        }
    }

    private static string Shown(string field) =>
        field.Length == 0 ? "-" : string.Concat(field.Take(MostCharacters).Select(c => c is >= ' ' and <= '~' ? c : '?'));

    private void Append(byte[] line)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        if (new FileInfo(path) is { LinkTarget: not null })
        {
            throw new IOException($"{path} is a link, and none is followed here: remove it.");
        }

        if (new FileInfo(path) is { Exists: true } file && file.Length + line.Length > MostBytes)
        {
            File.Move(path, path + ".1", overwrite: true);
        }

        var isNew = !File.Exists(path);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, BufferSize = 0, Options = FileOptions.WriteThrough };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var stream = new FileStream(path, options))
        {
            stream.Position = Math.Max(0, stream.Length - 1);
            var torn = stream.Length > 0 && stream.ReadByte() != '\n'; // a power cut ended the line before
            stream.Write(torn ? [(byte)'\n', .. line] : line);
        }

        if (isNew)
        {
            DurableFile.SyncDirectory(folder);
        }
    }
}
