namespace EdgeGateway.Export;

/// <summary>Names for others to see: the kind of thing and a number in the order in which they come. The same recordings give the same ones.</summary>
internal sealed class Pseudonyms(string kind)
{
    private readonly Dictionary<string, string> names = new(StringComparer.Ordinal);

    /// <summary>The one that stands for this name.</summary>
    public string Of(string name)
    {
        if (!names.TryGetValue(name, out var pseudonym))
        {
            pseudonym = $"{kind}-{names.Count + 1}";
            names.Add(name, pseudonym);
        }

        return pseudonym;
    }
}
