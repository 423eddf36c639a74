using System.Globalization;

namespace EdgeGateway.Soak.Harness;

/// <summary>The module as its image has it, as a process of this machine: compiled ahead, with the image's settings of the runtime and of the C library, and with the heap that .NET takes in a container of 512 MiB.</summary>
internal static class Deployed
{
    private const long ContainerBytes = 512 << 20;
    private static readonly string Repository = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", ".."));

    /// <summary>The arguments that start it by <c>dotnet</c>, before its own. <c>./soak</c> publishes it there.</summary>
    public static string Program { get; } = Path.Combine(Repository, "artifacts", "deployed", "EdgeGateway.dll");

    /// <summary>What the Dockerfile sets, but for that which makes a process take itself for one in a container; .NET takes three quarters of the container's memory.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Environment { get; } =
    [
        .. File.ReadLines(Path.Combine(Repository, "modules", "EdgeGateway", "Dockerfile.amd64"))
            .Where(line => line.StartsWith("ENV ", StringComparison.Ordinal)).Select(line => line[4..].Split('=', 2)).Where(pair => pair[0] != "DOTNET_RUNNING_IN_CONTAINER").Select(pair => KeyValuePair.Create(pair[0], pair[1])),
        KeyValuePair.Create("DOTNET_GCHeapHardLimit", (ContainerBytes * 3 / 4).ToString("X", CultureInfo.InvariantCulture)),
    ];
}
