using EdgeGateway.Phi.Files;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace EdgeGateway.Phi;

/// <summary>
/// A loaded model folder of ONNX Runtime GenAI's form: genai_config.json, the graph that it names, external weights, tokenizer.json.
/// Safe for many threads. Disposing it lets calls under way finish; its memory goes with the last of them.
/// </summary>
public sealed class PhiModel : IDisposable
{
    private const long LargestInt8 = 256L << 20;
    private const int TypicalPrompt = 256;

    private readonly Leases leases;
    private readonly SemaphoreSlim callers;
    private readonly LoraSlots? slots;
    private Action released = static () => { };

    private PhiModel(ModelSource source, InferenceSession session, int? rotarySwitch, LoraSlots? slots, ComputeForm form, PhiModelOptions options)
    {
        Config = source.Config;
        Tokenizer = source.Tokenizer;
        Session = session;
        RotarySwitch = rotarySwitch;
        Form = form;
        Rows = RowRule.For(form, options.UsePool, source.Config.HeadSize, Environment.ProcessorCount);
        this.slots = slots;
        callers = new SemaphoreSlim(options.Callers ?? (options.UsePool ? 1 : Environment.ProcessorCount));
        leases = new Leases(Free);
    }

    /// <summary>Sizes and names, checked against the graph.</summary>
    public PhiModelConfig Config { get; }

    /// <summary>The folder's tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>How products are computed; with <see cref="ComputeForm.Fastest"/> the form that was chosen.</summary>
    public ComputeForm Form { get; }

    /// <summary>The longest sequence that a longrope model still rotates by its short table; null for all others.</summary>
    public int? RotarySwitch { get; }

    internal bool IsFreed => leases.IsFreed;

    internal InferenceSession Session { get; }

    internal RowRule Rows { get; }

    internal IReadOnlyList<LoraSlot> Slots => slots?.All ?? [];

    /// <summary>Reads, checks and opens a folder. Nothing outside of it is read.</summary>
    /// <exception cref="ModelRefusedException">The folder is broken, disagrees with itself, or has a form that this engine does not run.</exception>
    public static PhiModel Load(string folder, PhiModelOptions? options = null) =>
        Load(new ModelFolder(folder), options ?? new PhiModelOptions());

