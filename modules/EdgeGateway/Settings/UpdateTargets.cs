using System.Collections.Immutable;

namespace EdgeGateway.Settings;

/// <summary>What an operator wants of models, adapters and keys; it says where they are, what they are is in signed files.</summary>
/// <param name="Model">Null: whatever was installed, else the image's.</param>
/// <param name="Adapters">By the names that sources give; what is not named any more is taken out.</param>
/// <param name="Root">The root that is to be reached, by its version.</param>
/// <param name="Grants">Group keys by the group's name, numbered by its epoch.</param>
public sealed record UpdateTargets(
    PackageAddress? Model, ImmutableSortedDictionary<string, PackageAddress> Adapters, FileAddress? Root, ImmutableSortedDictionary<string, FileAddress> Grants)
{
    /// <summary>Nothing in particular.</summary>
    public static UpdateTargets None { get; } = new(null, Ordered<PackageAddress>(), null, Ordered<FileAddress>());

    private static ImmutableSortedDictionary<string, T> Ordered<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}

/// <summary>A release of a package and where its manifest lies; its blobs lie in the folder <c>blobs</c> beside that.</summary>
/// <param name="Release">From 1.</param>
/// <param name="Url">https, without user, query and fragment.</param>
/// <param name="Sha256">Of manifest.json: 64 lower-case hexadecimal digits.</param>
/// <param name="Query">What each address is continued with, such as a shared access signature: a secret, in nothing that is shown. Null: nothing.</param>
/// <param name="Retry">Any other number than before asks for what was refused once more.</param>
public sealed record PackageAddress(int Release, Uri Url, string Sha256, string? Query, int Retry);

/// <summary>A root or a grant and where it lies.</summary>
/// <param name="Number">Version of the root or epoch of the group, from 1.</param>
/// <param name="Url">As in <see cref="PackageAddress"/>.</param>
/// <param name="Sha256">Of the file.</param>
/// <param name="Query">As in <see cref="PackageAddress"/>.</param>
public sealed record FileAddress(int Number, Uri Url, string Sha256, string? Query);
