using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Packages.Age;

namespace EdgeGateway.Tests.Packages.Verification;

/// <summary>Blobs come to life in native memory, of an accepted package alone.</summary>
public sealed class OpeningTests : IDisposable
{
    private static readonly byte[] Plain = Sealed.Bytes(Sealed.Chunk + 1000);
    private readonly GroupKey key = new("line-a", 4, X25519Identity.New());

    [Fact]
    public void A_blob_of_an_accepted_package_opens_into_memory_of_the_caller()
    {
        var (refusal, opened) = Open(Accepted(Plain, Plain), Seal(Plain));
        Assert.Null(refusal);
        Assert.Equal(Plain, opened);
    }

    [Fact]
    public void What_opens_to_other_bytes_than_the_manifest_names_is_refused_and_zeroed()
    {
        var (refusal, opened) = Open(Accepted(Plain, Sealed.Bytes(Plain.Length, seed: 2)), Seal(Plain));
        Assert.Equal(RefusalCode.PlainDigest, refusal!.Code);
        Assert.All(opened, b => Assert.Equal(0, b));
    }

    [Theory]
    [InlineData(-1, RefusalCode.PlainLength)]
    [InlineData(1, RefusalCode.PlainLength)]
    public void What_opens_to_more_or_less_is_refused_and_zeroed(int more, RefusalCode code)
    {
        var (refusal, opened) = Open(Accepted(Plain, Plain), Seal(Sealed.Bytes(Plain.Length + more)));
        Assert.Equal(code, refusal!.Code);
        Assert.All(opened, b => Assert.Equal(0, b));
    }

    [Fact]
    public void A_chunk_that_was_changed_is_refused_and_what_had_been_opened_before_it_is_zeroed()
    {
        var file = Seal(Plain);
        file[^1] ^= 1;
        var (refusal, opened) = Open(Accepted(Plain, Plain), file);
        Assert.Equal(RefusalCode.Sealing, refusal!.Code);
        Assert.StartsWith("model.onnx: ", refusal.Sentence, StringComparison.Ordinal);
        Assert.All(opened, b => Assert.Equal(0, b));
    }

    [Fact]
    public void The_blob_of_another_package_and_another_key_are_not_opened()
    {
        var accepted = Accepted(Plain, Plain);
        using var other = new GroupKey("line-a", 4, X25519Identity.New());
        using var later = new GroupKey("line-a", 5, key.Identity);
        Assert.Throws<ArgumentException>(() => Open(accepted, Seal(Plain), accepted.Manifest.Blobs[0] with { Size = 5 }, key));
        Assert.Throws<ArgumentException>(() => Open(accepted, Seal(Plain), accepted.Manifest.Blobs[0], other));
        Assert.Throws<ArgumentException>(() => Open(accepted, Seal(Plain), accepted.Manifest.Blobs[0], later));
    }

    public void Dispose() => key.Dispose();

    private byte[] Seal(byte[] plain) => Sealed.Seal(plain, key.Identity.Recipient);

    private (Refusal? Refusal, byte[] Opened) Open(AcceptedPackage accepted, byte[] file) => Open(accepted, file, accepted.Manifest.Blobs[0], key);

    /// <summary>Opens into memory that held ones before.</summary>
    private static unsafe (Refusal? Refusal, byte[] Opened) Open(AcceptedPackage accepted, byte[] file, PackageBlob blob, GroupKey key)
    {
        var memory = (byte*)NativeMemory.Alloc((nuint)blob.Size);
        try
        {
            var content = new Span<byte>(memory, (int)blob.Size);
            content.Fill(0xff);
            var refusal = accepted.Open(blob, new MemoryStream(file), key, memory);
            if (refusal?.Code is RefusalCode.Sealing or RefusalCode.PlainLength)
            {
                // behind what had been opened nothing was touched
                content.Replace((byte)0xff, (byte)0);
            }

            return (refusal, content.ToArray());
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    /// <summary>A package with one blob, which was sealed from some bytes and says that it holds these.</summary>
    private AcceptedPackage Accepted(byte[] size, byte[] content)
    {
        var blob = new PackageBlob("model.onnx", size.Length, Convert.ToHexStringLower(SHA256.HashData(content)), 1, Sample.Digest("sealed"));
        var group = new GroupRecipient(key.Group, key.Epoch, key.Identity.Recipient.Text);
        var manifest = Sample.Manifest with { Groups = [group], Golden = null, Blobs = [blob] };
        var device = new DeviceIdentity(["line-a"], [group], Sample.PhiSensor);
        Assert.True(PackageVerifier.TryVerify(Sample.Package(manifest), Sample.Request, Sample.Trust, device, Sample.Now, out var accepted, out var refusal), refusal?.Sentence);
        return accepted!;
    }
}
