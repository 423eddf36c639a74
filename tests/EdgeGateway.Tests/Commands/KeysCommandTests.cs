using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Tests.Storage;
using Hubstand;

namespace EdgeGateway.Tests.Commands;

/// <summary><c>EdgeGateway keys</c> as an operator runs it.</summary>
public sealed class KeysCommandTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task To_show_the_key_makes_none()
    {
        var (code, output) = await CommandProcess.RunAsync(CommandProcess.NoVariables, "keys", "--data", folder.File("data"));
        Assert.Equal(0, code);
        Assert.Contains("no device key yet", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("data")));
    }

    [Fact]
    public async Task A_new_key_is_shown_with_its_fingerprint_and_what_was_granted_to_the_old_one()
    {
        var (code, first) = await CommandProcess.RunAsync(CommandProcess.NoVariables, "keys", "new", "--data", folder.Path);
        Assert.Equal(0, code);
        var device = X25519Recipient.Parse(first.Split().Single(word => word.StartsWith("age1", StringComparison.Ordinal)))!;
        Assert.Contains(device.Fingerprint, first, StringComparison.Ordinal);
        Assert.Contains("device key   ready, sealed by file", first, StringComparison.Ordinal);

        using var group = new GroupKey("line-a", 4, X25519Identity.New());
        Directory.CreateDirectory(folder.File("updates/grants"));
        await File.WriteAllBytesAsync(folder.File($"updates/grants/line-a.4.{group.Identity.Recipient.Text[4..16]}.grant.age"), Grant.Seal(group, [device]), TestContext.Current.CancellationToken);
        Assert.Contains("groups       line-a epoch 4", (await CommandProcess.RunAsync(CommandProcess.NoVariables, "keys", "--data", folder.Path)).Output, StringComparison.Ordinal);

        var (_, second) = await CommandProcess.RunAsync(CommandProcess.NoVariables, "keys", "new", "--data", folder.Path);
        Assert.DoesNotContain(device.Text, second, StringComparison.Ordinal);
        Assert.Contains("not for this key: line-a epoch 4", second, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("updates/device-key.1.json")));
        Assert.DoesNotContain("AGE-SECRET-KEY", first + second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_IoT_Edge_the_workload_API_seals_it_and_while_that_is_away_nothing_changes()
    {
        await using var stand = await HubStand.StartAsync();
        var environment = stand.ModuleEnvironment("edgeGateway");
        Assert.Contains("sealed by workload", (await CommandProcess.RunAsync(environment, "keys", "new", "--data", folder.Path)).Output, StringComparison.Ordinal);
        stand.Workload("edgeGateway").LeaveStale();
        var (code, output) = await CommandProcess.RunAsync(environment, "keys", "new", "--data", folder.Path);
        Assert.Equal(1, code);
        Assert.StartsWith("The device key is as it was: ", output, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("updates/device-key.1.json")));
    }
}
