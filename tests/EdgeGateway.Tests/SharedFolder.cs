using System.Runtime.CompilerServices;

namespace EdgeGateway.Tests;

/// <summary>The folder with reference data beside the checkout; it is not part of the repository.</summary>
internal static class SharedFolder
{
    /// <summary>Full path of a file or folder below ../shared; skips the calling test, saying so, where it is missing.</summary>
    public static string Require(string relative)
    {
        var path = Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", relative));
        Assert.SkipUnless(Path.Exists(path), $"../shared/{relative} is missing beside the checkout: this test compares with reference data that is not in the repository.");
        return path;
    }

    /// <summary>The root folder of this repository.</summary>
    public static string RepositoryRoot { get; } = Path.GetFullPath(Path.Combine(SourceFolder(), "..", ".."));

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
