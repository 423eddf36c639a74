using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGateway.Settings;

/// <summary>
/// The share of the assets that this process judges where several share a site: those that rendezvous hashing gives to its index (Thaler and Ravishankar, A Name-Based Mapping Scheme for
/// Rendezvous, 1996). With one process more, each of the others gives an equal part of its assets to the new one, and none moves between the others.
/// </summary>
/// <param name="Of">How many processes there are, 1 to 1,024.</param>
/// <param name="Index">Which of them this is, from 0; null when it should follow from the name of the host and does not.</param>
public sealed record Partition(int Of, int? Index)
{
    /// <summary>Most processes.</summary>
    public const int Most = 1024;

    /// <summary>One process for everything.</summary>
    public static Partition Whole { get; } = new(1, 0);

    /// <summary>Whether there are others.</summary>
    public bool IsShared => Of > 1;

    /// <summary>What stands behind the names of this process, "-2"; "" for one that is alone.</summary>
    public string Suffix => IsShared ? string.Create(CultureInfo.InvariantCulture, $"-{Index}") : "";

    /// <summary>Whether an asset is this process's to judge.</summary>
    public bool Keeps(string asset) => !IsShared || OwnerOf(asset) == Index;

    /// <summary>The index whose SHA-256 of <c>{index}/{asset}</c> (UTF-8) is the highest.</summary>
    public int OwnerOf(string asset)
    {
        Span<byte> highest = stackalloc byte[SHA256.HashSizeInBytes], hash = stackalloc byte[SHA256.HashSizeInBytes];
        var owner = 0;
        for (var index = 0; index < Of; index++)
        {
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{index}/{asset}")), hash);
            if (index == 0 || hash.SequenceCompareTo(highest) > 0)
            {
                owner = index;
                hash.CopyTo(highest);
            }
        }

        return owner;
    }

    /// <summary>The number at the end of a host's name, as the pods of a Kubernetes StatefulSet have it (<c>edgegateway-2</c>); null without one that fits.</summary>
    internal static int? OrdinalOf(string host, int of) =>
        int.TryParse(host.AsSpan(host.LastIndexOf('-') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) && host.Contains('-', StringComparison.Ordinal) && ordinal < of ? ordinal : null;
}
