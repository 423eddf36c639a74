using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace EdgeGateway.Storage;

/// <summary>
/// One SQLite file with one connection. WAL and synchronous=FULL: a transaction that returned is on the disk.
/// Threads: every use goes through <see cref="Use{T}"/> or <see cref="Transact{T}"/>, which hold the one lock.
/// Statements are prepared once and kept. Errors of SQLite leave as <see cref="StorageException"/>.
/// </summary>
internal sealed class Database : IDisposable
{
    private const string InMemory = ":memory:";

    private readonly Lock gate = new();
    private readonly Dictionary<string, SqliteCommand> statements = [];
    private readonly SqliteConnection connection;

    private Database(SqliteConnection connection, string path)
    {
        this.connection = connection;
        Path = path;
    }

    public string Path { get; }

    /// <summary>Opens or makes the file, checks its structure and brings its schema up to date. Throws on content that cannot be used: <see cref="DatabaseFile"/> moves it aside.</summary>
    public static Database Open(string path, DatabaseForm form)
    {
        // No pool: a pooled connection would keep a file open that is to be moved aside. The timeout is for a second process (commands of the operator).
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 }.ToString());
        var database = new Database(connection, path);
        try
        {
            database.Use(() => database.Prepare_NeedsLock(form));
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file that another process may be writing, to look at it: whatever its state, nothing is checked, changed or moved.</summary>
    public static Database OpenReadOnly(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 5 }.ToString());
        var database = new Database(connection, path);
        try
        {
            database.Use(() =>
            {
                connection.Open();
                return database.Value_NeedsLock("SELECT 1 FROM sqlite_schema LIMIT 1");
            });
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Runs under the lock, without a transaction of its own: for single statements.</summary>
    public T Use<T>(Func<T> work)
    {
        lock (gate)
        {
            try
            {
                return work();
            }
            catch (SqliteException failure)
            {
                throw Translate(failure);
            }
        }
    }

    /// <summary>Runs under the lock in one transaction: all of it is on the disk when this returns, or none of it is.</summary>
    public T Transact<T>(Func<T> work) => Use(() =>
    {
        Execute_NeedsLock("BEGIN IMMEDIATE");
        try
        {
            var result = work();
            Execute_NeedsLock("COMMIT");
            return result;
        }
        catch
        {
            RollBack_NeedsLock();
            throw;
        }
    });

    /// <summary>Runs one statement with values for $1, $2 ...; returns the number of rows changed.</summary>
    public int Execute_NeedsLock(string sql, params ReadOnlySpan<object> values) => Bind_NeedsLock(sql, values).ExecuteNonQuery();

    public SqliteDataReader Query_NeedsLock(string sql, params ReadOnlySpan<object> values) => Bind_NeedsLock(sql, values).ExecuteReader();

    /// <summary>The first column of the first row; null when there is none.</summary>
    public object? Value_NeedsLock(string sql, params ReadOnlySpan<object> values) =>
        Bind_NeedsLock(sql, values).ExecuteScalar() is var value and not DBNull ? value : null;

    /// <summary>Takes over what a file of a newer version holds: every table that both have, every column that both have. All or nothing.</summary>
    /// <exception cref="StorageException">What it holds does not fit.</exception>
    public void TakeOver(string newer) => Use(() =>
    {
        Execute_NeedsLock("ATTACH DATABASE $1 AS newer", newer);
        try
        {
            return Transact(() =>
            {
                foreach (var table in Names_NeedsLock("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name IN (SELECT name FROM newer.sqlite_schema)"))
                {
                    var columns = string.Join(", ", Names_NeedsLock("SELECT o.name FROM pragma_table_info($1, 'main') o JOIN pragma_table_info($1, 'newer') n ON n.name = o.name", table).Select(c => $"\"{c}\""));
                    Execute_NeedsLock($"INSERT INTO main.\"{table}\" ({columns}) SELECT {columns} FROM newer.\"{table}\"");
                }

                // numbers that were given once are not given again
                Execute_NeedsLock("DELETE FROM main.sqlite_sequence");
                Execute_NeedsLock("INSERT INTO main.sqlite_sequence SELECT name, seq FROM newer.sqlite_sequence WHERE name IN (SELECT name FROM main.sqlite_schema)");
                return true;
            });
        }
        finally
        {
            Execute_NeedsLock("DETACH DATABASE newer");
        }
    });

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var statement in statements.Values)
            {
                statement.Dispose();
            }

            statements.Clear();
            connection.Dispose();
        }
    }

    private List<string> Names_NeedsLock(string sql, params ReadOnlySpan<object> values)
    {
        using var rows = Query_NeedsLock(sql, values);
        var names = new List<string>();
        while (rows.Read())
        {
            names.Add(rows.GetString(0));
        }

        return names;
    }

    private bool Prepare_NeedsLock(DatabaseForm form)
    {
        connection.Open();
        Execute_NeedsLock($"PRAGMA page_size={form.PageSize}");
        if (form.OneProcess)
        {
            Execute_NeedsLock("PRAGMA locking_mode=EXCLUSIVE");
        }

        Execute_NeedsLock("PRAGMA journal_mode=WAL");
        Execute_NeedsLock("PRAGMA synchronous=FULL");
        Execute_NeedsLock("PRAGMA secure_delete=OFF");
        Execute_NeedsLock("PRAGMA journal_size_limit=16777216");
        if (Value_NeedsLock("PRAGMA integrity_check(1)") is var verdict and not "ok")
        {
            throw new StorageException(StorageFault.Damaged, Path, $"integrity_check says: {verdict}");
        }

        Migrate_NeedsLock(form.Migrations);
        CheckSchema_NeedsLock(form);
        Execute_NeedsLock("PRAGMA application_id=0x45474757"); // EGGW; also the trial write: what takes none is found now, not with the first alert
        return true;
    }

    /// <summary>A sound file can still be another one's, or have lost a table with its schema page: compare with a new one in memory.</summary>
    private void CheckSchema_NeedsLock(DatabaseForm form)
    {
        const string Schema = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)";
        if (Path == InMemory)
        {
            return;
        }

        using var sample = Open(InMemory, form);
        if ((string?)Value_NeedsLock(Schema) != (string?)sample.Value_NeedsLock(Schema))
        {
            throw new StorageException(StorageFault.Damaged, Path, "its tables are not those of this module");
        }
    }

    /// <summary>user_version counts the migrations that have run; each runs once, in its own transaction.</summary>
    private void Migrate_NeedsLock(IReadOnlyList<string> migrations)
    {
        var version = (long)Value_NeedsLock("PRAGMA user_version")!;
        if (version > migrations.Count)
        {
            throw new StorageException(StorageFault.Newer, Path, $"schema {version} was written by a newer module, this one knows {migrations.Count}");
        }

        for (var next = (int)version; next < migrations.Count; next++)
        {
            var sql = $"{migrations[next]}; PRAGMA user_version={next + 1};";
            Transact(() => Execute_NeedsLock(sql));
        }
    }

    private SqliteCommand Bind_NeedsLock(string sql, ReadOnlySpan<object> values)
    {
        if (!statements.TryGetValue(sql, out var command))
        {
            command = MakeCommand(sql, values.Length);
            statements.Add(sql, command);
        }

        for (var index = 0; index < values.Length; index++)
        {
            command.Parameters[index].Value = values[index];
        }

        return command;
    }

    [SuppressMessage("Security", "CA2100", Justification = "Every statement is a constant of this folder, or names tables and columns of it; values are bound.")]
    private SqliteCommand MakeCommand(string sql, int parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var index = 1; index <= parameters; index++)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = $"${index}" });
        }

        return command;
    }

    private void RollBack_NeedsLock()
    {
        try
        {
            Execute_NeedsLock("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has already rolled back by itself, as it does on a full disk; the first error is the one to report.
        }
    }

    private StorageException Translate(SqliteException failure)
    {
        var fault = failure.SqliteErrorCode switch
        {
            13 => StorageFault.Full,
            10 when failure.SqliteExtendedErrorCode == 4874 => StorageFault.Full, // no room for the shared memory file
            8 => StorageFault.ReadOnly,
            1 or 11 or 26 => StorageFault.Damaged, // 1: the statements are constants and right, so the file is not
            _ => StorageFault.Failed,
        };
        return new StorageException(fault, Path, $"SQLite {failure.SqliteExtendedErrorCode}: {failure.Message}", failure);
    }
}
