using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeGateway.Tests;

namespace EdgeGateway.Scenarios.Harness;

/// <summary>A real Mosquitto on a free loopback port, with a folder of its own.</summary>
internal sealed class MosquittoBroker : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-mosquitto-");
    private readonly string path = Tool.Require("mosquitto");
    private readonly string configuration;
    private Process? process;

    private MosquittoBroker(int port, Func<string, IEnumerable<string>> lines)
    {
        Port = port;
        configuration = Path.Combine(folder.FullName, "mosquitto.conf");
        File.WriteAllLines(configuration, ["user root", .. lines(folder.FullName)]);
    }

    /// <summary>Port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>A broker that is not running yet.</summary>
    /// <param name="lines">Further lines of mosquitto.conf; without any, everybody may connect.</param>
    public static MosquittoBroker New(params string[] lines) => NewOn(FreePort(), lines.Length == 0 ? ["allow_anonymous true"] : lines);

    /// <summary>A broker that is not running yet, with the files of <c>deployment/mosquitto</c>: other paths, another port.</summary>
    /// <param name="users">Whose passwords are their names.</param>
    public static async Task<MosquittoBroker> DeployedAsync(Certificates certificates, params string[] users)
    {
        var (port, deployment) = (FreePort(), Path.Combine(SharedFolder.RepositoryRoot, "deployment", "mosquitto"));
        var broker = new MosquittoBroker(port, folder => File.ReadLines(Path.Combine(deployment, "mosquitto.conf")).Select(line => line
            .Replace("listener 8883", $"listener {port} 127.0.0.1", StringComparison.Ordinal)
            .Replace("/mosquitto/config", folder, StringComparison.Ordinal).Replace("/mosquitto/data", folder, StringComparison.Ordinal)));
        File.Copy(Path.Combine(deployment, "acl"), Path.Combine(broker.folder.FullName, "acl"));
        broker.folder.CreateSubdirectory("certs");
        File.Copy(certificates.Server, Path.Combine(broker.folder.FullName, "certs", "server.pem"));
        File.Copy(certificates.ServerKey, Path.Combine(broker.folder.FullName, "certs", "server.key"));
        await File.WriteAllTextAsync(Path.Combine(broker.folder.FullName, "passwords"), "");
        foreach (var user in users)
        {
            await broker.WritePasswordAsync(user, user, first: false);
        }

        return broker;
    }

    private static MosquittoBroker NewOn(int port, IEnumerable<string> lines) => new(port, _ => [$"listener {port} 127.0.0.1", "max_queued_messages 0", .. lines]);

    /// <summary>A running broker.</summary>
    public static async Task<MosquittoBroker> StartedAsync(params string[] lines)
    {
        var broker = New(lines);
        await broker.StartAsync();
        return broker;
    }

    /// <summary>Starts it, and returns when it listens.</summary>
    public async Task StartAsync()
    {
        process = Tool.StartIn(folder.FullName, path, "-c", configuration);
        var said = process.StandardError.ReadToEndAsync();
        await Eventually.HoldsAsync(() => process.HasExited || Listens(), "mosquitto listens");
        Assert.False(process.HasExited, process.HasExited ? $"mosquitto ended: {await said}" : "");
    }

    /// <summary>Puts a user into the file <c>passwords</c>.</summary>
    /// <param name="first">The file is begun anew.</param>
    public async Task WritePasswordAsync(string user, string password, bool first = true)
    {
        var (code, said) = await Tool.RunAsync("mosquitto_passwd", [.. first ? new[] { "-c" } : [], "-b", Path.Combine(folder.FullName, "passwords"), user, password]);
        Assert.True(code == 0, said);
    }

    /// <summary>Lets it hang: connections stay open and nothing is answered.</summary>
    public Task HangAsync() => Tool.RunAsync("kill", "-STOP", process!.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>Lets it answer again.</summary>
    public Task WakeAsync() => Tool.RunAsync("kill", "-CONT", process!.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>Ends it at once; without persistence it forgets all sessions and messages.</summary>
    public void Kill()
    {
        process?.Kill();
        process?.WaitForExit();
        process?.Dispose();
        process = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        folder.Delete(recursive: true);
    }

    private bool Listens()
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
