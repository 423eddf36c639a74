using System.Globalization;

namespace EdgeGateway.Updates.Fetching;

/// <summary>One file to fetch.</summary>
/// <param name="Url">Where it is; absolute. Its path is shown, its query is not.</param>
/// <param name="Query">What is appended to the address in the request, the SAS of a store; null for nothing. A secret: it appears nowhere else.</param>
/// <param name="MostBytes">The most that is taken.</param>
/// <param name="Size">Its length in bytes; null: not known, at most <paramref name="MostBytes"/>.</param>
/// <param name="Sha256">Of its bytes, lower-case hexadecimal; null: not known, so that it is fetched in one piece and proven by what reads it.</param>
internal sealed record FetchTarget(Uri Url, string? Query, long MostBytes, long? Size, string? Sha256)
{
    private const int LongestPath = 120;

    /// <summary>Host and path, for a sentence; ASCII alone.</summary>
    public string Place
    {
        get
        {
            var (host, path) = (Url.HostNameType == UriHostNameType.IPv6 ? $"[{Url.IdnHost}]" : Url.IdnHost, Url.AbsolutePath);
            return $"{host}{(Url.IsDefaultPort ? "" : $":{Url.Port}")}{(path.Length <= LongestPath ? path : $"{path[..LongestPath]}...")}";
        }
    }

    /// <summary>What is asked for.</summary>
    public Uri Request => Query is null ? Url : new UriBuilder(Url) { Query = $"{Url.Query.TrimStart('?')}{(Url.Query.Length > 1 ? "&" : "")}{Query.TrimStart('?')}" }.Uri;

    /// <summary>When the SAS in <see cref="Query"/> says that it expires; null when it does not.</summary>
    public DateTimeOffset? QueryExpiry
    {
        get
        {
            var se = Query?.TrimStart('?').Split('&').FirstOrDefault(part => part.StartsWith("se=", StringComparison.Ordinal));
            return se is not null && DateTimeOffset.TryParse(Uri.UnescapeDataString(se[3..]), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiry) ? expiry : null;
        }
    }

    /// <summary>What a record says of itself would have the query in it.</summary>
    public override string ToString() => Place;
}
