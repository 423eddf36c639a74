namespace EdgeGateway.Packages.Age;

/// <summary>A sealed file was refused. The message is a sentence for an operator, and holds nothing secret.</summary>
public sealed class SealingException(SealingFailure failure, string message) : Exception(message)
{
    /// <summary>What is wrong with it.</summary>
    public SealingFailure Failure => failure;

    /// <summary>The refusal code of docs/formats/package.md.</summary>
    public string Code => failure switch
    {
        SealingFailure.PlainLength => "plain-length",
        SealingFailure.TooLarge => "too-large",
        SealingFailure.Grant => "grant",
        _ => "sealing",
    };
}
