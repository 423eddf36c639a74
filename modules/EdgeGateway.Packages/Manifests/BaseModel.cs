namespace EdgeGateway.Packages.Manifests;

/// <summary>What an adapter was trained on, or what a model is.</summary>
/// <param name="Model">SHA-256 over the graph file, its data files in the order of their names, and tokenizer.json.</param>
/// <param name="Tokenizer">SHA-256 of tokenizer.json.</param>
/// <param name="PromptVersion">Form of the prompts; from 1.</param>
public sealed record BaseModel(string Model, string Tokenizer, int PromptVersion);
