namespace EdgeGateway.ModelKit.Commands;

/// <summary>Exit codes of all commands.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Fault = 1;
    public const int Usage = 2;
    public const int AnsweredNo = 3;
    public const int Refused = 4;
}
