using System.Globalization;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary>What is in the memory of a gateway stays there, whatever its surroundings ask for.</summary>
public sealed class MemoryTests : IDisposable
{
    private const int Abort = 6; // SIGABRT
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("memory-");

    [Fact]
    public async Task A_gateway_that_runs_has_no_port_for_diagnostics_keeps_its_number_and_stops_with_0()
    {
        using var gateway = Start();
        await gateway.SaysAsync("goes on trying");
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{gateway.Id}-*"));
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"clr-debug-pipe-{gateway.Id}-*"));
        Assert.Contains("DOTNET_EnableDiagnostics=0", await Variables(gateway), StringComparison.Ordinal);
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task A_gateway_that_is_aborted_leaves_neither_a_core_nor_a_mini_dump()
    {
        var dumps = new Dictionary<string, string> { ["DOTNET_DbgEnableMiniDump"] = "1", ["DOTNET_DbgMiniDumpType"] = "4", ["DOTNET_DbgMiniDumpName"] = Path.Combine(folder.FullName, "mini") };
        using var gateway = Start(dumps);
        await gateway.SaysAsync("goes on trying");
        Assert.Equal("0", LimitOf(gateway.Id));
        while (GatewayProcess.Signal(gateway.Id, Abort) == 0)
        {
            // .NET survives the first one
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Equal(128 + Abort, await gateway.ExitAsync());
        Assert.Equal(["data", "gateway.json"], folder.GetFileSystemInfos().Select(f => f.Name).Order());
    }

    public void Dispose() => folder.Delete(recursive: true);

    private GatewayProcess Start(Dictionary<string, string>? variables = null)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "gateway.json"), """{ "schema": 1, "gateway": "memory", "broker": { "host": "127.0.0.1", "port": 1 }, "sources": { "tank": { "topic": "tank" } } }""");
        return GatewayProcess.StartAllowingDumps(folder.FullName, variables ?? [], "run", "--config", "gateway.json", "--data", "data");
    }

    private static async Task<string> Variables(GatewayProcess gateway) => await File.ReadAllTextAsync($"/proc/{gateway.Id}/environ", TestContext.Current.CancellationToken);

    private static string LimitOf(int process) => File.ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/limits")
        .First(line => line.StartsWith("Max core file size", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
}
