namespace EdgeGateway.ModelKit.Verification;

/// <summary>How one case of a model folder went.</summary>
/// <param name="Folder">Name of the folder.</param>
/// <param name="Case">Name of the case, with its adapter.</param>
/// <param name="Computed">"exact" or "as built".</param>
/// <param name="TokensEqual">Greedy tokens that agree.</param>
/// <param name="Tokens">Greedy tokens compared.</param>
/// <param name="NearTies">Tokens not compared because a step before was decided by less than the tolerance, and went the other way.</param>
/// <param name="LargestDifference">Of any logit, absolute.</param>
/// <param name="Problem">What is wrong; null when nothing is.</param>
internal sealed record CaseResult(string Folder, string Case, string Computed, int TokensEqual, int Tokens, int NearTies, float LargestDifference, string? Problem)
{
    public bool Passed => Problem is null;
}
