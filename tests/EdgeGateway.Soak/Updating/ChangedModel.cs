using System.Runtime.InteropServices;
using EdgeGateway.Models;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Files;
using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Soak.Updating;

/// <summary>Copies of the image's model whose weights are a little other ones: they judge alike, and no file of the image has their bytes.</summary>
internal static class ChangedModel
{
    private const float Little = 1e-4f;

    /// <summary>Codes of 4 bits, two a byte: each byte is one step of one weight.</summary>
    private const int ChangedCodes = 64;

    /// <summary>Writes one.</summary>
    /// <param name="seed">Another one has other bytes.</param>
    /// <returns>Bytes of it by what they are: 48 or more each.</returns>
    public static IReadOnlyDictionary<string, byte[]> Write(string folder, int seed)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(LoadedModel.BuiltIn))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        var (random, source, canaries) = (new Random(seed), ModelSource.Read(new ModelFolder(folder)), new Dictionary<string, byte[]>());
        canaries["embedding row"] = Change(folder, source, t => t.Name == "model.embed_tokens.weight", bytes => Scale(bytes, random))[..256];
        canaries["norm"] = Change(folder, source, t => t.Name.EndsWith("final_norm_layernorm.weight", StringComparison.Ordinal), bytes => Scale(bytes, random));
        canaries["int4 codes"] = Change(folder, source, t => t.Name.EndsWith("_Q4", StringComparison.Ordinal), bytes => Step(bytes[..ChangedCodes], random))[..ChangedCodes];
        canaries["int4 scales"] = Change(folder, source, t => t.Name.EndsWith("_scales", StringComparison.Ordinal), bytes => Scale(bytes, random))[..256];
        return canaries;
    }

    /// <summary>Changes the first tensor that is such a one, in whichever file it lies; its bytes as they are then.</summary>
    private static byte[] Change(string folder, ModelSource source, Func<TensorProto, bool> isIt, Action<Span<byte>> change)
    {
        var tensor = source.Graph.Model.Graph.Initializer.First(isIt);
        var bytes = new ModelFolder(folder).ReadTensor(tensor);
        var path = Path.Combine(folder, tensor.ExternalData.Count > 0 ? ModelFiles.Location(tensor) : source.Config.GraphFile);
        var file = File.ReadAllBytes(path);
        var at = file.AsSpan().IndexOf(bytes);
        change(bytes);
        bytes.CopyTo(file, at);
        File.WriteAllBytes(path, file);
        return bytes;
    }

    private static void Scale(Span<byte> floats, Random random)
    {
        foreach (ref var value in MemoryMarshal.Cast<byte, float>(floats))
        {
            value *= 1 + (Little * random.NextSingle());
        }
    }

    private static void Step(Span<byte> codes, Random random)
    {
        foreach (ref var code in codes)
        {
            code ^= (byte)(random.Next(2) == 0 ? 0x01 : 0x10);
        }
    }
}
