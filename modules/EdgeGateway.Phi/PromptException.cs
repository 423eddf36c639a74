namespace EdgeGateway.Phi;

/// <summary>Tokens that a model cannot be given. The message is one sentence with the numbers.</summary>
public sealed class PromptException(PromptProblem problem, string message, string parameter) : ArgumentException(message, parameter)
{
    /// <summary>What is wrong, for programs.</summary>
    public PromptProblem Problem { get; } = problem;
}

/// <summary>Why tokens were not accepted.</summary>
public enum PromptProblem
{
    /// <summary>There is no token.</summary>
    Empty,

    /// <summary>The sequence would be longer than the model's context.</summary>
    TooLong,

    /// <summary>An id is not in the model's vocabulary.</summary>
    UnknownToken,
}
