namespace EdgeGateway.Updates.Fetching;

/// <summary>What became of a fetch.</summary>
internal abstract record FetchResult
{
    private FetchResult()
    {
    }

    /// <summary>The file lies there, whole, proven by what is known of it, and on disk.</summary>
    internal sealed record Done : FetchResult;

    /// <summary>What is in the way may pass, the file is worth another try: it goes on where this one stopped.</summary>
    /// <param name="Sentence">For an operator: what, where, what to do.</param>
    /// <param name="RetryAfter">How long the server wants to be left alone, up to <see cref="FetchHead.LongestRetryAfter"/>; null when it does not say.</param>
    /// <param name="IsForDisk">It is our disk that does not take it, or has too little room.</param>
    internal sealed record Waits(string Sentence, TimeSpan? RetryAfter = null, bool IsForDisk = false) : FetchResult;

    /// <summary>It is not what was asked for, or may not be asked for, and that stays so until an operator acts.</summary>
    /// <param name="Code">For programs: <c>address</c>, or as docs/formats/package.md has them <c>too-large</c> and <c>digest</c>, for a file of known size <c>blob-length</c> and <c>blob-digest</c>.</param>
    /// <param name="Sentence">For an operator: what, where, what to do.</param>
    internal sealed record Refused(string Code, string Sentence) : FetchResult;
}
