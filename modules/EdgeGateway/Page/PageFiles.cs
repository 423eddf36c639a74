using System.Collections.Frozen;

namespace EdgeGateway.Page;

/// <summary>A file of the page.</summary>
internal sealed record PageFile(string ContentType, byte[] Content);

/// <summary>The files of <c>wwwroot</c>, which lie in the assembly: nothing on disk can be changed or left out.</summary>
internal static class PageFiles
{
    private const string Prefix = "wwwroot/";

    private static readonly FrozenDictionary<string, PageFile> Files = typeof(PageFiles).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .ToFrozenDictionary(name => name[(Prefix.Length - 1)..], Read, StringComparer.Ordinal);

    /// <summary>The file at a path; null for none.</summary>
    public static PageFile? Find(string path) => Files.GetValueOrDefault(path == "/" ? "/index.html" : path);

    private static PageFile Read(string name)
    {
        using var resource = typeof(PageFiles).Assembly.GetManifestResourceStream(name)!;
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return new PageFile(TypeOf(Path.GetExtension(name)), content);
    }

    private static string TypeOf(string extension) => extension switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
}
