namespace EdgeGateway.Phi.Lora;

/// <summary>A linear layer of a graph that can take an adapter: two graph inputs of rank 0 by default.</summary>
/// <param name="Layer">Decoder layer, from 0.</param>
/// <param name="Module">The layer's name in the graph, for example qkv_proj.</param>
/// <param name="Inputs">Width of what it reads.</param>
/// <param name="Outputs">Width of what it gives.</param>
/// <param name="A">Graph input [Inputs, rank].</param>
/// <param name="B">Graph input [rank, Outputs].</param>
internal sealed record LoraSlot(int Layer, string Module, int Inputs, int Outputs, string A, string B);
