using System.Globalization;
using System.Net.Sockets;
using EdgeGateway.Hub;
using EdgeGateway.Models;
using EdgeGateway.Mqtt;
using EdgeGateway.Phi;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Storage;
using EdgeGateway.Updates;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Commands;

/// <summary>What a gateway finds around it: memory, disk, model, broker, hub. A line each, and where it needs an operator a sentence that says what to do.</summary>
internal static class Surroundings
{
    /// <summary>What the gateway needs with some sensors and the built-in model (docs/sizing.md).</summary>
    private const long LeastMemory = 200 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Memory and the volume of the data folder.</summary>
    public static IEnumerable<(string Fact, string? Need)> OfMachine(string data)
    {
        var memory = AvailableMemory.Bytes();
        yield return (Text($"memory       {memory >> 20} MiB for this process"), memory >= LeastMemory ? null : Text($"{memory >> 20} MiB of memory are too little: give the container at least {LeastMemory >> 20} MiB, and 512 for many sensors."));
        var folder = new DirectoryInfo(Path.GetFullPath(data));
        while (!folder.Exists && folder.Parent is { } parent)
        {
            folder = parent;
        }

        var volume = new DriveInfo(folder.FullName);
        yield return (
            Text($"volume       {data}: {volume.AvailableFreeSpace >> 20} of {volume.TotalSize >> 20} MiB are free"),
            ContainerLayer.Holds(folder.FullName) ? $"The data folder {data} goes with this container, and with it alerts that were not delivered: mount a volume there."
                : volume.AvailableFreeSpace < DataVolume.Reserve ? Text($"The volume of {data} has less than {DataVolume.Reserve >> 20} MiB free: make room, or alerts will have to wait.") : null);
    }

    /// <summary>Whether the model that judges while none is installed can be used. Its weights are not loaded: they may take all memory that is left beside a gateway that runs.</summary>
    /// <param name="folder">Of the settings; null for the one of this version.</param>
    public static (string Fact, string? Need) OfModel(string? folder)
    {
        try
        {
            var model = SensorModel.Load(folder ?? LoadedModel.BuiltIn);
            return ($"model        {model.Name} {(folder is null ? "of this version" : $"in {folder}")}", null);
        }
        catch (SensorModelException e)
        {
            return ($"model        in {folder ?? LoadedModel.BuiltIn} cannot be used", e.Message);
        }
    }

    /// <summary>What was installed in place of it and beside it.</summary>
    /// <param name="folder">Of the updates.</param>
    public static IEnumerable<(string Fact, string? Need)> OfSlots(string folder)
    {
        try
        {
            var slots = SlotsFile.Look(folder);
            return [.. slots.All.Where(id => slots[id].Active is not null).Select(id => (Text($"installed    {id}: {slots[id].Active!.Name} release {slots[id].Active!.Release}"), (string?)null))];
        }
        catch (StorageException e)
        {
            return [("installed    cannot be read", $"{e.Path} cannot be read ({e.Detail}): the gateway puts it aside at its next start and installs anew what the settings ask for.")];
        }
    }

    /// <summary>Whether the broker of the settings lets us in, under a name of its own so that a gateway that runs is not pushed off.</summary>
    public static async Task<(string Fact, string? Need)> OfBrokerAsync(BrokerSettings broker, TimeProvider clock, CancellationToken token)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, token);
        string? trouble;
        try
        {
            trouble = await TopicListener.ListenAsync(broker, "edgegateway/doctor", (_, _, _) => { }, TimeSpan.Zero, clock, either.Token);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            trouble = Text($"it has not answered for {Patience.TotalSeconds} seconds");
        }

        var name = Text($"{broker.Host}:{broker.Port}");
        return trouble is null ? ($"broker       {name} lets this gateway in", null)
            : ($"broker       {name} does not let this gateway in", $"The broker {name} cannot be used: {trouble}; look at the section broker of the settings, and at the broker's log.");
    }

    /// <summary>Whether the hub can be reached; it is not signed in to, which would push off a gateway that runs.</summary>
    public static async Task<(string Fact, string? Need)> OfHubAsync(HubEnvironment environment, HubSettings settings, TimeProvider clock, CancellationToken token)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, token);
        var name = Text($"{environment.Host}:{settings.Port}");
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(environment.Host, settings.Port, either.Token);
            return ($"hub          {name} answers, as {environment.Identity.Device}/{environment.Identity.Module}", null);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !token.IsCancellationRequested))
        {
            return ($"hub          {name} does not answer", $"The hub {name} cannot be reached ({(e is SocketException ? e.Message : Text($"nothing for {Patience.TotalSeconds} seconds"))}): alerts wait here; look at the network, and at edgeHub if it is that.");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
