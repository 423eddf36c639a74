using EdgeGateway.Models;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Tests.Models;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Tests.Updates.Slots;

/// <summary>Models have room for adapters only where somebody asks for one, and get it when somebody begins to.</summary>
public sealed class AdapterRoomTests : IDisposable
{
    private readonly UpdateSite site = new() { NeedsRoom = false };
    private readonly TempFolder folder = new();

    public void Dispose()
    {
        site.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task The_model_of_a_package_is_loaded_anew_with_room_once_adapters_are_asked_for()
    {
        await ReadyAsync();
        site.PutModel(release: 1);
        await site.TurnAsync();
        site.Judge();
        await site.TurnAsync();
        Assert.Equal((false, true), (site.Host.Model!.HasRoom, site.Model.Confirmed));

        site.NeedsRoom = true;
        await site.TurnAsync();
        Assert.Equal((true, "phi-sensor 1", true), (site.Host.Model!.HasRoom, site.Host.Model.Version, site.Model.Confirmed));
        site.Judge();
        await site.TurnAsync();
        Assert.Empty(site.Model.Starts);
        var loaded = site.Host.Model;
        site.NeedsRoom = false;
        await site.TurnAsync();
        Assert.Same(loaded, site.Host.Model);
    }

    [Fact]
    public async Task The_image_s_model_is_loaded_anew_with_room_once_adapters_are_asked_for()
    {
        site.Host.UseFolder(LoadedModel.BuiltIn);
        await site.TurnAsync();
        Assert.False(site.Host.Model!.HasRoom);
        Assert.NotEqual(Timeout.InfiniteTimeSpan, await Slot(SlotId.Model).AdvanceAsync(TestContext.Current.CancellationToken));
        site.NeedsRoom = true;
        await site.TurnAsync();
        Assert.True(site.Host.Model!.HasRoom);
        Assert.Equal(Timeout.InfiniteTimeSpan, await Slot(SlotId.Model).AdvanceAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_adapter_waits_for_a_model_with_room()
    {
        await ReadyAsync();
        site.Host.UseFolder(LoadedModel.BuiltIn);
        var pumps = site.PutPackage(new PackageSlot(PackageKind.Adapter, "pumps"), SiteAdapter.Write(folder.File("pumps")), release: 1);
        await site.TurnAsync();
        Assert.Equal(("no-model", UpdateStep.Stage), (Slot(new SlotId("pumps")).Waiting.Code, site.Pumps.Candidate?.Step));
        site.NeedsRoom = true;
        await Slot(SlotId.Model).AdvanceAsync(TestContext.Current.CancellationToken);
        await Slot(new SlotId("pumps")).AdvanceAsync(TestContext.Current.CancellationToken);
        Assert.Equal((pumps, UpdateStep.WarmUp), (site.Pumps.Candidate?.Sha256, site.Pumps.Candidate?.Step));
    }

    private SlotUpdater Slot(SlotId id) => site.Worker.Slots.Single(slot => slot.Id == id);

    private async Task ReadyAsync()
    {
        await site.TurnAsync();
        site.Grant();
        await site.TurnAsync();
    }
}
