using System.Text.Json;

namespace EdgeGateway.ModelKit.Verification;

/// <summary>
/// What a model folder must answer: reference.json beside it, made by another implementation: the official runtime, the model's own framework, an interpreter. Format 1.
/// </summary>
/// <param name="Format">1.</param>
/// <param name="Tolerance">Absolute differences of logits that are allowed.</param>
/// <param name="Cases">The prompts and their answers.</param>
internal sealed record ReferenceFile(int Format, Tolerance Tolerance, IReadOnlyList<ReferenceCase> Cases)
{
    public const string FileName = "reference.json";

    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Name to path, relative to the model folder.</summary>
    public IReadOnlyDictionary<string, string> Adapters { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads the file of a model folder.</summary>
    /// <exception cref="InvalidDataException">It is missing or has another form; the message is one sentence.</exception>
    public static ReferenceFile Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var file = JsonSerializer.Deserialize<ReferenceFile>(File.ReadAllBytes(path), Form)!;
            return file.Format != 1 ? throw new InvalidDataException($"{path} has format {file.Format}, not 1; use a newer modelkit.")
                : file.Cases.FirstOrDefault(item => !item.IsWhole || (item.Adapter is { } adapter && !file.Adapters.ContainsKey(adapter))) is { } broken
                ? throw new InvalidDataException($"{path}: the case {broken.Name} contradicts itself (margins, cuts, adapter); make the file again.")
                : file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InvalidDataException($"{path} cannot be read as a reference file ({e.Message}); give a model folder that has one.", e);
        }
    }
}

/// <summary>What logits may differ by, absolutely.</summary>
/// <param name="Exact">Products computed in float.</param>
/// <param name="AsBuilt">The graph as it is; wider where it computes in 8-bit integers.</param>
internal sealed record Tolerance(float Exact, float AsBuilt);

/// <summary>A prompt and its answers: greedy tokens, each with the lead of the best logit over the second, and logits.</summary>
internal sealed record ReferenceCase(string Name, int[] PromptIds, int[] NewTokens, float[] Margins)
{
    /// <summary>Whether the lists belong together.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsWhole => PromptIds.Length > 0 && NewTokens.Length == Margins.Length && NewTokensExact?.Length == MarginsExact?.Length && NewTokensRecomputed?.Length == MarginsRecomputed?.Length
        && (Chunked is null || (Chunked.Cuts.Order().Distinct().SequenceEqual(Chunked.Cuts) && Array.TrueForAll(Chunked.Cuts, cut => cut > 0 && cut < PromptIds.Length)));

    /// <summary>What <see cref="PromptIds"/> encodes, special tokens around it; null for prompts of random ids.</summary>
    public string? Text { get; init; }

    /// <summary>Name of the adapter, or null.</summary>
    public string? Adapter { get; init; }

    /// <summary>Present where the graph as built computes in 8-bit integers.</summary>
    public int[]? NewTokensExact { get; init; }

    /// <summary>Margins of <see cref="NewTokensExact"/>.</summary>
    public float[]? MarginsExact { get; init; }

    /// <summary>Present where decoding crosses a longrope switch: every step computed anew, as built.</summary>
    public int[]? NewTokensRecomputed { get; init; }

    /// <summary>Margins of <see cref="NewTokensRecomputed"/>.</summary>
    public float[]? MarginsRecomputed { get; init; }

    /// <summary>After the last token of the prompt.</summary>
    public ReferenceLogits? LogitsLast { get; init; }

    /// <summary>After the new tokens were fed back.</summary>
    public ReferenceAfterDecode? AfterDecode { get; init; }

    /// <summary>Where to cut the prompt.</summary>
    public ReferenceChunks? Chunked { get; init; }
}

/// <summary>Logits of the whole vocabulary: the graph as built, computed in float where that differs, and of the model's own framework.</summary>
internal sealed record ReferenceLogits(float[] Ort, float[]? OrtExact = null, float[]? Torch = null);

/// <summary>Logits after decoding; "whole" are those of a run of everything at once where a longrope switch was crossed.</summary>
internal sealed record ReferenceAfterDecode(int[] Fed, float[] Ort, int[]? FedExact = null, float[]? OrtExact = null, float[]? Whole = null, float[]? WholeExact = null, float? StaleKvDiff = null);

/// <summary>Lengths after which a prompt is cut.</summary>
internal sealed record ReferenceChunks(int[] Cuts);
