using System.Security.Cryptography;
using System.Text;
using EdgeGateway.PhiTrain.Data;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>Parts of a site's recordings that are held back in turn.</summary>
internal static class DeviceParts
{
    private const int Most = 4;

    /// <summary>With two, nothing would be left to choose a threshold on.</summary>
    private const int Fewest = 3;

    /// <summary>
    /// The numbers of all recordings in four parts by device (three when there are three devices), first those that have events, dealt out by the order of a hash of their names, so
    /// that the order of the files does not matter. Recordings of one device stay together, unless there are fewer than three devices.
    /// </summary>
    public static int[][] Of(IReadOnlyList<LabelledRecording> recordings)
    {
        var devices = recordings.Select(r => r.Device).Distinct().Count();
        var parts = devices == Fewest ? Fewest : Most;
        var groups = Enumerable.Range(0, recordings.Count).GroupBy(r => devices >= Fewest ? recordings[r].Device : recordings[r].Name)
            .OrderByDescending(group => group.Any(r => recordings[r].ScoredEvents.Any()))
            .ThenBy(group => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(group.Key))), StringComparer.Ordinal).ToArray();
        return [.. Enumerable.Range(0, parts).Select(part => groups.Where((_, i) => i % parts == part).SelectMany(group => group).Order().ToArray())];
    }
}
