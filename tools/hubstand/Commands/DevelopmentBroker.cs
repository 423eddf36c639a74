using System.Net;
using System.Net.Sockets;
using MQTTnet.Server;

namespace Hubstand.Commands;

/// <summary>The local MQTT broker of a development edge on loopback: mosquitto where it is installed, else MQTTnet's server in this process.</summary>
internal sealed class DevelopmentBroker : IAsyncDisposable
{
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin", "/usr/local/sbin"];
    private readonly IAsyncDisposable broker;

    private DevelopmentBroker(IAsyncDisposable broker, int port, string description) => (this.broker, Port, Description) = (broker, port, description);

    /// <summary>Port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>What it is, one line.</summary>
    public string Description { get; }

    /// <summary>Starts it.</summary>
    /// <param name="folder">For mosquitto's configuration.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<DevelopmentBroker> StartAsync(int port, string folder, Action<string> say)
    {
        RequireFree(port);
        if (Folders.Select(f => Path.Combine(f, "mosquitto")).FirstOrDefault(File.Exists) is { } mosquitto)
        {
            var configuration = Path.Combine(folder, "mosquitto.conf");
            AtomicFile.Replace(configuration, System.Text.Encoding.UTF8.GetBytes($"listener {port} 127.0.0.1\nallow_anonymous true\n"));
            var process = ChildProcess.Start(mosquitto, ["-c", configuration], new Dictionary<string, string>(), say);
            return new DevelopmentBroker(process, port, $"{mosquitto} on 127.0.0.1:{port}");
        }

        var factory = new MqttServerFactory();
        var options = factory.CreateServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointBoundIPV6Address(IPAddress.None)
            .WithDefaultEndpointPort(port).WithPersistentSessions().Build();
        var server = new OwnServer(factory.CreateMqttServer(options));
        await server.Server.StartAsync();
        return new DevelopmentBroker(server, port, $"MQTTnet's server on 127.0.0.1:{port} (mosquitto is not installed)");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => broker.DisposeAsync();

    private static void RequireFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
        }
        catch (SocketException e)
        {
            throw new IOException($"Port {port} cannot be opened for the local broker ({e.Message}); another broker may be running: choose a port with --broker-port.", e);
        }
    }

    private sealed class OwnServer(MqttServer server) : IAsyncDisposable
    {
        public MqttServer Server => server;

        public async ValueTask DisposeAsync()
        {
            await server.StopAsync(new MqttServerStopOptions());
            server.Dispose();
        }
    }
}
