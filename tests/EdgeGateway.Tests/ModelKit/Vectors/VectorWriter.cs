using EdgeGateway.ModelKit.Commands;
using EdgeGateway.Tests.Phi;

namespace EdgeGateway.Tests.ModelKit.Vectors;

/// <summary>Writes tests/vectors/tokenizers and tests/vectors/models anew, one after the other with golden.mjs between them; tests/vectors/README.md says how.</summary>
public sealed class VectorWriter
{
    private const string Adapter = "all-r3";

    public static string Folder { get; } = Path.Combine(SharedFolder.RepositoryRoot, "tests", "vectors");

    [Fact(Explicit = true)]
    public void Write_the_tokenizers_anew()
    {
        foreach (var (name, json) in VectorTokenizers.All)
        {
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, "tokenizers", name)).FullName, "tokenizer.json"), json());
        }
    }

    [Fact(Explicit = true)]
    public void Write_the_models_anew()
    {
        foreach (var vector in VectorModel.All)
        {
            var (folder, tokenizer) = (Path.Combine(Folder, "models", vector.Name), Path.Combine(Folder, "tokenizers", vector.Tokenizer));
            vector.Write(folder, File.ReadAllText(Path.Combine(tokenizer, "tokenizer.json")));
            var adapted = vector.Name == "phi3-window";
            if (adapted)
            {
                TestAdapter.Write(Path.Combine(folder, Adapter), vector.Config);
            }

            // the first golden line: the ids of the text are those of the independent tokenizer
            var text = GoldenLine.Parse(File.ReadLines(Path.Combine(tokenizer, "golden.jsonl")).First());
            new VectorReference(vector, folder).Write((text.Text, text.Ids), adapted ? (Adapter, Adapter) : null);
        }
    }
}
