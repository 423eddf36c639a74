using System.Collections.Immutable;

namespace EdgeGateway.Models;

/// <summary>A model that judged until now, and the adapters that did on it, by name. Whoever is handed it owns it: keeps it to put it back, or disposes it.</summary>
internal sealed record ModelInUse(LoadedModel Model, ImmutableDictionary<string, LoadedAdapter> Adapters) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var adapter in Adapters.Values)
        {
            adapter.Dispose();
        }

        Model.Dispose();
    }
}
