namespace EdgeGateway.Tests.Packages.Verification.Vectors;

/// <summary>Writes tests/vectors/packages anew, all but what has to do with age; the README there says how.</summary>
public sealed class VectorWriter
{
    internal static string[] Kinds { get; } = [RootFile.Kind, PackageCase.Kind, RootCase.Kind, OpenedCase.Kind];

    /// <summary>What stands in each file.</summary>
    internal static Dictionary<string, string> Files { get; } = new[]
    {
        RootCases.Roots.Select(r => (RootFile.Kind, r.Name, CaseBuilder.Text(r.Root))),
        EnvelopeCases.All.Concat(ManifestCases.All).Concat(BindingCases.All).Select(c => (PackageCase.Kind, c.Name, VectorForm.Write(c.Case))),
        RootCases.All.Select(c => (RootCase.Kind, c.Name, VectorForm.Write(c.Case))),
        Opened.Select(c => (OpenedCase.Kind, c.Name, VectorForm.Write(c.Case))),
    }.SelectMany(files => files).ToDictionary(file => $"{file.Item1}/{file.Item2}.json", file => file.Item3);

    private static IEnumerable<(string Name, OpenedCase Case)> Opened
    {
        get
        {
            var blob = CaseBuilder.Adapter;
            return
            [
                ("valid", new("What the manifest says.", "accepted", null, blob, blob.Size, blob.Sha256)),
                ("plain-longer", new("Another file was sealed, which is longer.", "plain-length", "plain-digest", blob, blob.Size + 1, Sample.Digest("another"))),
                ("plain-other", new("Another file of the same length was sealed.", "plain-digest", "accepted", blob, blob.Size, Sample.Digest("another"))),
            ];
        }
    }

    [Fact(Explicit = true)]
    public void Write_the_packages_anew()
    {
        foreach (var (name, content) in Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(VectorForm.Folder, name))!);
            File.WriteAllText(Path.Combine(VectorForm.Folder, name), content);
        }
    }
}
