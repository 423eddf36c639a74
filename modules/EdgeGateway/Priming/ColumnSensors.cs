using EdgeGateway.Ingest;
using EdgeGateway.Settings;

namespace EdgeGateway.Priming;

/// <summary>The sensors of the columns of a history, as the settings would make them of live readings.</summary>
/// <param name="known">Ids of the sensors that have a state.</param>
internal sealed class ColumnSensors(GatewaySettings settings, SensorRegistry registry, IReadOnlySet<string> known)
{
    private readonly SourceMaps sources = new(settings.Sources);

    /// <summary>The sensor of an id; null with a clause that says why there is none.</summary>
    public Sensor? Find(string id, out string reason)
    {
        reason = "it has a state already, which stays as it is";
        if (known.Contains(id))
        {
            return null;
        }

        var origins = settings.Sources.SelectMany(source => SensorOrigin.Of(id, source)).Where(origin => Gives(origin, id)).Distinct().ToList();
        if (origins is not [var only])
        {
            reason = origins.Count == 0 ? "no source gives a sensor of this id" : $"it could come from {string.Join(" and ", origins.Select(o => o.Topic.Replace('\0', ' ')))}";
            return null;
        }

        reason = registry.Find(only.Topic) is { IsForeign: true } ? "another process of the partition judges it"
            : $"there are {settings.Bounds.Sensors} sensors with it (bounds.sensors), or its name is too long or has control characters";
        return registry.Restore(only.Topic, only.ValueName);
    }

    /// <summary>What the ids of the sensors look like, a line for each source.</summary>
    public IEnumerable<string> Forms() => settings.Sources.Select(source =>
        $"{source.Name}: {(SensorOrigin.IsToldById(source) ? string.Join(", ", SensorOrigin.Forms(source)) : "cannot be primed, as an id does not tell from which topic it comes")}");

    private bool Gives(SensorOrigin origin, string id) => sources.Bind(origin.Topic) is { } binding && binding.Map.Has(origin.ValueName) && binding.IdOf(origin.ValueName) == id;
}
