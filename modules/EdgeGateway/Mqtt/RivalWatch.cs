namespace EdgeGateway.Mqtt;

/// <summary>
/// Notices that somebody else connects under our identity: the server then drops the connection before, so two clients cut each other off for ever. It tells nobody; what is
/// seen is connections in a row that were accepted and ended within seconds.
/// </summary>
internal sealed class RivalWatch
{
    private const int Suspicious = 4;
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(15);
    private int inARow;

    /// <summary>Whether a second client is likely.</summary>
    public bool IsLikely => inARow >= Suspicious;

    /// <summary>An accepted connection ended. One that lasted ends the row whoever ended it; a short one tells something only when the other side did.</summary>
    public void Ended(TimeSpan lasted, bool byUs) => inARow = lasted >= Short ? 0 : byUs ? inARow : inARow + 1;
}
