using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Hubstand.Identities;

/// <summary>The registered identities, kept in <c>identities.json</c> of the data folder.</summary>
internal sealed class IdentityStore
{
    private readonly ConcurrentDictionary<IdentityName, Identity> identities;
    private readonly string path;
    private readonly Lock writing = new();

    public IdentityStore(string folder)
    {
        path = Path.Combine(folder, "identities.json");
        var known = AtomicFile.TryRead(path) is { } json ? JsonSerializer.Deserialize<List<Identity>>(json)! : [];
        identities = new(known.Select(i => KeyValuePair.Create(i.Name, i)));
    }

    /// <summary>All of them, in the order of their names.</summary>
    public IReadOnlyList<Identity> All => [.. identities.Values.OrderBy(i => i.Name.ToString(), StringComparer.Ordinal)];

    public bool TryFind(IdentityName name, [NotNullWhen(true)] out Identity? identity) => identities.TryGetValue(name, out identity);

    /// <summary>The identity of that name; made with new keys when it is not known.</summary>
    public Identity Ensure(IdentityName name)
    {
        var identity = identities.GetOrAdd(name, New);
        Write();
        return identity;
    }

    /// <summary>Changes a registered identity, as <paramref name="change"/> says.</summary>
    public Identity Change(IdentityName name, Func<Identity, Identity> change)
    {
        var changed = identities.AddOrUpdate(name, n => change(New(n)), (_, old) => change(old));
        Write();
        return changed;
    }

    public bool Remove(IdentityName name)
    {
        var removed = identities.TryRemove(name, out _);
        Write();
        return removed;
    }

    private static Identity New(IdentityName name) =>
        new(name, Convert.ToInt64(RandomNumberGenerator.GetInt32(1, int.MaxValue)).ToString("D18", CultureInfo.InvariantCulture), Key(), Key());

    private static string Key() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private void Write()
    {
        lock (writing)
        {
            AtomicFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(All));
        }
    }
}
