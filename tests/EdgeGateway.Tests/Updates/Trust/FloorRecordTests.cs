using System.Text;
using CsCheck;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Packages.Verification;
using EdgeGateway.Twin;
using EdgeGateway.Updates.Trust;

namespace EdgeGateway.Tests.Updates.Trust;

/// <summary>Floors as JSON, and together with others.</summary>
public sealed class FloorRecordTests
{
    private static readonly Gen<FloorRecord> Records = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 1].Select(i => i == 0 ? "aa" : "bb"), Gen.Int[0, 1000],
        Gen.Select(Gen.Int[0, 1].Select(i => (PackageKind)i), Gen.Int[0, 2].Select(i => new[] { "pumps", "phi", "x-1" }[i]), Gen.Int[0, 9], Gen.Int[0, 4]).Array[0, 4],
        (root, keys, days, floors) => new FloorRecord(root, keys, DateTimeOffset.UnixEpoch.AddDays(days), FloorRecord.None.Floors.AddRange(
            floors.DistinctBy(f => (f.Item1, f.Item2)).Select(f => KeyValuePair.Create(new PackageSlot(f.Item1, f.Item2), new Floor(f.Item3, f.Item4))))));

    [Fact]
    public void The_form_is_that_of_the_documentation()
    {
        var record = FloorRecord.Of(Sample.Root) with { Keys = "1a2b", Floors = Sample.Trust.Floors.Add(new(PackageKind.Model, "phi"), new(7, 1)) };
        Assert.Equal("""{"root":1,"keys":"1a2b","newest":"2026-05-26T12:00:00Z","model":{"phi":[7,1]},"adapter":{"pumps":[3,2]}}""", record.ToString());
        Assert.Equal("""{"root":0,"keys":"","newest":"1970-01-01T00:00:00Z"}""", FloorRecord.None.ToString());
    }

    [Fact]
    public void What_is_written_is_read_again() => Records.Sample(record =>
        FloorRecord.TryRead(TwinJson.Parse(Encoding.UTF8.GetBytes(record.ToString())), out var read) && read.ToString() == record.ToString());

    [Fact]
    public void No_text_makes_reading_fault() => Gen.Select(Records, Gen.Int[0, 200], Gen.Char[' ', '~'], Gen.Int[0, 3]).Sample(
        (record, at, character, cut) =>
        {
            var text = record.ToString();
            at = Math.Min(at, text.Length - 1);
            text = text[..at] + character + text[Math.Min(text.Length, at + cut)..];
            if (FloorRecord.TryRead(TwinJson.Parse(Encoding.UTF8.GetBytes(text)), out var read))
            {
                Assert.All(read.Floors.Values, floor => Assert.True(floor is { Release: >= 0, Epoch: >= 0 }));
            }
        },
        iter: 20_000);

    [Fact]
    public void Together_no_epoch_is_lower_and_nothing_is_known_that_neither_knew() => Gen.Select(Records, Records).Sample((one, two) =>
    {
        var both = one.Max(two);
        Assert.Equal(both.ToString(), both.Max(two.Root >= one.Root ? two : one).ToString());
        Assert.Equal(one.Floors.Keys.Union(two.Floors.Keys).ToHashSet(), [.. both.Floors.Keys]);
        foreach (var (slot, floor) in both.Floors)
        {
            var (a, b) = (one.Floors.GetValueOrDefault(slot, new(0, 0)), two.Floors.GetValueOrDefault(slot, new(0, 0)));
            Assert.Equal(Math.Max(a.Epoch, b.Epoch), floor.Epoch);
            Assert.Equal(one.Keys == two.Keys ? Math.Max(a.Release, b.Release) : two.Root >= one.Root ? b.Release : a.Release, floor.Release);
        }
    });
}
