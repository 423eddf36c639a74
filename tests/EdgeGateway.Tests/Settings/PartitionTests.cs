using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Settings;

public sealed class PartitionTests
{
    private static readonly string[] Assets = [.. Enumerable.Range(0, 3000).Select(i => $"line-{i % 7}/pump-{i}")];

    /// <summary>Found with sha256sum, as docs/formats/settings.md says.</summary>
    [Theory]
    [InlineData("line-1/pump-3", 0)]
    [InlineData("Kühlung/Ω", 0)]
    public void An_asset_belongs_to_the_index_with_the_highest_digest(string asset, int owner) => Assert.Equal(owner, new Partition(3, 0).OwnerOf(asset));

    [Fact]
    public void Every_asset_is_kept_by_exactly_one_process()
    {
        var all = Enumerable.Range(0, 3).Select(index => new Partition(3, index)).ToList();
        Assert.All(Assets, asset => Assert.Single(all, partition => partition.Keeps(asset)));
        Assert.All(all, partition => Assert.InRange(Assets.Count(partition.Keeps), 900, 1100));
    }

    [Fact]
    public void With_a_fourth_process_a_quarter_of_the_assets_moves_to_it_and_none_elsewhere()
    {
        var (three, four) = (new Partition(3, 0), new Partition(4, 0));
        var moved = Assets.Where(asset => three.OwnerOf(asset) != four.OwnerOf(asset)).ToList();
        Assert.All(moved, asset => Assert.Equal(3, four.OwnerOf(asset)));
        Assert.InRange(moved.Count, 675, 825);
    }

    [Theory]
    [InlineData("edgegateway-0", 0)]
    [InlineData("edge-gateway-2", 2)]
    [InlineData("edgegateway-3", null)]
    [InlineData("edgegateway", null)]
    [InlineData("2", null)]
    [InlineData("edgegateway-", null)]
    [InlineData("edgegateway-1x", null)]
    [InlineData("edgegateway--1", 1)]
    public void The_ordinal_of_a_pod_is_the_number_at_the_end_of_its_name(string host, int? ordinal) => Assert.Equal(ordinal, Partition.OrdinalOf(host, 3));

    [Fact]
    public void Each_process_has_names_of_its_own_at_the_broker()
    {
        var settings = SettingsSamples.Read(SettingsSamples.With(SettingsSamples.With(SettingsSamples.Full, "partition", """{ "of": 3, "index": 2 }"""), "broker.clientId", "\"mine\"")).Settings!;
        Assert.Equal(("north-3-2", "mine-2"), (settings.Gateway, settings.Broker!.ClientId));
        settings = SettingsSamples.Read(SettingsSamples.With(SettingsSamples.With(SettingsSamples.Full, "partition", """{ "of": 3, "index": 2 }"""), "broker.clientId", null)).Settings!;
        Assert.Equal("edgegateway-north-3-2", settings.Broker!.ClientId);
    }
}
