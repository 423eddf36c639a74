using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using EdgeGateway.Storage;
using EdgeGateway.Twin;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Commands;

/// <summary>What a process starts on: the site files, a name from its identity below them, and what an earlier run under this identity left on disk. Says what is wrong with them.</summary>
internal sealed class StartSettings
{
    /// <summary>Where what nobody wrote comes from; what is missing there the twin will bring.</summary>
    private const string BelowAllName = "identity";

    private readonly HubIdentity? identity;
    private readonly ILogger logger;

    /// <param name="config">The site file; null where the twin says everything.</param>
    /// <param name="data">The folder of the last good settings.</param>
    /// <param name="identity">Who we are at the hub; null without one.</param>
    public StartSettings(string? config, string data, HubIdentity? identity, ILogger logger)
    {
        (this.identity, this.logger, File) = (identity, logger, new LastGoodFile(data));
        var site = SiteLayers(config);
        Good = Remembered();
        Layers = Usable(site, Good);
    }

    /// <summary>Where the last good settings are kept.</summary>
    public LastGoodFile File { get; }

    /// <summary>Why site files are left out, all of them, for those that were last good; empty while they are used.</summary>
    public ImmutableArray<SettingsProblem> Problems { get; private set; } = [];

    /// <summary>What was begun anew because its file was damaged, a sentence each.</summary>
    public ImmutableArray<string> Damage { get; private set; } = [];

    /// <summary>What an earlier run knew; null for nothing.</summary>
    public LastGood? Good { get; }

    /// <summary>The layers below the twin, and the twin over them.</summary>
    public LayeredSettings Layers { get; }

    /// <summary>The settings in force while the hub says nothing else, with all that is wrong with them; null where nobody has written any. Changes nothing.</summary>
    public static SettingsReadResult? Look(string? config, string data, HubIdentity? identity)
    {
        var start = new StartSettings(config, data, identity, NullLogger.Instance);
        var read = start.Layers.Restore(start.Good?.Good.AsEnumerable() ?? []);
        return config is null && start.Good is null ? null : read with { Errors = [.. start.Problems, .. start.Layers.Site.IsEmpty && start.Problems.Length > 0 ? [] : read.Errors] };
    }

    /// <summary>The settings to start on: site files under the twin as it was last good; else all as it was last good. Null where there is nothing but a twin to wait for.</summary>
    public SettingsReadResult? Begin()
    {
        Damage = File.PutAside() is { } damaged ? [damaged] : [];
        foreach (var problem in Problems)
        {
            Console.Error.WriteLine(problem);
        }

        if (!Problems.IsEmpty && !Layers.Site.IsEmpty)
        {
            Console.Error.WriteLine("The gateway runs on the settings that were last good.");
        }

        var read = Layers.Site.IsEmpty ? null : Layers.Restore(Good?.Good.AsEnumerable() ?? []);
        Say(read);
        if (read?.Settings is not null && File.Write(new LastGood(identity, Good?.Version, Good?.Desired ?? [], Layers.Good, Layers.Site)) is { } unwritten)
        {
            logger.LastGoodUnusable(unwritten);
        }

        return read;
    }

    private ImmutableArray<SettingsLayer> SiteLayers(string? config)
    {
        ImmutableArray<SettingsLayer> below = identity is null ? [] : [BelowAll(identity)];
        if (config is null)
        {
            return below;
        }

        var site = SettingsFiles.ReadLayers(config, out var problems);
        Problems = problems;

        // what was not read must not look as if it had been left out
        return problems.IsEmpty ? below.AddRange(site) : [];
    }

    private LastGood? Remembered()
    {
        var read = File.Read(out var problem);
        if (problem is not null)
        {
            logger.LastGoodUnusable(problem);
        }

        if (read is not null && read.Identity != identity)
        {
            logger.OtherIdentity(read.Identity?.ToString() ?? "no hub", identity?.ToString() ?? "no hub");
            return null;
        }

        return read;
    }

    /// <summary>The site files as they are, or, when they cannot be used, as they were last good: what the twin says then lies over these until the files are mended.</summary>
    private LayeredSettings Usable(ImmutableArray<SettingsLayer> site, LastGood? good)
    {
        var read = site.IsEmpty ? null : new LayeredSettings(site).Restore(good?.Good.AsEnumerable() ?? []);
        if (read?.Settings is not null || good is not { Site.IsEmpty: false } || new LayeredSettings(good.Site).Restore(good.Good).Settings is null)
        {
            return new LayeredSettings(site);
        }

        Problems = [.. Problems, .. read?.Errors.Where(p => p.Origin != BelowAllName) ?? []];
        return new LayeredSettings(good.Site);
    }

    private static void Say(SettingsReadResult? read)
    {
        foreach (var problem in read is null ? [] : read.Errors.Concat(read.UnknownKeys).Concat(read.Warnings).Where(p => p.Origin != BelowAllName))
        {
            Console.Error.WriteLine(problem);
        }
    }

    /// <summary>Under everything: the schema, and a name from the identity.</summary>
    private static SettingsLayer BelowAll(HubIdentity identity)
    {
        var name = string.Concat($"{identity.Device}-{identity.Module}".TrimEnd('-').Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));
        var layer = new JsonObject { ["schema"] = 1, ["gateway"] = name.Length <= 64 ? name : name[..64] };
        return new SettingsLayer(Encoding.UTF8.GetBytes(layer.ToJsonString()), BelowAllName);
    }
}
