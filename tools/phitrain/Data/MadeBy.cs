using System.Security.Cryptography;
using System.Text;
using EdgeGateway.Storage;

namespace EdgeGateway.PhiTrain.Data;

/// <summary>Says of a finished file of windows what it was made of, in a file beside it: the same command has nothing to do then. Text: identity, newline, SHA-256 of the file.</summary>
internal sealed class MadeBy(string path)
{
    private readonly string beside = path + ".made-by";

    /// <summary>Whether the file is there, whole, and was made of this.</summary>
    public bool Is(string identity) => File.Exists(path) && File.Exists(beside) && File.ReadAllText(beside) == Text(identity);

    /// <summary>The file was made of this.</summary>
    public void Write(string identity) => DurableFile.Replace(beside, Encoding.UTF8.GetBytes(Text(identity)));

    private string Text(string identity)
    {
        using var file = File.OpenRead(path);
        return $"{identity}\n{Convert.ToHexStringLower(SHA256.HashData(file))}\n";
    }
}
