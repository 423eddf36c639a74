using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeGateway.Hub;

namespace EdgeGateway.Tests.Hub;

public sealed class CertificateTrustTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private readonly X509Certificate2 ca = Ca("one");
    private readonly X509Certificate2 otherCa = Ca("two");

    public void Dispose()
    {
        ca.Dispose();
        otherCa.Dispose();
    }

    [Fact]
    public void A_server_of_any_of_the_certificates_in_the_bundle_is_trusted()
    {
        using var server = Signed(ca, Now.AddDays(1));
        Assert.Null(CertificateTrust.Problem(server, null, SslPolicyErrors.RemoteCertificateChainErrors, [otherCa, ca]));
    }

    [Fact]
    public void One_of_another_CA_is_not() => AssertProblem("another CA", [otherCa], SslPolicyErrors.RemoteCertificateChainErrors);

    [Fact]
    public void One_for_another_host_is_not_whatever_its_CA() => AssertProblem("another host name", [ca], SslPolicyErrors.RemoteCertificateNameMismatch);

    [Fact]
    public void One_that_has_expired_is_told_with_the_clock_in_mind() => AssertProblem("our clock is wrong", [ca], SslPolicyErrors.RemoteCertificateChainErrors, Now.AddHours(-1));

    [Fact]
    public void One_that_is_not_valid_yet_is_told_with_the_clock_in_mind() => AssertProblem("our clock is wrong", [ca], SslPolicyErrors.RemoteCertificateChainErrors, begin: Now.AddHours(1));

    [Fact]
    public void Without_a_bundle_the_systems_verdict_holds() => AssertProblem("cannot be trusted", null, SslPolicyErrors.RemoteCertificateChainErrors);

    [Fact]
    public void No_certificate_is_a_problem_too() =>
        Assert.Equal("shows no certificate", CertificateTrust.Problem(null, null, SslPolicyErrors.RemoteCertificateNotAvailable, [ca]));

    private void AssertProblem(string part, X509Certificate2Collection? trusted, SslPolicyErrors errors, DateTimeOffset? end = null, DateTimeOffset? begin = null)
    {
        using var server = Signed(ca, end ?? Now.AddDays(1), begin);
        Assert.Contains(part, CertificateTrust.Problem(server, null, errors, trusted)!, StringComparison.Ordinal);
    }

    private static X509Certificate2 Ca(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Now.AddDays(-2), Now.AddDays(2));
    }

    private static X509Certificate2 Signed(X509Certificate2 ca, DateTimeOffset end, DateTimeOffset? begin = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).Create(ca, begin ?? Now.AddDays(-1), end, [1]);
    }
}
