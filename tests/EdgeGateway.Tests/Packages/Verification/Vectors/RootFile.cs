using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Verification.Vectors;

/// <summary>The roots that cases name.</summary>
internal static class RootFile
{
    public const string Kind = "roots";

    public static TrustState Read(string name) =>
        RootVerifier.TryStart(File.ReadAllBytes(VectorForm.PathOf(Kind, name)), out var trust, out var refusal) ? trust : throw new InvalidDataException(refusal.Sentence);
}
