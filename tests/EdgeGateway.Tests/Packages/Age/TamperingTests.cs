using System.Security.Cryptography;
using CsCheck;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Age;

/// <summary>Whatever is done to a sealed file: it is refused, and nothing is left in the memory that it should have been opened into.</summary>
public sealed class TamperingTests : IDisposable
{
    private const int Tag = 16;
    private const int SealedChunk = Sealed.Chunk + Tag;
    private const int Start = Sealed.HeaderLength + Sealed.Nonce;
    private readonly X25519Identity identity = X25519Identity.New();

    public void Dispose() => identity.Dispose();

    [Fact]
    public void A_file_that_is_cut_anywhere_is_refused()
    {
        const int Size = 2 * Sealed.Chunk + 5;
        var file = Sealed.Seal(Sealed.Bytes(Size), identity.Recipient);
        int[] boundaries = [0, 1, 22, 23, Sealed.HeaderLength - 1, Sealed.HeaderLength, Start - 1, Start, Start + 1, Start + Tag - 1, Start + Tag, Start + SealedChunk - 1,
            Start + SealedChunk, Start + SealedChunk + 1, Start + SealedChunk + Tag, Start + 2 * SealedChunk, Start + 2 * SealedChunk + Tag - 1, Start + 2 * SealedChunk + Tag, file.Length - 1];
        Assert.All(boundaries, cut => Refuses(file[..cut], Size));
        Assert.Equal(SealingFailure.Truncated, Refuses(file[..(Start + SealedChunk)], Size));
        Assert.Equal(SealingFailure.Truncated, Refuses(file[..(Start + SealedChunk + Tag - 1)], Size));
        Gen.Int[0, file.Length - 1].Sample(cut => Refuses(file[..cut], Size) is SealingFailure.Header or SealingFailure.Chunk or SealingFailure.Truncated, iter: 200);
    }

    [Fact]
    public void A_file_with_a_flipped_bit_is_refused()
    {
        const int Size = Sealed.Chunk + 100;
        var file = Sealed.Seal(Sealed.Bytes(Size), identity.Recipient);
        Gen.Select(Gen.OneOf(Gen.Int[0, Start + Tag], Gen.Int[0, file.Length - 1]), Gen.Int[0, 7]).Sample(
            (at, bit) =>
            {
                var other = file.ToArray();
                other[at] ^= (byte)(1 << bit);
                var failure = Refuses(other, Size);
                return at < Sealed.HeaderLength ? failure is SealingFailure.Header or SealingFailure.NoKey or SealingFailure.HeaderMac : failure == SealingFailure.Chunk;
            },
            iter: 1000);
    }

    [Fact]
    public void A_small_file_with_bytes_put_in_or_taken_out_anywhere_is_refused()
    {
        var file = Sealed.Seal(Sealed.Bytes(20), identity.Recipient);
        Gen.Select(Gen.Int[0, file.Length - 1], Gen.Int[0, 40], Gen.Byte.Array[0, 40]).Where((at, cut, put) => !file.AsSpan(at, Math.Min(cut, file.Length - at)).SequenceEqual(put)).Sample(
            (at, cut, put) =>
            {
                byte[] changed = [.. file[..at], .. put, .. file[Math.Min(file.Length, at + cut)..]];
                return changed.AsSpan().SequenceEqual(file) || Sealed.Refused(() => Sealed.Open(changed, identity)) != SealingFailure.PlainLength;
            },
            iter: 10_000);
    }

    [Fact]
    public void A_header_whose_stanza_was_swapped_for_another_sealing_to_the_same_key_does_not_open_the_payload()
    {
        var (file, other) = (Sealed.Seal(Sealed.Bytes(10), identity.Recipient), Sealed.Seal(Sealed.Bytes(10), identity.Recipient));
        Assert.Equal(SealingFailure.HeaderMac, Refuses([.. file[..22], .. other[22..(22 + 98)], .. file[(22 + 98)..]], 10));
        Assert.Equal(SealingFailure.Chunk, Refuses([.. other[..Sealed.HeaderLength], .. file[Sealed.HeaderLength..]], 10));
    }

    [Fact]
    public void Recipients_that_are_added_or_taken_away_are_noticed()
    {
        using var other = X25519Identity.New();
        var file = Sealed.Seal(Sealed.Bytes(10), identity.Recipient, other.Recipient);
        Assert.Equal(SealingFailure.HeaderMac, Refuses([.. file[..(22 + 98)], .. file[(22 + 2 * 98)..]], 10));
        Assert.Equal(SealingFailure.HeaderMac, Refuses([.. file[..22], .. "-> other\n\n"u8, .. file[22..]], 10));
    }

    [Fact]
    public void Chunks_in_another_order_are_refused()
    {
        const int Size = 3 * Sealed.Chunk;
        var file = Sealed.Seal(Sealed.Bytes(Size), identity.Recipient);
        byte[] head = file[..Start], first = ChunkOf(file, 0), second = ChunkOf(file, 1), third = ChunkOf(file, 2);
        Assert.Equal(SealingFailure.Chunk, Refuses([.. head, .. second, .. first, .. third], Size));
        Assert.Equal(SealingFailure.Chunk, Refuses([.. head, .. first, .. third, .. second], Size));
        Assert.Equal(SealingFailure.Chunk, Refuses([.. head, .. first, .. first, .. third], Size));
        Assert.Equal(SealingFailure.Chunk, Refuses([.. head, .. first, .. third], Size));
        Assert.Equal(SealingFailure.Truncated, Refuses([.. head, .. first, .. second], Size));
    }

