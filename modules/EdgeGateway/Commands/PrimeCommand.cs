using System.CommandLine;
using System.Globalization;
using EdgeGateway.Hub;
using EdgeGateway.Models;
using EdgeGateway.Operations;
using EdgeGateway.Priming;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Storage;

namespace EdgeGateway.Commands;

/// <summary><c>prime FILE.csv...</c>: fills the baselines of sensors from history, so that a new site needs no warm-up. Only while the gateway does not run.</summary>
internal static class PrimeCommand
{
    /// <summary>Columns that are named one by one.</summary>
    private const int MostNamed = 20;
    private static readonly Argument<string[]> Files = new("FILE") { Description = "CSV files with the event time in the first column and a column a sensor, the older file first", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> Config = new("--config") { Description = "the configuration that the gateway runs with", HelpName = "FILE" };
    private static readonly Option<string> Asset = new("--asset") { Description = "the asset whose values the columns are; without it, columns are called by sensor ids", HelpName = "NAME" };

    public static Command Create()
    {
        var command = new Command("prime", "Fills the baselines of sensors from recorded files, so that they are judged from their first full window on. The gateway must not run meanwhile.\nExample: EdgeGateway prime --config gateway.json --data /var/lib/edgegateway history.csv")
        {
            Files, Config, DataFolder.Option, Asset,
        };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(Files)!, parsed.GetValue(Config), Path.GetFullPath(parsed.GetValue(DataFolder.Option)!), parsed.GetValue(Asset), token));
        return command;
    }

    private static async Task<int> RunAsync(string[] files, string? config, string data, string? asset, CancellationToken token)
    {
        try
        {
            if (Array.Find(files, file => !File.Exists(file)) is { } missing)
            {
                throw new FormatException($"{missing} does not exist; name CSV files.");
            }

            using var held = DataFolderLock.Take(data);
            var settings = SettingsOf(config, data);
            var needed = SensorModel.Load(settings.ModelPath ?? LoadedModel.BuiltIn).MinimumSamples;
            var run = new PrimingRun(settings, Path.Combine(data, GatewayRegistration.SnapshotName), GatewayRegistration.Release(), TimeProvider.System);
            Take(run, files, asset, token);
            return await FinishAsync(run, needed);
        }
        catch (FormatException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.Usage;
        }
        catch (SensorModelException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.Refused;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped: nothing was written.");
            return ExitCode.Fault;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The data folder {data} cannot be used: {e.Message}");
            return ExitCode.Fault;
        }
    }

    /// <summary>The settings that the gateway would start on; nothing is written.</summary>
    private static GatewaySettings SettingsOf(string? config, string data)
    {
        var read = StartSettings.Look(config, data, HubEnvironment.Read(RunCommand.Variables())?.Identity) ?? throw new FormatException("A configuration is needed: EdgeGateway prime --config FILE history.csv.");
        var problems = string.Join('\n', read.Errors);
        if (read.Settings is not { } settings)
        {
            throw new FormatException(problems);
        }

        if (problems.Length > 0)
        {
            Console.Error.WriteLine($"{problems}\nThe settings that were last good are taken.");
        }

        return settings;
    }

    private static void Take(PrimingRun run, string[] files, string? asset, CancellationToken token)
    {
        using var progress = new ProgressLines("prime", files.Sum(file => new FileInfo(file).Length));
        foreach (var file in files)
        {
            try
            {
                run.Take(file, asset, progress.Advance, token);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new FormatException($"{file} cannot be read: {e.Message}", e);
            }
        }
    }

    private static async Task<int> FinishAsync(PrimingRun run, int needed)
    {
        var primed = run.Finish(needed);
        foreach (var sentence in run.LeftOut.Take(MostNamed).Append(run.LeftOut.Count > MostNamed ? $"... and {run.LeftOut.Count - MostNamed} further columns." : ""))
        {
            await Console.Error.WriteAsync(sentence.Length == 0 ? "" : $"Left out: {PlainText.Of(sentence)}\n");
        }

        if (run.LeftOut.Count > 0)
        {
            await Console.Error.WriteLineAsync($"The sources of the settings give the sensors {string.Join("; ", run.Forms)}.");
        }

        if (primed.Count == 0)
        {
            await Console.Error.WriteLineAsync("Nothing was primed: no column gave samples of a sensor that has no state yet.");
            return ExitCode.Usage;
        }

        await run.WriteAsync();
        foreach (var sensor in primed)
        {
            var end = sensor.Missing == 0 ? "warm" : string.Create(CultureInfo.InvariantCulture, $"{sensor.Missing:N0} more are needed before it is judged");
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{PlainText.Of(sensor.Id)}: {sensor.Samples:N0} samples until {sensor.Until:u}; {end}"));
        }

        await Console.Out.WriteLineAsync($"{primed.Count} sensors primed, {primed.Count(s => s.Missing == 0)} of them warm; {run.LeftOut.Count} columns left out.");
        return ExitCode.Done;
    }
}
