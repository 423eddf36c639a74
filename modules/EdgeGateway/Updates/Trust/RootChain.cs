using System.Collections.Immutable;
using System.Globalization;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Roots;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Storage;

namespace EdgeGateway.Updates.Trust;

/// <summary>
/// The roots from the first one on, each signed by the one before, kept as <c>roots/root.{version}.json</c>. They are verified at every start, from the first root on, which does
/// not lie there: who can write the folder can plant none.
/// </summary>
internal sealed class RootChain(string folder)
{
    private readonly string roots = Path.Combine(folder, "roots");

    /// <summary>Begins with the first root, and goes on with the files as far as they verify.</summary>
    /// <param name="problem">Why there is no root, or why not all files are used; one sentence.</param>
    public ImmutableArray<Root> Read(FirstRoot first, out string? problem)
    {
        problem = first.Problem;
        if (first.Envelope is null)
        {
            return [];
        }

        if (!RootVerifier.TryStart(first.Envelope, out var state, out var refusal))
        {
            problem = $"{first.Source} cannot be the root of trust, so that nothing can be installed: {refusal.Sentence}";
            return [];
        }

        var chain = ImmutableArray.Create(state.Root);
        while (KeptFile.Read(PathOf(state.Root.Version + 1L), Envelope.MaxBytes, out var unread) is var bytes)
        {
            if (bytes is null || !RootVerifier.TryUpdate(state, bytes, null, out var next, out refusal))
            {
                problem ??= unread ?? (bytes is not null ? $"{PathOf(state.Root.Version + 1L)} is not used: {refusal!.Sentence}" : Beyond(state.Root.Version));
                break;
            }

            chain = chain.Add((state = next).Root);
        }

        return chain;
    }

    /// <summary>Keeps the next one.</summary>
    /// <exception cref="StorageException">It is not kept.</exception>
    public void Write(int version, ReadOnlySpan<byte> envelope)
    {
        Directory.CreateDirectory(roots);
        DurableFile.Replace(PathOf(version), envelope);
    }

    private string PathOf(long version) => Path.Combine(roots, string.Create(CultureInfo.InvariantCulture, $"root.{version}.json"));

    /// <summary>A sentence when there are later ones without the one between.</summary>
    private string? Beyond(int version)
    {
        var highest = (Directory.Exists(roots) ? Directory.GetFiles(roots, "root.*.json") : [])
            .Select(path => int.TryParse(Path.GetFileName(path)["root.".Length..^".json".Length], CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Append(0).Max();
        return highest > version ? $"{PathOf(highest)} is not used, for root version {version + 1L} is missing: bring that one." : null;
    }
}