    [Fact]
    public void Chunks_of_another_file_for_the_same_key_are_refused()
    {
        const int Size = 2 * Sealed.Chunk;
        var (file, other) = (Sealed.Seal(Sealed.Bytes(Size), identity.Recipient), Sealed.Seal(Sealed.Bytes(Size), identity.Recipient));
        Assert.Equal(SealingFailure.Chunk, Refuses([.. file[..(Start + SealedChunk)], .. ChunkOf(other, 1)], Size));
    }

    [Theory]
    [InlineData(Sealed.Chunk, 1)]
    [InlineData(Sealed.Chunk, SealedChunk)]
    [InlineData(2 * Sealed.Chunk, 16)]
    public void What_is_appended_behind_a_full_last_chunk_is_told_as_such(int size, int appended) =>
        Assert.Equal(SealingFailure.Appended, Refuses([.. Sealed.Seal(Sealed.Bytes(size), identity.Recipient), .. new byte[appended]], size));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(5, 100)]
    [InlineData(Sealed.Chunk + 5, 2 * Sealed.Chunk)]
    public void What_is_appended_behind_a_short_last_chunk_is_refused(int size, int appended)
    {
        byte[] file = [.. Sealed.Seal(Sealed.Bytes(size), identity.Recipient), .. new byte[appended]];
        Assert.Equal(SealingFailure.Chunk, Sealed.Refused(() => Sealed.Open(file, identity)));
        Assert.Equal(SealingFailure.PlainLength, Refuses(file, size));
    }

    [Fact]
    public void Two_files_behind_each_other_are_not_one()
    {
        var file = Sealed.Seal(Sealed.Bytes(Sealed.Chunk), identity.Recipient);
        Assert.Equal(SealingFailure.Appended, Refuses([.. file, .. file], Sealed.Chunk));
    }

    [Fact]
    public void A_last_chunk_that_is_not_sealed_as_the_last_one_is_refused()
    {
        Assert.Equal(SealingFailure.Chunk, Refuses(Sealing((Sealed.Bytes(100), false)), 100));
        Assert.Equal(SealingFailure.Truncated, Refuses(Sealing((Sealed.Bytes(Sealed.Chunk), false)), Sealed.Chunk));
        Assert.Equal(SealingFailure.Appended, Refuses(Sealing((Sealed.Bytes(Sealed.Chunk), true), (Sealed.Bytes(100), true)), Sealed.Chunk + 100));
    }

    [Fact]
    public void An_empty_last_chunk_behind_a_full_one_is_refused() =>
        Assert.Equal(SealingFailure.Chunk, Refuses(Sealing((Sealed.Bytes(Sealed.Chunk), false), ([], true)), Sealed.Chunk));

    [Fact]
    public void Nothing_of_a_chunk_reaches_a_stream_before_it_was_authenticated()
    {
        var file = Sealed.Seal(Sealed.Bytes(3 * Sealed.Chunk), identity.Recipient);
        file[Start + SealedChunk + 7] ^= 1;
        using var plain = new MemoryStream();
        Assert.Throws<SealingException>(() => AgeReader.Open(new MemoryStream(file), [identity], plain));
        Assert.Equal(Sealed.Bytes(3 * Sealed.Chunk)[..Sealed.Chunk], plain.ToArray());
    }

    [Fact]
    public void A_file_that_cannot_be_read_to_its_end_leaves_nothing_either()
    {
        var file = Sealed.Seal(Sealed.Bytes(3 * Sealed.Chunk), identity.Recipient);
        var memory = new byte[3 * Sealed.Chunk];
        Assert.Throws<IOException>(() => OpenBroken(memory, file));
        Assert.All(memory, b => Assert.Equal(0, b));
    }

    [Fact]
    public void Every_refusal_has_its_code_and_a_sentence_that_says_what_to_do()
    {
        var refused = Assert.Throws<SealingException>(() => Sealed.Open(Sealed.Seal([1], identity.Recipient)[..^1], identity));
        Assert.Equal(RefusalCode.Sealing, refused.Code);
        Assert.Equal("The sealed file was changed, in chunk 0: fetch it again from where it was sealed.", refused.Message);
    }

    private static byte[] ChunkOf(byte[] file, int chunk) => file[(Start + chunk * SealedChunk)..Math.Min(file.Length, Start + (chunk + 1) * SealedChunk)];

    /// <summary>Opens both ways; both refuse, and neither leaves a byte of what was opened before.</summary>
    private SealingFailure Refuses(byte[] file, int size)
    {
        Assert.Throws<SealingException>(() => Sealed.Open(file, identity));
        var memory = new byte[size];
        var failure = Sealed.Refused(() => Sealed.OpenInto(memory, file, identity));
        Assert.True(memory.AsSpan().IndexOfAnyExcept<byte>(0, 0xff) < 0, "a byte of the file is still in memory");
        return failure;
    }

    private unsafe void OpenBroken(byte[] plain, byte[] file)
    {
        fixed (byte* memory = plain)
        {
            AgeReader.Open(new Broken(file), [identity], memory, plain.Length);
        }
    }

    /// <summary>A file whose chunks have the flags that are told.</summary>
    private byte[] Sealing(params (byte[] Plain, bool Last)[] chunks)
    {
        var fileKey = RandomNumberGenerator.GetBytes(16);
        using var file = new MemoryStream();
        file.Write(Header.Write([X25519Stanza.Wrap(fileKey, identity.Recipient)], fileKey));
        using var payload = new PayloadWriter(file, fileKey);
        foreach (var (plain, last) in chunks)
        {
            payload.Write(plain, last);
        }

        return file.ToArray();
    }

    private sealed class Broken(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => Position > 2 * Sealed.Chunk ? throw new IOException("The disk is gone.") : base.Read(buffer);
    }
}
