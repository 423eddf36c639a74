using System.CommandLine;
using System.Globalization;
using EdgeGateway.Hub;
using EdgeGateway.Operations;
using EdgeGateway.Page;
using EdgeGateway.Settings;
using EdgeGateway.Updates.Keys;
using EdgeGateway.Updates.Trust;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Commands;

/// <summary><c>doctor [--data DIR] [--config FILE]</c>: what this gateway is and trusts, and what needs an operator. Changes nothing; also while the gateway runs.</summary>
internal static class DoctorCommand
{
    private static readonly Option<string> Config = new("--config") { Description = "the configuration that the gateway runs with", HelpName = "FILE" };

    public static Command Create()
    {
        var command = new Command("doctor", "Looks at memory, disk, model, broker, hub, the device key, what is trusted, and the clock, by the settings that the gateway last ran on and those of --config; ends with 3 when something needs an operator. Example: EdgeGateway doctor --config gateway.json --data /var/lib/edgegateway")
        {
            DataFolder.Option, Config,
        };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(DataFolder.Option)!, parsed.GetValue(Config), token));
        return command;
    }

    /// <summary>What is trusted, a line each.</summary>
    internal static IEnumerable<string> Describe(TrustStore trust, FirstRoot first, bool hasHub, DateTimeOffset now)
    {
        if (trust.Current is not { } current)
        {
            yield return "root         none: nothing can be installed";
            yield return trust.TrustedTime is null ? $"clock        {now:u}, not believed" : $"clock        {now:u}";
            yield break;
        }

        yield return string.Create(CultureInfo.InvariantCulture,
            $"root         version {current.Root.Version}, security epoch {current.Root.Epoch}, of {current.Root.Issued:u}, expires {current.Root.Expires:u}; the first one is {first.Source}");
        foreach (var (slot, floor, source) in trust.Sources())
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"floor        {slot}: release {floor.Release}, security epoch {floor.Epoch}, {source}");
        }

        yield return hasHub ? "floors       are given back by the hub, should the data folder be lost"
            : $"floors       are those of the image, should the data folder be lost: {(first.Floors.Floors.IsEmpty ? "it has none" : string.Join(", ", first.Floors.Floors.Keys))}";
        yield return trust.TrustedTime is { } time ? $"clock        {time:u}"
            : $"clock        {now:u}, not believed; {current.NewestSigned:u}, the newest signed time, stands in for it";
    }

    /// <summary>What needs an operator, a sentence each.</summary>
    internal static IEnumerable<string> Needs(TrustStore trust, DeviceKeyStatus key)
    {
        if (key.NeedsOperator)
        {
            yield return key.Sentence;
        }

        foreach (var problem in trust.Problems)
        {
            yield return problem;
        }

        if (trust.TrustedTime is null)
        {
            yield return "The clock is earlier than this version or than what it has seen signed: set it right (NTP).";
        }

        if (trust.Current is { } current && (trust.TrustedTime ?? current.NewestSigned) > current.Root.Expires)
        {
            yield return $"Root version {current.Root.Version} expired at {current.Root.Expires:u}, so that nothing can be installed: bring the next root, or set the clock right.";
        }
    }

    private static async Task<int> RunAsync(string data, string? config, CancellationToken token)
    {
        try
        {
            var (facts, needs) = await LookAsync(data, StartSettings.Look(config, data, HubEnvironment.Read(RunCommand.Variables())?.Identity), token);

            // tokens are for who may look here, not for the support bundle
            return Write([.. facts, .. PageOf(data)], needs);
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.Usage;
        }
    }

    /// <summary>What is needed to open the operator page; nothing where it was never on.</summary>
    private static IEnumerable<string> PageOf(string data)
    {
        if (PageTokens.Read(data) is not { } tokens)
        {
            yield break;
        }

        yield return $"page         token to look with     {tokens.View}";
        yield return $"             token to operate with  {tokens.Operate}";
        if (PageCertificate.FingerprintOf(data) is { } fingerprint)
        {
            yield return $"             its own certificate    SHA-256 {fingerprint}";
        }
    }

    /// <summary>What is found, a line each, and what needs an operator, a sentence each.</summary>
    /// <param name="read">The settings to go by; null where there are none.</param>
    /// <exception cref="FormatException">The environment or the first root cannot be used.</exception>
    internal static async Task<(IReadOnlyList<string> Facts, IReadOnlyList<string> Needs)> LookAsync(string data, SettingsReadResult? read, CancellationToken token)
    {
        var environment = HubEnvironment.Read(RunCommand.Variables());
        var (folder, clock) = (Path.Combine(data, TrustStore.FolderName), TimeProvider.System);
        var log = new TrustLog(folder, clock, NullLogger.Instance);
        using var device = DeviceKey.Of(folder, environment, clock, log);
        var key = await device.LookAsync(token);
        var settings = read?.Settings;
        var first = FirstRoot.Read(settings?.Updates.RootFile, AppContext.BaseDirectory);
        var trust = new TrustStore(folder, first, clock, GatewayRegistration.Release(), log, NullLogger.Instance);
        var around = await LookAroundAsync(data, settings, environment, clock, token);
        return (
            [.. around.Select(a => a.Fact), .. KeysCommand.Describe(key, new GroupKeys(folder, device, log)), .. Describe(trust, first, environment is not null, clock.GetUtcNow())],
            [.. read?.Errors.Select(error => error.ToString()) ?? [], .. around.Select(a => a.Need).OfType<string>(), .. Needs(trust, key)]);
    }

    private static async Task<IReadOnlyList<(string Fact, string? Need)>> LookAroundAsync(string data, GatewaySettings? settings, HubEnvironment? environment, TimeProvider clock, CancellationToken token) =>
    [
        ($"version      {GatewayCommands.Version}", null),
        .. Surroundings.OfMachine(data),
        Surroundings.OfModel(settings?.ModelPath),
        .. Surroundings.OfSlots(Path.Combine(data, TrustStore.FolderName)),
        .. settings?.Broker is { } broker ? new[] { await Surroundings.OfBrokerAsync(broker, clock, token) } : [],
        .. environment is not null ? new[] { await Surroundings.OfHubAsync(environment, settings?.Hub ?? HubReader.Read(null), clock, token) } : [],
    ];

    private static int Write(IReadOnlyList<string> facts, IReadOnlyList<string> needs)
    {
        foreach (var line in facts.Append("").Concat(needs.Select(need => $"! {need}").DefaultIfEmpty("Nothing needs an operator.")))
        {
            Console.Out.WriteLine(line);
        }

        return needs.Count == 0 ? ExitCode.Done : ExitCode.No;
    }
}
