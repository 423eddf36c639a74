using EdgeGateway.Page;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Page;

/// <summary>The certificate that a gateway signs itself.</summary>
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

    /// <summary>When the one that is shown at this time expires.</summary>
    private async Task<DateTime> ExpiryAsync(DateTimeOffset now)
    {
        using var certificate = new PageCertificate(folder.Path, environment: null, new FakeTimeProvider(now), release: Any.Noon, NullLogger.Instance);
        return (await certificate.GetAsync(TestContext.Current.CancellationToken)).TargetCertificate.NotAfter.ToUniversalTime();
    }
}
