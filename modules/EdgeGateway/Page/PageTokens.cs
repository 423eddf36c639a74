using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeGateway.Storage;

namespace EdgeGateway.Page;

/// <summary>What somebody may do with the page.</summary>
internal enum PageRole
{
    /// <summary>Look.</summary>
    View,

    /// <summary>Also acknowledge, shelve, give feedback, take out of service, change models.</summary>
    Operate,
}

/// <summary>
/// The two tokens of the page, 256 bits each, made at its first start and kept in <c>page/tokens</c> of the data folder, readable by its owner alone. Who deletes the file gets new ones at the next start.
/// </summary>
internal sealed class PageTokens
{
    private const int Bytes = 32;
    private const int LargestFile = 1024;

    private readonly byte[] viewHash;
    private readonly byte[] operateHash;

    private PageTokens(string view, string operate)
    {
        (View, Operate) = (view, operate);
        (viewHash, operateHash) = (Hash(view), Hash(operate));
    }

    /// <summary>Folder of the page in a data folder.</summary>
    public const string FolderName = "page";

    /// <summary>The one to look with.</summary>
    public string View { get; }

    /// <summary>The one to operate with.</summary>
    public string Operate { get; }

    /// <summary>Those of a data folder; null when there are none.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    public static PageTokens? Read(string data)
    {
        var path = PathIn(data);
        if (DurableFile.Read(path, LargestFile) is not { } content)
        {
            return null;
        }

        return Encoding.ASCII.GetString(content).Split('\n') is [['v', 'i', 'e', 'w', ' ', .. var view], ['o', 'p', 'e', 'r', 'a', 't', 'e', ' ', .. var operate], ..] && IsToken(view) && IsToken(operate)
            ? new PageTokens(view, operate)
            : throw new StorageException(StorageFault.Damaged, path, "it does not hold two tokens; delete it, and new ones are made");
    }

    /// <summary>Those of a data folder, made now when there are none.</summary>
    /// <exception cref="IOException">They can be neither read nor written.</exception>
    public static PageTokens Of(string data)
    {
        if (Read(data) is { } known)
        {
            return known;
        }

        var made = new PageTokens(NewToken(), NewToken());
        Directory.CreateDirectory(Path.Combine(data, FolderName));
        DurableFile.Replace(PathIn(data), Encoding.ASCII.GetBytes($"view {made.View}\noperate {made.Operate}\n"));
        return made;
    }

    /// <summary>What who shows this token may do; null for a wrong one. Takes as long for a wrong one as for a right one.</summary>
    public PageRole? RoleOf(string token)
    {
        var hash = Hash(token);
        var (view, operate) = (CryptographicOperations.FixedTimeEquals(hash, viewHash), CryptographicOperations.FixedTimeEquals(hash, operateHash));
        return operate ? PageRole.Operate : view ? PageRole.View : null;
    }

    private static string PathIn(string data) => Path.Combine(data, FolderName, "tokens");

    private static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    private static bool IsToken(string text) => text.Length == Base64Url.GetEncodedLength(Bytes) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
