using EdgeGateway.Storage;

namespace EdgeGateway.Updates.Trust;

/// <summary>Reads small files that decide about trust: plain ones alone, whole or not at all.</summary>
internal static class KeptFile
{
    /// <summary>The whole content; null when there is no such file, or, with a problem in one sentence, when it cannot be read.</summary>
    /// <param name="most">Bytes that it may have.</param>
    public static byte[]? Read(string path, int most, out string? problem)
    {
        problem = new FileInfo(path).LinkTarget is not null ? $"{path} is a link, and none is followed here: put the file itself in its place."
            : Directory.Exists(path) ? $"{path} is a folder: move it away."
            : null;
        if (problem is not null)
        {
            return null;
        }

        try
        {
            return DurableFile.Read(path, most);
        }
        catch (StorageException e)
        {
            problem = $"{path} is damaged ({e.Detail}): bring it back from where it was made.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"{path} cannot be read ({e.Message.TrimEnd('.')}): give this process the right to, or mend the disk.";
        }

        return null;
    }
}
