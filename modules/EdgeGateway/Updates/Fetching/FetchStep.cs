namespace EdgeGateway.Updates.Fetching;

/// <summary>How one request ended.</summary>
internal enum FetchOutcome
{
    /// <summary>All bytes are there, not yet held against the hash.</summary>
    Whole,

    /// <summary>Bytes are missing: the next request asks for them.</summary>
    BrokeOff,

    /// <summary>What has come is not a beginning of what the server has now: the next request begins anew.</summary>
    Changed,

    /// <summary>No further request is worth it.</summary>
    Ended,
}

/// <summary>How one request ended, and what the fetch ends with.</summary>
/// <param name="Result">Set with <see cref="FetchOutcome.Ended"/>.</param>
internal readonly record struct FetchStep(FetchOutcome Outcome, FetchResult? Result = null)
{
    /// <summary>It is worth another try later.</summary>
    public static FetchStep Waits(string sentence, TimeSpan? retryAfter = null) => new(FetchOutcome.Ended, new FetchResult.Waits(sentence, retryAfter));

    /// <summary>It is not.</summary>
    public static FetchStep Refused(string code, string sentence) => new(FetchOutcome.Ended, new FetchResult.Refused(code, sentence));
}
