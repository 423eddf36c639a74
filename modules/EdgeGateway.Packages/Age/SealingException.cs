using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Packages.Age;

/// <summary>A sealed file was refused. The message is a sentence for an operator, and holds nothing secret.</summary>
public sealed class SealingException(SealingFailure failure, string message) : Exception(message)
{
    /// <summary>What is wrong with it.</summary>
    public SealingFailure Failure => failure;

    /// <summary>The refusal code of docs/formats/package.md.</summary>
    public RefusalCode Code => failure switch
    {
        SealingFailure.PlainLength => RefusalCode.PlainLength,
        SealingFailure.TooLarge => RefusalCode.TooLarge,
        SealingFailure.Grant => RefusalCode.Grant,
        _ => RefusalCode.Sealing,
    };
}
