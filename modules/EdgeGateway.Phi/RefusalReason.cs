namespace EdgeGateway.Phi;

/// <summary>Why a model folder, a tokenizer or a weight file was refused. The names are stable: they serve as metric tags.</summary>
public enum RefusalReason
{
    /// <summary>A file that the folder must have is not there.</summary>
    FileMissing,

    /// <summary>A file name in the configuration or the graph leads out of the folder.</summary>
    PathEscapes,

    /// <summary>genai_config.json or config.json is not JSON, lacks a field, or holds a value out of bounds.</summary>
    ConfigInvalid,

    /// <summary>A sound model of another architecture than Phi-2, Phi-3 or Phi-4-mini.</summary>
    TypeUnsupported,

    /// <summary>genai_config.json says other sizes than the graph has.</summary>
    ConfigDisagrees,

    /// <summary>The graph file is not an ONNX model, or contradicts itself.</summary>
    GraphInvalid,

    /// <summary>The graph is sound but has a form that this engine does not run.</summary>
    GraphUnsupported,

    /// <summary>External weights are cut short, or lie outside their file.</summary>
    DataInvalid,

    /// <summary>tokenizer.json is not JSON or contradicts itself.</summary>
    TokenizerInvalid,

    /// <summary>tokenizer.json asks for something that would silently give other ids if it were left out.</summary>
    TokenizerUnsupported,

    /// <summary>A safetensors file, or a set of float weights, is broken or incomplete.</summary>
    WeightsInvalid,

    /// <summary>An adapter's files are broken or contradict each other.</summary>
    AdapterInvalid,

    /// <summary>The adapter asks for something that this engine does not compute.</summary>
    AdapterUnsupported,

    /// <summary>The adapter was made for a model of other layers or shapes.</summary>
    AdapterDisagrees,

    /// <summary>The model needs more memory than it may take.</summary>
    TooLarge,
}
