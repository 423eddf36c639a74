using System.Collections.Immutable;
using System.Text.Json;

namespace EdgeGateway.Settings;

/// <summary>Several documents as one: each key and each source remembers the file that it came from.</summary>
internal sealed class SettingsDocument
{
    private readonly Dictionary<string, SettingsField> fields = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SettingsField> sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SettingsField> maintenance = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SettingsField> adapters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SettingsField> groupKeys = new(StringComparer.Ordinal);
    private readonly List<SettingsSection> layers = [];
    private readonly SettingsReport report;

    private SettingsDocument(string origin, SettingsReport report)
    {
        Place = new SettingsPlace(origin, "");
        this.report = report;
    }

    /// <summary>The root of the first document, where missing keys are missing.</summary>
    public SettingsPlace Place { get; }

    /// <summary>The sources of all documents, in the order in which their names first came.</summary>
    public IReadOnlyDictionary<string, SettingsField> Sources => sources;

    /// <summary>The maintenance windows of all documents, in the order in which their names first came.</summary>
    public IReadOnlyDictionary<string, SettingsField> Maintenance => maintenance;

    /// <summary>The adapters of all documents.</summary>
    public IReadOnlyDictionary<string, SettingsField> Adapters => adapters;

    /// <summary>The group keys of all documents.</summary>
    public IReadOnlyDictionary<string, SettingsField> GroupKeys => groupKeys;

    /// <summary>The folder of a model that the newest site file names; a section of the twin, which may name none, leaves it.</summary>
    public SettingsField? ModelPath { get; private set; }

    /// <summary>Whether no document names a single source, not even one that was refused.</summary>
    public bool HasNoSources => !layers.Exists(layer =>
        layer["sources"] is { } map && (!map.Is(JsonValueKind.Object) || map.Value.EnumerateObject().Any()));

    public SettingsField? this[string key] => fields.TryGetValue(key, out var field) ? field : null;

    /// <summary>Null when a document is not JSON: what is missing cannot be said then.</summary>
    public static SettingsDocument? Merge(ImmutableArray<SettingsLayer> layers, SettingsReport report)
    {
        var document = new SettingsDocument(layers[0].Origin, report);
        var readable = true;
        foreach (var layer in layers)
        {
            var root = SettingsJson.Parse(layer.Json, layer.Origin, report);
            var section = root is null ? null : SettingsSection.Open(new SettingsField(root.Value, new SettingsPlace(layer.Origin, ""), report), "");
            readable &= section is not null;
            if (section is not null)
            {
                RefuseSiteKeys(layer, section);
                document.Add(section);
            }
        }

        return readable ? document : null;
    }

    public SettingsField? Required(string key, string hint)
    {
        if (!layers.Exists(layer => layer.Mentions(key)))
        {
            report.Error(Place.Key(key), $"is missing; write {hint}");
        }

        return this[key];
    }

    /// <summary>The sections that are in force, and where they come from.</summary>
    public ImmutableArray<WrittenSection> Written() =>
    [
        .. fields.Where(f => f.Key is not ("schema" or "sources" or "adapters")).Select(f => new WrittenSection(f.Key, f.Value.Place.Origin, f.Value.Value)),
        .. sources.Select(s => new WrittenSection($"sources.{s.Key}", s.Value.Place.Origin, s.Value.Value)),
        .. maintenance.Select(m => new WrittenSection($"alerts.maintenance.{m.Key}", m.Value.Place.Origin, m.Value.Value)),
        .. adapters.Select(a => new WrittenSection($"adapters.{a.Key}", a.Value.Place.Origin, a.Value.Value)),
        .. groupKeys.Select(k => new WrittenSection($"trust.keys.{k.Key}", k.Value.Place.Origin, k.Value.Value)),
    ];

    /// <summary>Refuses in a twin what belongs to the site file.</summary>
    private static void RefuseSiteKeys(SettingsLayer layer, SettingsSection section)
    {
        foreach (var (level, key) in layer.IsTwin ? SettingsSchema.SiteOnly : [])
        {
            var place = level.Length == 0 ? section.Place : section.Place.Key(level);
            if (level.Length == 0 ? section.Mentions(key) : section[level] is { Value.ValueKind: JsonValueKind.Object } inner && inner.Value.TryGetProperty(key, out _))
            {
                section.Report.Error(place.Key(key), "belongs to the site file alone; remove it from the twin");
            }
        }
    }

    private void Add(SettingsSection layer)
    {
        layers.Add(layer);

        // Every document is held to its own schema number, whatever lies over it.
        layer["schema"]?.Integer(1, 1);
        foreach (var key in SettingsSchema.KeysByLevel[""])
        {
            if (layer[key] is { } field)
            {
                fields[key] = field;
            }
        }

        AddByName(sources, layer["sources"]);
        AddByName(maintenance, Within(layer["alerts"], "maintenance"));
        AddByName(adapters, layer["adapters"]);
        AddByName(groupKeys, Within(layer["trust"], "keys"));
        ModelPath = Within(layer["model"], "path") ?? ModelPath;
    }

    private SettingsField? Within(SettingsField? section, string key) =>
        section is { Value.ValueKind: JsonValueKind.Object } found && found.Value.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
            ? new SettingsField(value, found.Place.Key(key), report) : null;

    private static void AddByName(Dictionary<string, SettingsField> all, SettingsField? map)
    {
        foreach (var (name, entry) in map is { } present ? SettingsSection.OpenMap(present) : [])
        {
            all[name] = entry;
        }
    }
}
