using EdgeGateway.Settings;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Updates.Fetching;

namespace EdgeGateway.Tests.Updates.Fetching;

/// <summary>Fetching from Azure Blob Storage, as Azurite has it.</summary>
public sealed class AzuriteTests(Azurite azurite) : IClassFixture<Azurite>, IDisposable
{
    private static readonly byte[] Content = FetchStand.Bytes(3_000_000);
    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string File => folder.File("blob");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_blob_is_fetched_with_a_signature_and_gone_on_with_at_any_byte()
    {
        var target = await StoredAsync("7/adapter.age", InAnHour);
        Assert.IsType<FetchResult.Done>(await FetchAsync(target));
        Assert.Equal(Content, await System.IO.File.ReadAllBytesAsync(File, Token));
        foreach (var at in new[] { 1, 1_234_567, Content.Length - 1 })
        {
            System.IO.File.Delete(File);
            await System.IO.File.WriteAllBytesAsync(File + ".part", Content[..at], Token);
            var told = new List<long>();
            Assert.IsType<FetchResult.Done>(await FetchAsync(target, told.Add));
            Assert.Equal(at, told[0]);
            Assert.Equal(told.Order(), told);
            Assert.Equal(Content, await System.IO.File.ReadAllBytesAsync(File, Token));
        }
    }

    [Fact]
    public async Task A_blob_that_was_stored_anew_meanwhile_is_fetched_anew()
    {
        await StoredAsync("changed.age", InAnHour);
        await System.IO.File.WriteAllBytesAsync(File + ".part", FetchStand.Bytes(1_000_000, seed: 2), Token);
        Assert.IsType<FetchResult.Done>(await FetchAsync(await StoredAsync("changed.age", InAnHour)));
    }

    [Fact]
    public async Task A_signature_that_has_expired_waits_for_a_new_one_and_the_part_stays()
    {
        var expired = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        var target = await StoredAsync("expired.age", expired);
        await System.IO.File.WriteAllBytesAsync(File + ".part", Content[..1000], Token);
        await WaitsAsync(target, $"{target.Place} was answered with 403, and query has expired at {expired.UtcDateTime:yyyy-MM-ddTHH:mm:ss}Z; put a new one into the twin.");
        Assert.IsType<FetchResult.Done>(await FetchAsync(target with { Query = Azurite.ContainerSas(InAnHour) }));
    }

    [Fact]
    public async Task A_wrong_signature_none_and_no_blob_wait()
    {
        var target = await StoredAsync("other.age", InAnHour);
        await WaitsAsync(target with { Query = target.Query!.Replace("sp=r", "sp=rw", StringComparison.Ordinal) }, "so query does not allow this file or not any more; put a new one into the twin.");
        await WaitsAsync(target with { Query = null }, "was answered with 4");
        await WaitsAsync(target with { Url = azurite.Url("none.age") }, "was answered with 404, there is no such file");
        Assert.IsType<FetchResult.Refused>(await FetchAsync(target with { Sha256 = new string('0', 64) }));
    }

    private static DateTimeOffset InAnHour => TimeProvider.System.GetUtcNow().AddHours(1);

    private async Task<FetchTarget> StoredAsync(string name, DateTimeOffset expiry)
    {
        await azurite.StartedAsync();
        await azurite.PutAsync(name, Content);
        return new FetchTarget(azurite.Url(name), Azurite.ContainerSas(expiry), Content.Length, Content.Length, FetchStand.Sha256(Content));
    }

    private async Task WaitsAsync(FetchTarget target, string sentence)
    {
        var waits = Assert.IsType<FetchResult.Waits>(await FetchAsync(target));
        Assert.Contains(sentence, waits.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("sig=", waits.Sentence, StringComparison.Ordinal);
    }

    private Task<FetchResult> FetchAsync(FetchTarget target, Action<long>? told = null) =>
        new Fetcher(new UpdateSettings([target.Url.Authority], azurite.CaFile, null), TimeProvider.System).FetchAsync(target, File, told ?? (_ => { }), Token);
}
