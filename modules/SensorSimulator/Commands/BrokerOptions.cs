using System.CommandLine;
using SensorSimulator.Publishing;

namespace SensorSimulator.Commands;

/// <summary>The options of every command that say where and how to publish.</summary>
internal sealed class BrokerOptions
{
    private readonly Option<string> host = new("--host") { Description = "the broker", DefaultValueFactory = _ => "localhost" };
    private readonly Option<int> port = Options.Number("--port", "its port", 1883, 1, 65535);
    private readonly Option<string> protocol = new("--protocol") { Description = "MQTT version", DefaultValueFactory = _ => "5" };
    private readonly Option<int> qos = Options.Number("--qos", "0 = at most once, 1 = at least once", 1, 0, 1);
    private readonly Option<string?> user = new("--user") { Description = "user name at the broker" };
    private readonly Option<string?> passwordFile = new("--password-file") { Description = "file whose first line is the password", HelpName = "FILE" };
    private readonly Option<string?> caFile = new("--ca-file") { Description = "PEM file of the only trusted authority; switches TLS on", HelpName = "FILE" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        protocol.AcceptOnlyFromAmong("5", "3.1.1");
        foreach (var option in new Option[] { host, port, protocol, qos, user, passwordFile, caFile })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What the command line says.</summary>
    public PublishTarget Of(ParseResult parsed) => new(
        parsed.GetValue(host)!, parsed.GetValue(port), parsed.GetValue(qos), parsed.GetValue(protocol) == "3.1.1", parsed.GetValue(user), parsed.GetValue(passwordFile),
        parsed.GetValue(caFile));
}
