namespace EdgeGateway.Alerts;

/// <summary>How many alerts are open, not shelved and of assets in service, by family and asset, and by family and source.</summary>
internal sealed class OpenAlerts
{
    private readonly Dictionary<(string Family, string Asset), int> byAsset = [];
    private readonly Dictionary<(string Family, string Source), int> bySource = [];

    /// <summary>Of this family at this asset.</summary>
    public int OfAsset(string family, string asset) => byAsset.GetValueOrDefault((family, asset));

    /// <summary>Of this family at this source.</summary>
    public int OfSource(string family, string source) => bySource.GetValueOrDefault((family, source));

    /// <summary>One alert takes the place of another of the same condition.</summary>
    public void Replace(Alert? before, Alert? after)
    {
        Add(before, -1);
        Add(after, 1);
    }

    private void Add(Alert? alert, int number)
    {
        if (alert is { Active: true, ShelvedUntil: null, OutOfServiceUntil: null })
        {
            Add(byAsset, (alert.Family, alert.Asset), number);
            Add(bySource, (alert.Family, alert.Source), number);
        }
    }

    private static void Add(Dictionary<(string, string), int> counts, (string, string) name, int number)
    {
        var count = counts.GetValueOrDefault(name) + number;
        if (count == 0)
        {
            counts.Remove(name);
        }
        else
        {
            counts[name] = count;
        }
    }
}
