using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Roots;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Packages.Verification;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Updates.Trust;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Updates.Trust;

/// <summary>A device with a folder, a clock and an image; starts and restarts what it trusts.</summary>
internal sealed class TrustSite : IDisposable
{
    public static readonly DateTimeOffset Release = Sample.Now.AddMonths(-1);

    /// <summary>Root 2 has the release keys of root 1, root 3 has others.</summary>
    public static readonly Root[] Roots =
    [
        Sample.Root,
        Sample.Root with { Version = 2, Issued = Sample.Root.Issued.AddMonths(1) },
        Sample.Root with { Version = 3, Issued = Sample.Root.Issued.AddMonths(2), Epoch = 4, ReleaseRole = Sample.RoleOf(2, 21, 22, 23) },
    ];

    private readonly TempFolder folder = new();

    public TrustSite() => Store = Start();

    public FakeTimeProvider Clock { get; private set; } = new(Sample.Now);

    public FirstRoot First { get; set; } = new(Envelope(1), "root.json", FloorRecord.None, null);

    public TrustStore Store { get; private set; }

    public string Path => folder.Path;

    public static byte[] Envelope(int version) => Sample.Signed(Roots[version - 1], 1, 2).ToJson();

    /// <summary>A package signed by the release keys of a root.</summary>
    public static AcceptedPackage Accepted(TrustState trust, DateTimeOffset? now, int release, int epoch = 1, DateTimeOffset? issued = null, PackageSlot? slot = null, bool byOperator = false)
    {
        Assert.True(TryVerify(trust, now, release, epoch, issued, slot, byOperator, out var accepted, out var refusal), refusal?.Sentence);
        return accepted!;
    }

    public static bool TryVerify(TrustState trust, DateTimeOffset? now, int release, int epoch, DateTimeOffset? issued, PackageSlot? slot, bool byOperator, out AcceptedPackage? accepted, out Refusal? refusal)
    {
        var when = issued ?? Sample.Now.AddDays(-1);
        var manifest = Sample.Manifest with { Slot = slot ?? Sample.Pumps, Release = release, Epoch = epoch, Issued = when, Expires = when.AddYears(1) };
        var seeds = trust.Root.ReleaseRole.Keys.Contains(Sample.Key(11).Public) ? new byte[] { 11, 12 } : [21, 22];
        return PackageVerifier.TryVerify(
            new MeasuredPackage(Sample.Signed(manifest, seeds).ToJson(), Sample.BlobsOf(manifest)), new PackageRequest(slot ?? Sample.Pumps, release, null, byOperator), trust, Sample.Device, now, out accepted, out refusal);
    }

    public void Accept(int release, int epoch = 1, DateTimeOffset? issued = null, PackageSlot? slot = null) =>
        Store.Keep(Accepted(Store.Current!, Store.TrustedTime, release, epoch, issued, slot));

    public bool TakeRoot(int version) => Store.TryTakeRoot(Envelope(version), null, out _);

    public Floor Floor(PackageSlot? slot = null) => Store.Current!.FloorOf(slot ?? Sample.Pumps);

    public void Restart() => Store = Start();

    /// <summary>Starts with a clock that shows this.</summary>
    public void RestartAt(DateTimeOffset time)
    {
        Clock = new FakeTimeProvider(time);
        Restart();
    }

    public void Wipe()
    {
        Directory.Delete(folder.Path, recursive: true);
        Restart();
    }

    public string File(string name) => folder.File(name);

    /// <summary>All files, to be brought back later.</summary>
    public Dictionary<string, byte[]> Backup() => Directory.Exists(Path)
        ? Directory.GetFiles(Path, "*", SearchOption.AllDirectories).ToDictionary(path => path, System.IO.File.ReadAllBytes) : [];

    public void Restore(Dictionary<string, byte[]> backup)
    {
        Directory.Delete(Path, recursive: true);
        Directory.CreateDirectory(Path);
        foreach (var (path, bytes) in backup)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            System.IO.File.WriteAllBytes(path, bytes);
        }

        Restart();
    }

    public void Dispose()
    {
        Directory.CreateDirectory(Path);
        folder.Dispose();
    }

    private TrustStore Start() => new(Path, First, Clock, Release, new TrustLog(Path, Clock, NullLogger.Instance), NullLogger.Instance);
}
