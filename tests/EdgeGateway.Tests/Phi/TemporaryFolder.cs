namespace EdgeGateway.Tests.Phi;

/// <summary>A folder of its own for one test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("phi-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Copies a folder, one level, writable.</summary>
    public TemporaryFolder With(string source)
    {
        foreach (var file in Directory.GetFiles(source))
        {
            using var from = System.IO.File.OpenRead(file);
            using var to = System.IO.File.Create(File(System.IO.Path.GetFileName(file)));
            from.CopyTo(to);
        }

        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
