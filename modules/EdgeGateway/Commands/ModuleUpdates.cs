using EdgeGateway.Hub;
using EdgeGateway.Models;
using EdgeGateway.Phi;
using EdgeGateway.Settings;
using EdgeGateway.Updates;
using EdgeGateway.Updates.Fetching;
using EdgeGateway.Updates.Keys;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Updates.Trust;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Commands;

/// <summary>Puts together what brings models, adapters and keys to the process of <c>run</c>.</summary>
internal static class ModuleUpdates
{
    /// <param name="data">The data folder.</param>
    /// <param name="settings">Of the site files: they are the same as long as the process lives.</param>
    /// <param name="withStagesStopped">Does something while no window is judged.</param>
    /// <param name="now">The settings in force; null before there are any.</param>
    /// <param name="changed">Told when something changed that is reported.</param>
    /// <param name="damaged">Told of a file that was damaged and is begun anew, a sentence.</param>
    public static UpdateWorker Create(string data, HubEnvironment? environment, UpdateSettings settings, MemoryProtection memory, ModelHost host, Func<Action, CancellationToken, Task> withStagesStopped, Func<GatewaySettings?> now, Action changed, Action<string> damaged, TimeProvider clock, ILoggerFactory loggers)
    {
        var (folder, logger) = (Path.Combine(data, TrustStore.FolderName), loggers.CreateLogger<UpdateWorker>());
        var slots = SlotsFile.Open(folder, out var problem);
        if (problem is not null)
        {
            logger.UpdatesImpaired(problem);
            damaged(problem);
        }

        Inbox.Make(data);
        var log = new TrustLog(folder, clock, logger);
        var device = DeviceKey.Of(folder, environment, clock, log);
        var trust = new TrustStore(folder, FirstRoot.Read(settings.RootFile, AppContext.BaseDirectory), clock, GatewayRegistration.Release(), log, logger);
        UpdateWorker worker = null!;
        var parts = new UpdateParts(slots, new PackageStore(folder), trust, log, device, new GroupKeys(folder, device, log), host, new StartWatch(slots, StartWatch.ThisMachine), clock, new Random(), logger)
        {
            Fetcher = new Fetcher(settings, clock),
            Memory = memory,
            Canonical = new Lazy<CanonicalWindows>(() => CanonicalWindows.Load(CanonicalWindows.BuiltIn)),
            Limits = settings.Proof,
            Detection = () => now()?.Detection ?? DetectionSettings.Default,
            FreeMemory = () => AvailableMemory.Bytes() - Environment.WorkingSet,
            Groups = () => worker.Groups,
            Query = slot => worker.QueryOf(slot),
            WithStagesStopped = withStagesStopped,
            LoadOwn = () => LoadedModel.Load(now()?.ModelPath ?? LoadedModel.BuiltIn, host.NeedsRoom()),
            Changed = changed,
            ModelChanged = () => worker.Reconsider(),
        };
        return worker = new UpdateWorker(data, parts);
    }
}
