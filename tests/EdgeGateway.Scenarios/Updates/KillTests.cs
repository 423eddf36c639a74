using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Tests;

namespace EdgeGateway.Scenarios.Updates;

/// <summary>Samples of <c>./soak updates</c>, in which processes are killed and files are cut.</summary>
public class KillTests
{
    private static readonly string Soak = Path.Combine(
        SharedFolder.RepositoryRoot, "tests", "EdgeGateway.Soak", Path.GetRelativePath(Path.Combine(SharedFolder.RepositoryRoot, "tests", "EdgeGateway.Scenarios"), AppContext.BaseDirectory), "EdgeGateway.Soak.dll");

    [Fact]
    public async Task An_update_that_is_killed_ends_in_the_old_or_the_new_model_and_leaves_no_plain_weights()
    {
        Tool.Require("mosquitto");
        Tool.Require("strace");
        var (code, said) = await Tool.RunAsync("dotnet", Soak, "updates", "few");
        Assert.True(code == 0, said);
        Assert.Contains("updates: all targets met", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_judges_goes_on_judging_when_files_are_cut_packages_are_for_others_and_minds_change()
    {
        Tool.Require("mosquitto");
        var (code, said) = await Tool.RunAsync("dotnet", Soak, "updates", "faults");
        Assert.True(code == 0, said);
        Assert.Contains("updates faults: all targets met", said, StringComparison.Ordinal);
    }
}
