using CsCheck;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Age;

/// <summary>What was sealed is opened again, whole and by those who may.</summary>
public class RoundTripTests
{
    public static readonly TheoryData<int> Sizes = [0, 1, Sealed.Chunk - 1, Sealed.Chunk, Sealed.Chunk + 1, 2 * Sealed.Chunk, 5 * Sealed.Chunk + 17];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_file_of_any_size_opens_into_memory_and_into_a_stream(int size)
    {
        using var identity = X25519Identity.New();
        var plain = Sealed.Bytes(size);
        var file = Sealed.Seal(plain, identity.Recipient);
        Assert.Equal(Sealed.HeaderLength + Sealed.Nonce + size + 16 * Math.Max(1, (size + Sealed.Chunk - 1) / Sealed.Chunk), file.Length);
        Assert.Equal(plain, Sealed.Open(file, identity));
        Assert.Equal(plain, Sealed.OpenInto(new byte[size], file, identity));
    }

    [Fact]
    public void Every_recipient_opens_it_and_nobody_else()
    {
        using X25519Identity first = X25519Identity.New(), second = X25519Identity.New(), other = X25519Identity.New();
        var file = Sealed.Seal([1, 2, 3], first.Recipient, second.Recipient, first.Recipient);
        Assert.Equal(2, file.AsSpan().Count("-> X25519 "u8));
        Assert.Equal([1, 2, 3], Sealed.Open(file, first));
        Assert.Equal([1, 2, 3], Sealed.Open(file, second));
        Assert.Equal([1, 2, 3], Sealed.Open(file, other, second));
        Assert.Equal(SealingFailure.NoKey, Sealed.Refused(() => Sealed.Open(file, other)));
        Assert.Equal(SealingFailure.NoKey, Sealed.Refused(() => Sealed.Open(file)));
    }

    [Fact]
    public void The_same_sealed_twice_is_not_the_same()
    {
        using var identity = X25519Identity.New();
        Assert.NotEqual(Sealed.Seal([1], identity.Recipient), Sealed.Seal([1], identity.Recipient));
    }

    [Fact]
    public void Nothing_is_sealed_to_nobody() => Assert.Throws<ArgumentOutOfRangeException>(() => Sealed.Seal([1]));

    [Fact]
    public void A_stream_that_comes_in_pieces_gives_the_same()
    {
        using var identity = X25519Identity.New();
        Gen.Select(Gen.Int[0, 3 * Sealed.Chunk], Gen.Int[1, 100_000]).Sample(
            (size, piece) =>
            {
                var plain = Sealed.Bytes(size);
                using MemoryStream file = new(), opened = new();
                AgeWriter.Seal(new Trickle(plain, piece), file, [identity.Recipient]);
                AgeReader.Open(new Trickle(file.ToArray(), piece), [identity], opened);
                return opened.ToArray().AsSpan().SequenceEqual(plain);
            },
            iter: 40);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(Sealed.Chunk)]
    [InlineData(-Sealed.Chunk - 2)]
    public void Memory_of_another_size_than_the_file_holds_is_refused_and_left_zero(int difference)
    {
        using var identity = X25519Identity.New();
        var file = Sealed.Seal(Sealed.Bytes(Sealed.Chunk + 2), identity.Recipient);
        var memory = new byte[Sealed.Chunk + 2 + difference];
        var refused = Assert.Throws<SealingException>(() => Sealed.OpenInto(memory, file, identity));
        Assert.Equal((SealingFailure.PlainLength, RefusalCode.PlainLength), (refused.Failure, refused.Code));
        Assert.All(memory, b => Assert.True(b is 0 or 0xff, "a byte of the file is still there"));
    }

    private sealed class Trickle(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, piece)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));
    }
}
