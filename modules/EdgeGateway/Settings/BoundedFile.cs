using System.Text;

namespace EdgeGateway.Settings;

/// <summary>Reads the certificates, keys and passwords that settings name. The names may come from the twin, so a file may be anything: /dev/zero has no end.</summary>
internal static class BoundedFile
{
    /// <summary>A bundle of all public CAs has about 220 KiB.</summary>
    private const int MostCharacters = 1024 * 1024;

    /// <summary>The text of a file.</summary>
    /// <exception cref="IOException">It cannot be read or is too large; the message names it.</exception>
    public static string ReadText(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var (text, piece) = (new StringBuilder(), new char[4096]);
            while (reader.Read(piece) is var count and > 0)
            {
                text.Append(piece, 0, count);
                if (text.Length > MostCharacters)
                {
                    throw new IOException($"The file {path} has more than {MostCharacters} characters, so it is no certificate, key or password.");
                }
            }

            return text.ToString();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(Directory.Exists(path) ? $"{path} is a folder, not a file." : $"The file {path} may not be read by this process.", e);
        }
    }
}
