using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Operations;
using EdgeGateway.Stages;
using EdgeGateway.Support;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NJsonSchema;

namespace EdgeGateway.Tests.Operations;

/// <summary>The command <c>support</c>, but for what a bundle holds.</summary>
public sealed class SupportBundleCommandTests : IDisposable
{
    private readonly TempFolder data = new();
    private readonly FakeTimeProvider clock = new(Any.Noon);

    private string Folder => Path.Combine(data.Path, SupportBundleCommand.FolderName);

    private string[] Kept => [.. Directory.GetFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task The_answer_names_the_file_with_its_size_and_digest()
    {
        var answer = await AskAsync(Dispatcher(Gather), 200);
        var path = (string)answer["file"]!;
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(Path.Combine(Folder, "edgegateway-support-20261124T120000000Z.zip"), path);
        Assert.Equal((bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes))), ((int)answer["bytes"]!, (string)answer["sha256"]!));
        await using var zip = await ZipFile.OpenReadAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal("about.json", Assert.Single(zip.Entries).FullName);
    }

    [Fact]
    public async Task The_newest_three_are_kept_and_foreign_files_are_left_alone()
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, "notes.txt"), "ours", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Folder, "edgegateway-support-killed.zip.tmp"), "half", TestContext.Current.CancellationToken);
        var dispatcher = Dispatcher(Gather);
        for (var made = 0; made < 5; made++)
        {
            var path = (string)(await AskAsync(dispatcher, 200))["file"]!;
            File.SetLastWriteTimeUtc(path, clock.GetUtcNow().UtcDateTime);
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(["edgegateway-support-20261124T120200000Z.zip", "edgegateway-support-20261124T120300000Z.zip", "edgegateway-support-20261124T120400000Z.zip", "notes.txt"], Kept);
    }

    [Fact]
    public async Task Large_ones_make_room_for_a_new_one()
    {
        Directory.CreateDirectory(Folder);
        await using (var large = File.Create(Path.Combine(Folder, "edgegateway-support-large.zip")))
        {
            large.SetLength(SupportBundleCommand.MostBytes + 1);
        }

        await AskAsync(Dispatcher(Gather), 200);
        Assert.Equal("edgegateway-support-20261124T120000000Z.zip", Assert.Single(Kept));
    }

    [Fact]
    public async Task One_is_made_at_a_time_and_the_next_after_one_that_failed()
    {
        var gathered = new TaskCompletionSource<SupportBundle>(TaskCreationOptions.RunContinuationsAsynchronously);
        var gathering = gathered.Task;
        var dispatcher = Dispatcher(_ => gathering);
        var first = AskAsync(dispatcher, 500);
        Assert.Contains("is being made", (string)(await AskAsync(dispatcher, 429))["error"]!, StringComparison.Ordinal);
        gathered.SetException(new InvalidOperationException("of ours"));
        Assert.Contains("of ours", (string)(await first)["error"]!, StringComparison.Ordinal);
        gathering = Gather(TestContext.Current.CancellationToken);
        await AskAsync(dispatcher, 200);
    }

    [Fact]
    public async Task A_disk_that_takes_none_is_said()
    {
        await File.WriteAllTextAsync(Folder, "a file where the folder should be", TestContext.Current.CancellationToken);
        var error = (string)(await AskAsync(Dispatcher(Gather), 507))["error"]!;
        Assert.Contains(Folder, error, StringComparison.Ordinal);
        Assert.Contains("is not stored", error, StringComparison.Ordinal);
    }

    private static Task<SupportBundle> Gather(CancellationToken token)
    {
        var bundle = new SupportBundle(new Redaction([]));
        bundle.Add("about.json", new JsonObject { ["version"] = "0.0.0" });
        return Task.FromResult(bundle);
    }

    private CommandDispatcher Dispatcher(Func<CancellationToken, Task<SupportBundle>> gather) =>
        new([new SupportBundleCommand(data.Path, gather, clock).Command], new Accounting(), NullLogger<CommandDispatcher>.Instance);

    private static async Task<JsonObject> AskAsync(CommandDispatcher dispatcher, int status)
    {
        var answer = await dispatcher.RunAsync("support", Encoding.UTF8.GetBytes("{}"), isLocal: false, TestContext.Current.CancellationToken);
        var text = Encoding.UTF8.GetString(answer.ToBytes());
        Assert.True(answer.Status == status, text);
        var schema = await JsonSchema.FromFileAsync(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", "commands", status < 300 ? "support.schema.json" : "error.schema.json"), TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(text));
        return JsonNode.Parse(text)!.AsObject();
    }
}