    /// <summary>The same with files in memory.</summary>
    /// <exception cref="ModelRefusedException">As above.</exception>
    public static PhiModel Load(ModelMemory memory, PhiModelOptions? options = null)
    {
        var files = new MemoryFiles(memory);
        PhiModel model;
        try
        {
            model = Load(files, options ?? new PhiModelOptions());
        }
        catch
        {
            memory.Released();
            throw;
        }

        model.released = memory.Released;
        try
        {
            if (memory.DiscardPacked)
            {
                PackedWeights.Discard(model, ModelSource.Read(files).Graph, memory);
            }

            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads an adapter, a PEFT folder or an .onnx_adapter file, and checks that it fits this model. The model must have been loaded with <see cref="PhiModelOptions.Adapters"/>.
    /// </summary>
    /// <exception cref="ModelRefusedException">The adapter is broken, asks for something that is not computed here, or was made for another model.</exception>
    public LoraAdapter LoadAdapter(string path)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        return IsAdapterFile(path) ? LoadAdapter(name, name, ModelFolder.Of(path)) : LoadAdapter(name, null, new ModelFolder(path));
    }

    /// <summary>The same with files in memory: one .onnx_adapter file, else PEFT's. Nothing of them is needed afterwards.</summary>
    /// <param name="name">What the adapter is called.</param>
    /// <param name="files">By file name.</param>
    /// <exception cref="ModelRefusedException">As above.</exception>
    public LoraAdapter LoadAdapter(string name, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files) => LoadAdapter(
        name, files.Keys.Where(IsAdapterFile).ToArray() is [var file] ? file : null, new MemoryFiles(new ModelMemory(files, new Dictionary<string, NativeRange>(), static () => { })));

    /// <inheritdoc/>
    public void Dispose() => leases.Close();

    internal void Take() => ObjectDisposedException.ThrowIf(!leases.TryTake(), this);

    internal void Return() => leases.Return();

    /// <summary>Waits for its turn.</summary>
    internal void Enter(CancellationToken cancellation) => callers.Wait(cancellation);

    internal void Leave() => callers.Release();

    /// <summary>Refuses tokens that cannot stand in a sequence beside <paramref name="others"/> others.</summary>
    internal void CheckPrompt(ReadOnlySpan<int> tokens, int others, string name)
    {
        if (tokens.IsEmpty)
        {
            throw new PromptException(PromptProblem.Empty, "there is no token to compute", name);
        }

        if (tokens.Length > Config.ContextLength - others)
        {
            throw new PromptException(PromptProblem.TooLong, $"{others + (long)tokens.Length} tokens are more than the model's context of {Config.ContextLength}", name);
        }

        if (tokens.IndexOfAnyExceptInRange(0, Config.VocabularySize - 1) is >= 0 and var at)
        {
            throw new PromptException(PromptProblem.UnknownToken, $"token {tokens[at]} is not in the model's vocabulary of {Config.VocabularySize}", name);
        }
    }

    private LoraAdapter LoadAdapter(string name, string? adapterFile, ModelFiles files)
    {
        var fitting = slots ?? throw new InvalidOperationException($"the model was loaded without {nameof(PhiModelOptions)}.{nameof(PhiModelOptions.Adapters)}");
        if (fitting.All.Count == 0)
        {
            throw new ModelRefusedException(RefusalReason.GraphUnsupported, $"{Config.GraphFile} names its linear layers in a way that is not known, so the model takes no adapter; build it with the official builder from float weights.");
        }

        var file = adapterFile ?? PeftFolder.WeightsName;
        var deltas = adapterFile is null ? PeftFolder.Read(files) : OnnxAdapterFile.Read(files, file);
        try
        {
            return deltas.Count > 0
                ? new LoraAdapter(this, name, fitting.Fit(file, deltas))
                : throw new ModelRefusedException(RefusalReason.AdapterInvalid, $"{file} changes no layer; train or export the adapter again.");
        }
        finally
        {
            foreach (var delta in deltas)
            {
                delta.Clear();
            }
        }
    }

    private static bool IsAdapterFile(string path) => path.EndsWith(OnnxAdapterFile.Extension, StringComparison.OrdinalIgnoreCase);

    private void Free()
    {
        Session.Dispose();
        released();
    }

    private static PhiModel Load(ModelFiles files, PhiModelOptions options)
    {
        var source = ModelSource.Read(files);
        CheckMemory(source, options);
        return options.Compute == ComputeForm.Fastest
            ? FastestForm.Of(Candidates(source.Graph).Select(form => Open(source with { Graph = source.Graph.Clone() }, form, options)))
            : Open(source, options.Compute, options);
    }

    private static void CheckMemory(ModelSource source, PhiModelOptions options)
    {
        var memory = PhiModelMemory.Estimate(source.Graph, source.Config, options.Compute);
        var (tokens, limit) = (Math.Min(TypicalPrompt, source.Config.ContextLength), options.MemoryLimit ?? AvailableMemory.Bytes());
        if (memory.Sum(tokens) > limit)
        {
            throw new ModelRefusedException(RefusalReason.TooLarge,
                $"{source.Graph.File} needs about {memory.Sum(tokens) >> 20} MiB ({memory.MappedBytes >> 20} mapped, {memory.CopiedBytes >> 20} copied, {memory.RuntimeBytes >> 20} for the runtime, the rest for {tokens} tokens), but {limit >> 20} MiB are allowed; take a smaller model or raise the memory limit.");
        }
    }

    /// <summary>Forms worth trying: a model too large to be held in 8 bits beside the 4 is not opened several times either.</summary>
    internal static IEnumerable<ComputeForm> Candidates(OnnxGraph graph)
    {
        var products = Product.Find(graph).ToArray();
        return products.Sum(product => product.Inputs * product.Outputs) > LargestInt8 ? [ComputeForm.AsBuilt]
            : Array.TrueForAll(products, product => product.Quantization is null) ? [ComputeForm.Float]
            : Int8Surgery.Bytes(graph) == 0 || !CpuFeatures.HasInt8Products ? [ComputeForm.Float, ComputeForm.AsBuilt]
            : [ComputeForm.Float, ComputeForm.AsBuilt, ComputeForm.Int8];
    }

    private static PhiModel Open(ModelSource source, ComputeForm form, PhiModelOptions options)
    {
        var graph = source.Graph;
        var rotarySwitch = Onnx.RotarySwitch.Find(graph);
        LoraSurgery.RemoveSlots(graph);
        GraphSurgery.KeepLastLogits(graph, source.Config.Names.Logits);
        GraphSurgery.UseFullCache(graph);
        var slots = options.Adapters ? new LoraSlots(source.Config, LoraSurgery.AddSlots(graph)) : null;
        if (form == ComputeForm.Int8)
        {
            if (!CpuFeatures.HasInt8Products || Int8Surgery.Bytes(graph) > LargestInt8)
            {
                throw new ModelRefusedException(RefusalReason.GraphUnsupported,
                    $"{graph.File} is not computed in the form {form}: that needs a CPU that multiplies 8-bit integers (this one has {CpuFeatures.Description}) and at most {LargestInt8 >> 20} MiB of weights; take another form.");
            }

            Int8Surgery.Apply(graph, source.Files, GraphSurgery.Head(graph, source.Config.Names.Logits));
        }

        if (form != ComputeForm.AsBuilt)
        {
            GraphSurgery.ComputeInFloat(graph);
        }

        return Proven(new PhiModel(source, OrtRuntime.Open(graph, source.Files, form, options.UsePool), rotarySwitch, slots, form, options));
    }

    /// <summary>Shapes that do not fit show only when something is computed: here, with the first and the last token, rather than at a caller's first prompt.</summary>
    private static PhiModel Proven(PhiModel model)
    {
        try
        {
            using var sequence = new TokenSequence(model);
            sequence.Append([0]);
            sequence.Truncate(model.Config.ContextLength > 1 ? 1 : 0);
            sequence.Append([model.Config.VocabularySize - 1]);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
