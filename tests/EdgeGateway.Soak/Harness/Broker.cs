using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EdgeGateway.Soak.Harness;

/// <summary>A real Mosquitto on a free loopback port, in a temporary folder of its own: nothing queued is dropped, all else as it comes.</summary>
internal sealed class Broker : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-soak-");
    private readonly string configuration;

    private Broker(int port)
    {
        Port = port;
        configuration = Path.Combine(folder.FullName, "mosquitto.conf");
        File.WriteAllLines(configuration, ["user root", string.Create(CultureInfo.InvariantCulture, $"listener {port} 127.0.0.1"), "allow_anonymous true", "max_queued_messages 0"]);
        Process = Start();
    }

    /// <summary>Port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>The broker's process.</summary>
    public Measured Process { get; private set; }

    /// <summary>Starts it, and returns when it listens.</summary>
    public static async Task<Broker> StartAsync(CancellationToken token)
    {
        var broker = new Broker(Machine.FreePort());
        await Eventually.HoldsAsync(broker.Listens, () => $"mosquitto listens, but it said:\n{broker.Process.Output}", token);
        return broker;
    }

    /// <summary>SIGKILL: its sessions and retained messages are gone with it.</summary>
    public void Kill() => Process.Kill();

    /// <summary>Starts it again on the same port.</summary>
    public Task RestartAsync(CancellationToken token)
    {
        Process.Dispose();
        Process = Start();
        return Eventually.HoldsAsync(Listens, () => $"mosquitto listens, but it said:\n{Process.Output}", token);
    }

    /// <summary>Publishes one message at QoS 1.</summary>
    public async Task PublishAsync(string topic, string payload, CancellationToken token)
    {
        using var publisher = Measured.Start("mosquitto_pub", ["-h", "127.0.0.1", "-p", $"{Port}", "-q", "1", "-t", topic, "-m", payload]);
        await publisher.EndAsync(token);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Process.Dispose();
        folder.Delete(recursive: true);
    }

    private Measured Start() => Measured.Start("mosquitto", ["-c", configuration]);

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
}
