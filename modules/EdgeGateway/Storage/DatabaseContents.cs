using System.Collections.Immutable;

namespace EdgeGateway.Storage;

/// <summary>What gateway.db holds, by number, for a process that only looks: whatever its version, also while a gateway runs on it.</summary>
/// <param name="Schema">Migrations that have run.</param>
/// <param name="Rows">Rows of each table.</param>
internal sealed record DatabaseContents(long Schema, ImmutableSortedDictionary<string, long> Rows)
{
    /// <summary>Counts them.</summary>
    /// <exception cref="StorageException">There is no database, or it cannot be read.</exception>
    public static DatabaseContents Read(string folder)
    {
        var path = Path.Combine(folder, GatewayStore.FileName);
        using var database = File.Exists(path) ? Database.OpenReadOnly(path) : throw new StorageException(StorageFault.Failed, path, "there is no such file");
        return database.Use(() =>
        {
            var names = new List<string>();
            using (var rows = database.Query_NeedsLock("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"))
            {
                while (rows.Read())
                {
                    names.Add(rows.GetString(0));
                }
            }

            return new DatabaseContents(
                (long)database.Value_NeedsLock("PRAGMA user_version")!,
                names.ToImmutableSortedDictionary(name => name, name => (long)database.Value_NeedsLock($"SELECT COUNT(*) FROM \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")!, StringComparer.Ordinal));
        });
    }
}
