using EdgeGateway.Hub;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Hub;
using EdgeGateway.Tests.Packages.Age;
using EdgeGateway.Tests.Packages.Verification;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Updates.Keys;
using EdgeGateway.Updates.Trust;
using Hubstand;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Updates.Keys;

/// <summary>A key that the workload API seals: what is unavailable is waited for, and what cannot be decrypted any more is said, and replaced by an operator alone.</summary>
public sealed class WorkloadDeviceKeyTests : IAsyncLifetime
{
    private const string Module = "edgeGateway";
    private readonly TempFolder folder = new();
    private HubStand stand = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string File => folder.File("device-key.json");

    public async ValueTask InitializeAsync() => stand = await HubStand.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await stand.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task The_disk_has_the_key_sealed_and_under_a_new_vector_each_time()
    {
        using var key = Key();
        var made = await key.OpenAsync(Token);
        Assert.Equal((DeviceKeyState.Ready, "workload"), (made.State, made.Kind));
        Assert.Equal(made, await OpenAsync());

        var secret = new byte[X25519Identity.TextLength];
        key.Identity!.WriteText(secret);
        using var sealer = Sealer();
        var (one, two) = (await sealer.SealAsync(secret, Token), await sealer.SealAsync(secret, Token));
        Assert.NotEqual(one[..12], two[..12]);
        Assert.DoesNotContain(Convert.ToBase64String(secret), await System.IO.File.ReadAllTextAsync(File, Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("stale")]
    [InlineData("500")]
    [InlineData("403")]
    [InlineData("404")]
    public async Task An_API_that_is_unavailable_is_waited_for_and_never_makes_a_new_key(string trouble)
    {
        Break(trouble);
        Assert.Equal((DeviceKeyState.Unavailable, null), ((await OpenAsync()).State, (await OpenAsync()).Kind));
        Assert.False(System.IO.File.Exists(File), "a first start without the API makes no key of another kind");
        Mend();

        var made = await OpenAsync();
        Assert.Equal(DeviceKeyState.Ready, made.State);
        var before = await System.IO.File.ReadAllBytesAsync(File, Token);
        Break(trouble);
        using var key = Key();
        var status = await key.OpenAsync(Token);
        Assert.Equal((DeviceKeyState.Unavailable, made.Recipient, false), (status.State, status.Recipient, status.NeedsOperator));
        await Assert.ThrowsAnyAsync<IOException>(() => key.RenewAsync(Token));
        Assert.Equal(before, await System.IO.File.ReadAllBytesAsync(File, Token));
        Assert.Equal([File], Directory.GetFiles(folder.Path, "device-key*"));
        Mend();
        Assert.Equal(made, await key.OpenAsync(Token));
    }

    [Fact]
    public async Task An_API_that_does_not_answer_is_unavailable()
    {
        await OpenAsync();
        var clock = new FakeTimeProvider(Sample.Now);
        await using var silent = OneAnswer.OnPort("");
        using var key = new DeviceKey(folder.Path, [new WorkloadKeySealer(new WorkloadApi(silent.Address, Module, "1", clock))], Log());
        var opening = key.OpenAsync(Token);
        await Until.HoldsAsync(() => opening.IsCompleted, () => "the call ends", () => clock.Advance(TimeSpan.FromSeconds(5)));
        Assert.Equal(DeviceKeyState.Unavailable, (await opening).State);
    }

    [Fact]
    public async Task The_kind_is_fixed_when_the_key_is_made()
    {
        var made = await OpenAsync();
        using var without = DeviceKey.Of(folder.Path, null, TimeProvider.System, Log());
        var status = await without.OpenAsync(Token);
        Assert.Equal((DeviceKeyState.Unavailable, "workload", made.Recipient), (status.State, status.Kind, status.Recipient));
        Assert.Contains("sealed by the workload API", status.Sentence, StringComparison.Ordinal);

        var ofFile = await without.RenewAsync(Token);
        Assert.Equal("file", ofFile.Kind);
        Assert.Equal(ofFile, await OpenAsync());
    }

    [Fact]
    public async Task Once_the_identity_is_made_anew_the_key_cannot_be_decrypted_and_stays_until_an_operator_acts()
    {
        var made = await OpenAsync();
        MakeIdentityAnew();
        var before = await System.IO.File.ReadAllBytesAsync(File, Token);
        for (var start = 0; start < 3; start++)
        {
            var status = await OpenAsync();
            Assert.Equal((DeviceKeyState.Undecryptable, "workload", made.Recipient, true), (status.State, status.Kind, status.Recipient, status.NeedsOperator));
            Assert.Contains("EdgeGateway keys new", status.Sentence, StringComparison.Ordinal);
        }

        Assert.Equal(before, await System.IO.File.ReadAllBytesAsync(File, Token));
        Break("500");
        Assert.Equal(DeviceKeyState.Unavailable, (await OpenAsync()).State);
    }

    [Fact]
    public async Task A_device_whose_identity_was_made_anew_recovers_by_a_new_key_and_a_fresh_grant()
    {
        using var group = new GroupKey("line-a", 4, X25519Identity.New());
        var before = await OpenAsync();
        using (var key = Key())
        {
            await key.OpenAsync(Token);
            Assert.Null(new GroupKeys(folder.Path, key, Log()).Take(Grant.Seal(group, [before.Recipient!]), "line-a", 4));
            Assert.Equal("one plain blob", OpenBlob(new GroupKeys(folder.Path, key, Log()), group));
        }

        MakeIdentityAnew();
        using var lost = Key();
        await lost.OpenAsync(Token);
        var keys = new GroupKeys(folder.Path, lost, Log());
        Assert.Empty(keys.Held());
        Assert.Equal(RefusalCode.GroupKey, Verify(keys, group, out _)!.Code);
        var waits = keys.Take(Grant.Seal(group, [before.Recipient!]), "line-a", 4)!;
        Assert.Equal((RefusalCode.GroupKey, true, lost.Status.Sentence), (waits.Code, waits.Waits, waits.Sentence));

        var after = await lost.RenewAsync(Token);
        Assert.NotEqual(before.Recipient, after.Recipient);
        Assert.Empty(keys.Held());
        Assert.Equal(["line-a epoch 4"], keys.Unreadable());
        var old = keys.Take(Grant.Seal(group, [before.Recipient!]), "line-a", 4)!;
        Assert.Equal(RefusalCode.Sealing, old.Code);
        Assert.Contains(after.Recipient!.Fingerprint, old.Sentence, StringComparison.Ordinal);

        Assert.Null(keys.Take(Grant.Seal(group, [after.Recipient]), "line-a", 4));
        Assert.Equal("one plain blob", OpenBlob(keys, group));
        Assert.Equal(after, await OpenAsync());
    }

    private static Refusal? Verify(GroupKeys keys, GroupKey group, out AcceptedPackage? accepted)
    {
        var sealedBlob = Sealed.Seal("one plain blob"u8.ToArray(), group.Identity.Recipient);
        var blob = new PackageBlob("adapter.onnx_adapter", 14, Sample.Digest("one plain blob"), sealedBlob.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(sealedBlob)));
        var manifest = Sample.Manifest with { Groups = [new("line-a", 4, group.Identity.Recipient.Text)], Golden = null, Blobs = [blob] };
        PackageVerifier.TryVerify(Sample.Package(manifest), Sample.Request, Sample.Trust, new DeviceIdentity(["line-a"], keys.Held(), Sample.PhiSensor), Sample.Now, out accepted, out var refusal);
        return refusal;
    }

    private static unsafe string OpenBlob(GroupKeys keys, GroupKey group)
    {
        Assert.Null(Verify(keys, group, out var accepted));
        using var key = keys.Open(accepted!.Key)!;
        var plain = new byte[14];
        fixed (byte* memory = plain)
        {
            Assert.Null(accepted.Open(accepted.Manifest.Blobs[0], new MemoryStream(Sealed.Seal("one plain blob"u8.ToArray(), group.Identity.Recipient)), key, memory));
        }

        return System.Text.Encoding.UTF8.GetString(plain);
    }

    private void Break(string trouble)
    {
        var workload = stand.Workload(Module);
        switch (trouble)
        {
            case "gone":
                workload.Stop();
                break;
            case "stale":
                workload.LeaveStale();
                break;
            default:
                workload.Faults.Status = int.Parse(trouble, System.Globalization.CultureInfo.InvariantCulture);
                break;
        }
    }

    private void Mend()
    {
        var workload = stand.Workload(Module);
        if (workload.Faults.Status == 0)
        {
            workload.Start();
        }

        workload.Faults.Status = 0;
    }

    private void MakeIdentityAnew()
    {
        var before = stand.Register(stand.NameOf(Module)).GenerationId;
        Assert.True(stand.Delete(stand.NameOf(Module)));
        Assert.NotEqual(before, stand.Register(stand.NameOf(Module)).GenerationId);
    }

    private async Task<DeviceKeyStatus> OpenAsync()
    {
        using var key = Key();
        return await key.OpenAsync(Token);
    }

    private DeviceKey Key() => DeviceKey.Of(folder.Path, HubEnvironment.Read(new Dictionary<string, string>(stand.ModuleEnvironment(Module))), TimeProvider.System, Log());

    private WorkloadKeySealer Sealer() => new(new WorkloadApi(new Uri(stand.Workload(Module).Uri), Module, stand.Register(stand.NameOf(Module)).GenerationId, TimeProvider.System));

    private TrustLog Log() => new(folder.Path, TimeProvider.System, NullLogger.Instance);
}
