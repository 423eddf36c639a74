using System.Text.Json;
using EdgeGateway.Settings;
using SensorSimulator;
using SensorSimulator.Plant;

namespace EdgeGateway.Demo;

/// <summary>The configuration of the demo: the same JSON document that a site would write, made for the simulated plant.</summary>
internal static class DemoSettings
{
    /// <summary>Name of the demo's gateway.</summary>
    public const string Gateway = "demo";

    /// <summary>The settings for a plant behind a broker on this machine.</summary>
    public static GatewaySettings For(Plant plant, int port)
    {
        var sources = plant.Assets.ToDictionary(
            asset => asset.Name.Replace('/', '-'),
            asset => new
            {
                topic = asset.Topic,
                asset = asset.Name,
                values = asset.Names.ToDictionary(name => name, name => $"/{name}"),
                time = $"/{Payload.TimeName}",
                units = PlantSensor.All.Where(s => s.Asset == asset.Name).ToDictionary(s => s.Name, s => s.Unit),
            });
        var document = JsonSerializer.SerializeToUtf8Bytes(new { schema = 1, gateway = Gateway, broker = new { host = "127.0.0.1", port }, sources });
        var read = SettingsReader.Read(document, "the demo's configuration");
        return read.Settings ?? throw new InvalidOperationException(string.Join(' ', read.Errors));
    }
}
