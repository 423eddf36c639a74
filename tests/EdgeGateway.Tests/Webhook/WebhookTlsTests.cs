using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeGateway.Settings;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Webhook;

namespace EdgeGateway.Tests.Webhook;

/// <summary>Whom the webhook trusts over HTTPS.</summary>
public sealed class WebhookTlsTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private readonly TempFolder folder = new();
    private readonly string caFile;

    public WebhookTlsTests() => caFile = Path.Combine(folder.Path, "ca.pem");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_server_of_the_CA_that_was_named_is_trusted()
    {
        using var ca = NewCa();
        await using var receiver = await Receiver.StartedAsync(Signed(ca, "localhost"));
        await File.WriteAllTextAsync(caFile, ca.ExportCertificatePem(), Token);
        await SendAsync(receiver, caFile);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task A_CA_file_that_changed_counts_at_the_next_connect()
    {
        using var ca = NewCa();
        using var other = NewCa("two");
        await using var receiver = await Receiver.StartedAsync(Signed(ca, "localhost"));
        await File.WriteAllTextAsync(caFile, other.ExportCertificatePem(), Token);
        using var sink = new WebhookAlertSink(new WebhookSettings(receiver.Url, null, caFile), TimeProvider.System);
        await AssertRefusedAsync(sink, "shows a certificate of another CA than the ones that we trust");
        await File.WriteAllTextAsync(caFile, ca.ExportCertificatePem(), Token);
        await sink.SendAsync(Entry, Token);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task One_for_another_host_is_not_trusted_and_gets_nothing()
    {
        using var ca = NewCa();
        await using var receiver = await Receiver.StartedAsync(Signed(ca, "elsewhere"));
        await File.WriteAllTextAsync(caFile, ca.ExportCertificatePem(), Token);
        using var sink = new WebhookAlertSink(new WebhookSettings(receiver.Url, null, caFile), TimeProvider.System);
        await AssertRefusedAsync(sink, "shows a certificate for another host name");
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task Without_a_CA_file_the_systems_trust_counts()
    {
        using var ca = NewCa();
        await using var receiver = await Receiver.StartedAsync(Signed(ca, "localhost"));
        using var sink = new WebhookAlertSink(new WebhookSettings(receiver.Url, null, null), TimeProvider.System);
        await AssertRefusedAsync(sink, "shows a certificate");
        Assert.Empty(receiver.Requests);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public async Task A_CA_file_that_cannot_be_used_is_said_and_nothing_is_sent(string? text)
    {
        using var ca = NewCa();
        await using var receiver = await Receiver.StartedAsync(Signed(ca, "localhost"));
        if (text is not null)
        {
            await File.WriteAllTextAsync(caFile, text, Token);
        }

        using var sink = new WebhookAlertSink(new WebhookSettings(receiver.Url, null, caFile), TimeProvider.System);
        await AssertRefusedAsync(sink, "cannot be trusted: ");
        Assert.Empty(receiver.Requests);
    }

    private static OutboxEntry Entry { get; } = new(1, "abcdefghij2345672345", 1, "p", 412, "raised", Any.Noon, """{"id":"abcdefghij2345672345.1"}"""u8.ToArray());

    private static async Task SendAsync(Receiver receiver, string ca)
    {
        using var sink = new WebhookAlertSink(new WebhookSettings(receiver.Url, null, ca), TimeProvider.System);
        await sink.SendAsync(Entry, Token);
    }

    private static async Task AssertRefusedAsync(WebhookAlertSink sink, string part)
    {
        var failed = await Assert.ThrowsAsync<HttpRequestException>(() => sink.SendAsync(Entry, Token));
        Assert.Contains(part, failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failed.Message, StringComparison.Ordinal);
    }

    private static X509Certificate2 NewCa(string name = "one")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Now.AddDays(-2), Now.AddDays(2));
    }

    private static X509Certificate2 Signed(X509Certificate2 ca, string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(ca, Now.AddDays(-1), Now.AddDays(1), [1]);
        return signed.CopyWithPrivateKey(key);
    }
}
