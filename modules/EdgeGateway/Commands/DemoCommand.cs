using System.CommandLine;
using EdgeGateway.Demo;
using EdgeGateway.Models;
using EdgeGateway.Operations;
using Microsoft.Extensions.Logging;
using SensorSimulator.Commands;
using Spectre.Console;

namespace EdgeGateway.Commands;

/// <summary><c>demo</c>: embedded broker, simulated plant, built-in model.</summary>
internal static class DemoCommand
{
    private const int LongestPlant = 7 * 24 * 3600;
    private static readonly Option<TimeSpan> For = Options.Duration("--for", "how long it runs (60s, 5m)", "60s");
    private static readonly Option<ulong> Seed = new("--seed") { Description = "number of the plant: another one has other noise and other faults", DefaultValueFactory = _ => 1 };
    private static readonly Option<double> Speed = new("--speed") { Description = "seconds of plant time a second", DefaultValueFactory = _ => 60 };

    private static readonly Option<int> Page = new("--page") { Description = "port of the operator page on this machine; 0 for any that is free, -1 for no page", HelpName = "PORT", DefaultValueFactory = _ => 0 };

    public static Command Create(AddStages addStages)
    {
        Speed.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<double>() is not (> 0 and <= 100_000))
            {
                r.AddError("--speed takes a number above 0, up to 100000.");
            }
        });
        Page.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() is not (>= -1 and <= ushort.MaxValue))
            {
                r.AddError("--page takes a port from 1 to 65535, 0 for any that is free, or -1 for no page.");
            }
        });
        var command = new Command("demo", "Shows the gateway at work on a simulated plant. Example: EdgeGateway demo --for 60s --seed 2 --speed 60") { For, Seed, Speed, Page };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(For), parsed.GetValue(Seed), parsed.GetValue(Speed), parsed.GetValue(Page), addStages, token));
        return command;
    }

    private static async Task<int> RunAsync(TimeSpan duration, ulong seed, double speed, int page, AddStages addStages, CancellationToken token)
    {
        var seconds = (int)Math.Clamp(duration.TotalSeconds * speed, 1, LongestPlant);
        var terminal = !Console.IsOutputRedirected && DemoView.Fits(AnsiConsole.Console) ? AnsiConsole.Console : null;
        using var models = ModelHost.Of(LoadedModel.Load(LoadedModel.BuiltIn));
        return await new DemoRun(seed, seconds, speed, page < 0 ? null : page, Console.Out, terminal).RunAsync((settings, data) => GatewayHost.Build(new GatewayStart(settings, data, new LogSwitch(LogLevel.Warning), models), addStages), token);
    }
}
