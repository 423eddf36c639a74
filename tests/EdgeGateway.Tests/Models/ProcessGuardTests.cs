using EdgeGateway.Models;

namespace EdgeGateway.Tests.Models;

/// <summary>What the guard of the process decides; that it keeps its word is seen from outside, on a process of its own.</summary>
public class ProcessGuardTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(false, "PATH=/bin")]
    [InlineData(true, "PATH=/bin", "DOTNET_EnableDiagnostics=0")]
    [InlineData(true, "DOTNET_EnableDiagnostics_IPC=1", "DOTNET_EnableDiagnostics=0")]
    [InlineData(false, "DOTNET_EnableDiagnostics=1")]
    [InlineData(false, "DOTNET_EnableDiagnostics=1", "DOTNET_EnableDiagnostics=0")]
    [InlineData(false, "COMPlus_EnableDiagnostics=1", "DOTNET_EnableDiagnostics=0")]
    [InlineData(false, "DOTNET_EnableDiagnostics=0", "DOTNET_DbgEnableMiniDump=1")]
    [InlineData(false, "COMPlus_DbgEnableMiniDump=1", "DOTNET_EnableDiagnostics=0")]
    public void Nothing_but_diagnostics_off_and_no_mini_dumps_is_closed(bool closed, params string[] environment)
    {
        Assert.Equal(closed, ProcessGuard.IsClosed(environment));
        var then = ProcessGuard.Closed(environment).ToArray();
        Assert.True(ProcessGuard.IsClosed(then));
        Assert.Equal(environment.Where(v => !v.Contains("MiniDump=", StringComparison.Ordinal) && !v.Contains("Diagnostics=", StringComparison.Ordinal)), then[..^1]);
    }

    [Theory]
    [InlineData("Filename\tType\tSize\tUsed\tPriority\n", "max", false)]
    [InlineData("Filename\tType\tSize\tUsed\tPriority\n/dev/sda2\tpartition\t1000\t0\t-2\n", "max\n", true)]
    [InlineData("Filename\tType\tSize\tUsed\tPriority\n/dev/sda2\tpartition\t1000\t0\t-2\n", "4096\n", true)]
    [InlineData("Filename\tType\tSize\tUsed\tPriority\n/dev/sda2\tpartition\t1000\t0\t-2\n", "0\n", false)]
    [InlineData("", "max", false)]
    public void Pages_may_be_swapped_where_there_is_swap_and_the_container_may_have_some(string swaps, string limit, bool may) => Assert.Equal(may, ProcessGuard.CanSwap(swaps, limit));
}
