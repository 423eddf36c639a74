using EdgeGateway.Operations;
using EdgeGateway.Page;
using EdgeGateway.Settings;
using EdgeGateway.Verdicts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Demo;

/// <summary>The operator page of a demo, on this machine's loopback alone, with the commands that stages answer.</summary>
internal sealed class DemoPage : IAsyncDisposable
{
    private readonly IServiceProvider services;
    private readonly GatewayState state = new();
    private readonly PageListener listener;

    /// <param name="services">Of the gateway's stages.</param>
    /// <param name="data">Its data folder.</param>
    public DemoPage(IServiceProvider services, string data)
    {
        this.services = services;
        var (clock, loggers) = (TimeProvider.System, services.GetRequiredService<ILoggerFactory>());
        GatewayCommand[] commands =
        [
            .. new GatewayCommands(state, new LogSwitch(LogLevel.Warning), clock, loggers.CreateLogger<GatewayCommands>()).All(),
            .. new AlertCommands(state, clock).All(), .. new MaintenanceCommands(state, clock).All(),
        ];
        listener = new PageListener(
            state, new CommandDispatcher(commands, state.Accounting, loggers.CreateLogger<CommandDispatcher>()), data, certificate: null, clock, loggers.CreateLogger<PageListener>());
    }

    /// <summary>Where it is, with its token; null when it is not served.</summary>
    public string? Address => listener.AddressWithToken;

    /// <summary>Serves it on a port; null for none, 0 for any that is free. The stages run.</summary>
    public async Task UseAsync(int? port)
    {
        services.GetRequiredService<LastVerdicts>().KeepsHistory = port is not null;
        state.Running = RunningGateway.Of(services, services.GetRequiredService<GatewaySettings>(), TimeProvider.System.GetUtcNow());
        await listener.UseAsync(port, []);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => listener.DisposeAsync();
}
