using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Storage;

namespace EdgeGateway.Support;

/// <summary>What an operator sends to a developer: a zip of JSON files, in which whatever foreign names hold is escaped and no secret stands.</summary>
internal sealed class SupportBundle(Redaction redaction)
{
    private const int MostFiles = 5000;
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };
    private readonly List<(string Name, JsonNode Content)> entries = [];

    /// <summary>Adds a file.</summary>
    public void Add(string name, JsonNode? content) => entries.Add((name, redaction.Clean(content) ?? new JsonObject()));

    /// <summary>Adds lines as a list.</summary>
    public void Add(string name, IEnumerable<string> lines) => Add(name, new JsonArray([.. lines.Select(line => (JsonNode)line)]));

    /// <summary>Writes all of it, readable by the owner alone.</summary>
    /// <exception cref="StorageException">It could not be written.</exception>
    public void Write(string path) => DurableFile.Replace(path, stream =>
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var (name, content) in entries)
        {
            using var file = zip.CreateEntry(name).Open();

            // the encoder of the web: markup, quotes, and all that is not ASCII are escaped
            JsonSerializer.Serialize(file, content, Readable);
        }
    });

    /// <summary>Names, sizes and times of what lies in a folder; what they hold is not looked at, and no link is followed.</summary>
    public static JsonNode FilesOf(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return new JsonObject { ["error"] = $"{folder} does not exist." };
        }

        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var files = new DirectoryInfo(folder).EnumerateFiles("*", options).Take(MostFiles);
        return new JsonArray([.. files.Select(f => new JsonObject { ["file"] = Path.GetRelativePath(folder, f.FullName), ["bytes"] = f.Length, ["changed"] = f.LastWriteTimeUtc })]);
    }
}
