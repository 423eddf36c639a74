using EdgeGateway.Settings;

namespace EdgeGateway.Support;

/// <summary>The secrets that a gateway was given, so that none of them stays where it was written by mistake.</summary>
internal static class KnownSecrets
{
    /// <summary>Those of its environment, of the files that its settings name, and the queries of addresses.</summary>
    /// <param name="read">The settings; null where there are none.</param>
    /// <param name="variables">The environment of the process.</param>
    public static IEnumerable<string> Of(SettingsReadResult? read, IReadOnlyDictionary<string, string> variables)
    {
        var strings = variables.Where(v => v.Key.EndsWith("ConnectionString", StringComparison.OrdinalIgnoreCase)).SelectMany(v => v.Value.Split(';').Select(part => part.Split('=', 2)))
            .Where(part => part.Length == 2 && part[0].Contains("Key", StringComparison.OrdinalIgnoreCase)).Select(part => part[1]);
        string?[] files = [read?.Settings?.Broker?.PasswordFile, read?.Settings?.Webhook?.TokenFile];
        var targets = read?.Settings?.Targets ?? UpdateTargets.None;
        string?[] queries = [targets.Model?.Query, .. targets.Adapters.Values.Select(a => a.Query), targets.Root?.Query, .. targets.Grants.Values.Select(g => g.Query)];
        return strings.Concat(files.OfType<string>().Select(FirstLine)).Concat(queries.OfType<string>());
    }

    private static string FirstLine(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault("");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // what cannot be read is nowhere else either
            return "";
        }
    }
}
