using EdgeGateway.Phi;

namespace EdgeGateway.ModelKit.Bench;

/// <summary>What one way to compute a model reaches on this machine.</summary>
/// <param name="Form">How products are computed.</param>
/// <param name="Callers">Threads that call at the same time.</param>
/// <param name="Threads">Threads that work on one call.</param>
/// <param name="LoadSeconds">Until the first verdict can be given.</param>
/// <param name="ResidentMegabytes">Memory of the process with this model, less what it had before, after the first answers.</param>
/// <param name="Verdicts">A second, suffix behind a kept prefix.</param>
/// <param name="VerdictsWithoutPrefix">A second, prefix and suffix computed each time.</param>
/// <param name="Bare">Verdicts a second of a bare loop over the same session and inputs; one caller only.</param>
/// <param name="Prefill">Tokens a second of a long prompt; one caller only.</param>
/// <param name="Decode">Tokens a second, one after the other; one caller only.</param>
internal sealed record BenchRow(
    ComputeForm Form, int Callers, int Threads, double LoadSeconds, double ResidentMegabytes, double Verdicts, double VerdictsWithoutPrefix, double? Bare, double? Prefill, double? Decode);
