using System.Runtime.InteropServices;
using CsCheck;
using EdgeGateway.Storage;

namespace EdgeGateway.Tests.Storage;

public sealed class SnapshotTests : IDisposable
{
    private static readonly SnapshotHeader Header = new(4711, Some.Noon);
    private readonly TempFolder folder = new();

    private string Path => folder.File("sensors.snapshot");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_record_of_any_size_comes_back_whole()
    {
        var large = new byte[(3 * SnapshotWriter.MaxPiece) + 17];
        new Random(1).NextBytes(large);
        SnapshotWriter.Write(folder.File("s"), new SnapshotHeader(1, Any.Noon), [("small", new byte[] { 1 }), ("large", large), ("empty", default)]);
        List<(string, byte[])> read = [];
        Assert.True(SnapshotReader.TryRead(folder.File("s"), out _, (name, bytes) => read.Add((name, bytes)), out var reason), reason);
        Assert.Equal(["small", "large", "empty"], read.Select(r => r.Item1));
        Assert.Equal(large, read[1].Item2);
    }

    [Fact]
    public void Every_snapshot_comes_back_as_it_was_written() =>
        Gen.Select(Gen.String[0, 40], Gen.Byte.Array[0, 300]).Array[0, 20].Sample(
            records =>
            {
                var path = folder.File(Guid.NewGuid().ToString());
                // Lone surrogates have no UTF-8 form.
                var named = records.Select(record => (Name: new string([.. record.Item1.Where(c => !char.IsSurrogate(c))]), Bytes: record.Item2)).ToList();
                var written = SnapshotWriter.Write(path, Header, named.Select(record => (record.Name, (ReadOnlyMemory<byte>)record.Bytes)));
                Assert.Equal(new FileInfo(path).Length, written);
                var read = new List<(string Name, byte[] Bytes)>();
                Assert.True(SnapshotReader.TryRead(path, out var header, (name, bytes) => read.Add((name, bytes)), out _));
                Assert.Equal(Header, header);
                Assert.Equal(named.Select(record => record.Name), read.Select(record => record.Name));
                Assert.Equal(named.Select(record => record.Bytes), read.Select(record => record.Bytes));
            },
            iter: 100);

    [Fact]
    public void Missing_is_a_reason_and_no_exception()
    {
        Assert.False(SnapshotReader.TryRead(Path, out _, (_, _) => { }, out var reason));
        Assert.Equal("there is no snapshot", reason);
    }

    [Fact]
    public void A_snapshot_with_any_bit_flipped_or_any_length_cut_hands_out_no_record()
    {
        SnapshotWriter.Write(Path, Header, [("plant/a", new byte[100]), ("plant/b", new byte[] { 1, 2, 3 })]);
        var whole = File.ReadAllBytes(Path);
        for (var index = 0; index < whole.Length; index++)
        {
            var flipped = whole.ToArray();
            flipped[index] ^= (byte)(1 << (index % 8));
            AssertRefused(flipped);
            AssertRefused(whole[..index]);
        }

        AssertRefused([.. whole, 0]);
    }

    [Fact]
    public void Arbitrary_bytes_are_refused_without_an_exception() =>
        Gen.Byte.Array[0, 400].Sample(bytes => AssertRefused([.. SnapshotWriter.Magic, 1, 0, 0, 0, .. bytes]), iter: 300, threads: 1);

    [Fact]
    public void A_failure_while_writing_keeps_the_old_snapshot()
    {
        SnapshotWriter.Write(Path, Header, [("old", new byte[10])]);
        Assert.Throws<InvalidOperationException>(() => SnapshotWriter.Write(Path, Header, Breaking()));

        var names = new List<string>();
        Assert.True(SnapshotReader.TryRead(Path, out _, (name, _) => names.Add(name), out _));
        Assert.Equal(["old"], names);
        Assert.Equal([Path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void State_of_sensors_gets_shorter()
    {
        var random = new Random(1);
        var state = new double[5400];
        for (var index = 0; index < state.Length; index++)
        {
            state[index] = index < 2400 ? Math.Round(20 + random.NextDouble(), 2) : index < 4400 ? random.NextDouble() : random.Next(500);
        }

        var plain = MemoryMarshal.AsBytes<double>(state).ToArray();
        var written = SnapshotWriter.Write(Path, Header, Enumerable.Range(0, 20).Select(n => ($"s{n}", (ReadOnlyMemory<byte>)plain)));
        Assert.InRange(written, 1, 20 * plain.Length * 7 / 10);
    }

    private static IEnumerable<(string, ReadOnlyMemory<byte>)> Breaking()
    {
        yield return ("new", new byte[100_000]);
        throw new InvalidOperationException("the sensor is gone");
    }

    private void AssertRefused(byte[] content)
    {
        File.WriteAllBytes(Path, content);
        Assert.False(SnapshotReader.TryRead(Path, out var header, (name, _) => Assert.Fail($"{name} was handed out"), out var reason));
        Assert.Null(header);
        Assert.NotEmpty(reason);
    }
}
