using EdgeGateway.Commands;
using EdgeGateway.Models;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;
using EdgeGateway.Tests.Phi;

namespace EdgeGateway.Tests.ModelKit.Packaging;

/// <summary>A folder in which people make keys, roots and packages with modelkit. Their keys are made once for all tests: each passphrase takes a second.</summary>
public sealed class Workshop : IAsyncLifetime, IDisposable
{
    private static readonly string Recordings = Path.Combine(SharedFolder.RepositoryRoot, "tests", "recordings");
    private readonly TemporaryFolder folder = new();
    private int made;

    /// <summary>File with the passphrase of all keys.</summary>
    public string Passphrase => folder.File("passphrase");

    /// <summary>Root version 1: Ada and Bob sign roots, both are needed; Eve signs packages.</summary>
    public string Root => folder.File("root.1.json");

    public string PathOf(string name) => folder.File(name);

    /// <summary>A path that nothing has yet.</summary>
    public string New() => folder.File($"new-{Interlocked.Increment(ref made)}");

    /// <summary>Runs modelkit.</summary>
    public static async Task<string> DoesAsync(params string[] args)
    {
        var (code, output, error) = await Tool.RunAsync(args);
        Assert.True(code == 0, $"{string.Join(' ', args)} ended with {code}: {error}");
        return output;
    }

    /// <summary>Packs, seals and signs the built-in model.</summary>
    public async Task<string> PackageAsync(params string[] signers)
    {
        var (draft, package) = (await DraftAsync(), New());
        await DoesAsync("package", "seal", draft, "--to", PathOf("line-a.1.recipient"), "--out", package);
        foreach (var signer in signers)
        {
            await SignAsync(Path.Combine(package, "manifest.json"), signer);
        }

        return package;
    }

    /// <summary>Packs the built-in model with golden windows of one recording.</summary>
    public async Task<string> DraftAsync()
    {
        var draft = New();
        await DoesAsync("package", "pack", LoadedModel.BuiltIn, "--name", "phi-sensor", "--release", "1", "--issued", "2026-01-01", "--expires", "2100-01-01", "--golden", Path.Combine(Recordings, "00.csv"), "--out", draft);
        return draft;
    }

    /// <summary>Writes an adapter of the built-in model that changes nothing.</summary>
    public string Adapter()
    {
        var adapter = New();
        var layer = DecoderWeights.Read(LoadedModel.BuiltIn).Tensors["model.layers.0.self_attn.qkv_proj.weight"];
        var (a, b) = (new FloatTensor([2, layer.Shape[1]], new float[2 * layer.Shape[1]]), new FloatTensor([layer.Shape[0], 2], new float[2 * layer.Shape[0]]));
        LoraWriter.Write(adapter, "pumps", [new LoraFactors("model.layers.0.self_attn.qkv_proj", a, b)], 4);
        File.WriteAllText(Path.Combine(adapter, "sensor.json"), $$$"""
            { "schema": 1, "name": "pumps", "promptVersion": 1, "base": { "name": "phi-sensor", "sha256": "{{{DecoderWeights.Digest(LoadedModel.BuiltIn)}}}" }, "threshold": 1, "calibration": { "slope": 1, "offset": 0 } }
            """);
        return adapter;
    }

    public Task<string> SignAsync(string envelope, string signer) => DoesAsync("package", "sign", envelope, "--key", PathOf($"{signer}.key.age"), "--passphrase-file", Passphrase);

    /// <summary>Verifies as a device of line A.</summary>
    internal Task<(int Code, string Output, string Error)> VerifyAsync(string package, params string[] more) =>
        Tool.RunAsync(["package", "verify", package, "--root", Root, "--as", PathOf("line-a.1.recipient"), .. more]);

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Passphrase, "correct horse battery staple\n");
        foreach (var name in (string[])["ada", "bob", "eve"])
        {
            await DoesAsync("keys", "new", "signing", name, "--out", folder.Path, "--passphrase-file", Passphrase);
        }

        await DoesAsync("keys", "new", "group", "line-a", "--out", folder.Path, "--passphrase-file", Passphrase);
        await DoesAsync("keys", "root", "--version", "1", "--root", PathOf("ada.pub"), "--root", PathOf("bob.pub"), "--root-threshold", "2", "--release", PathOf("eve.pub"), "--release-threshold", "1", "--issued", "2026-01-01", "--expires", "2100-01-01", "--out", folder.Path);
        await SignAsync(Root, "ada");
        await SignAsync(Root, "bob");
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => folder.Dispose();
}
