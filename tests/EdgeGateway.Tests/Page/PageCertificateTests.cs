using EdgeGateway.Hub;
using EdgeGateway.Page;
using EdgeGateway.Tests.Hub;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Page;

/// <summary>What the page shows as its certificate.</summary>
public sealed class PageCertificateTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task One_that_is_made_while_the_clock_is_unset_lasts_ten_years_from_the_release_on_and_stays()
    {
        var unset = await ExpiryAsync(DateTimeOffset.UnixEpoch);
        Assert.Equal(Any.Noon.AddDays(3650).UtcDateTime, unset);
        Assert.Equal(unset, await ExpiryAsync(Any.Noon.AddYears(9)));
    }

    [Fact]
    public async Task One_that_has_expired_is_made_anew()
    {
        await ExpiryAsync(Any.Noon);
        var before = PageCertificate.FingerprintOf(folder.Path);
        Assert.Equal(Any.Noon.AddDays(2 * 3650).UtcDateTime, await ExpiryAsync(Any.Noon.AddDays(3650)));
        Assert.NotEqual(before, PageCertificate.FingerprintOf(folder.Path));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_runtime_that_does_not_answer_holds_up_no_handshake_and_is_asked_again_an_hour_later()
    {
        await using var silent = OneAnswer.OnPort("");
        var clock = new FakeTimeProvider(Any.Noon);
        var runtime = new HubEnvironment(new HubIdentity("hub", "device", "module"), "gateway", new HubCredential.Workload(silent.Address, "1"), CaFile: null);
        using var certificate = new PageCertificate(folder.Path, runtime, clock, release: Any.Noon, NullLogger.Instance);
        var making = certificate.RenewAsync(TestContext.Current.CancellationToken);
        await Until.HoldsAsync(() => making.IsCompleted, () => "the own certificate is made", () => clock.Advance(TimeSpan.FromSeconds(5)));
        var own = certificate.Current;
        clock.Advance(TimeSpan.FromMinutes(30));
        Assert.True(certificate.RenewAsync(TestContext.Current.CancellationToken).IsCompletedSuccessfully);
        clock.Advance(TimeSpan.FromMinutes(30));
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var renewing = certificate.RenewAsync(stopping.Token);
        Assert.False(renewing.IsCompleted);
        Assert.Same(own, certificate.Current);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => renewing);
        Assert.Same(own, certificate.Current);
    }

    /// <summary>When the one that is shown at this time expires.</summary>
    private async Task<DateTime> ExpiryAsync(DateTimeOffset now)
    {
        using var certificate = new PageCertificate(folder.Path, environment: null, new FakeTimeProvider(now), release: Any.Noon, NullLogger.Instance);
        await certificate.RenewAsync(TestContext.Current.CancellationToken);
        return certificate.Current.TargetCertificate.NotAfter.ToUniversalTime();
    }
}
