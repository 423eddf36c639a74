using System.CommandLine;
using System.Globalization;
using EdgeGateway.Settings;

namespace EdgeGateway.Commands;

/// <summary><c>health [--port N]</c>: asks the gateway in the same container whether it is alive; for a HEALTHCHECK, as its image has neither shell nor curl.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private static readonly Option<int> Port = new("--port")
    {
        Description = "port of operations.metrics",
        HelpName = "N",
        DefaultValueFactory = _ => OperationsSettings.ContainerPort,
    };

    public static Command Create()
    {
        var command = new Command("health", "Asks the gateway on this machine whether it is alive; ends with 1 when it is not. Example: EdgeGateway health --port 9600") { Port };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(Port), token));
        return command;
    }

    private static async Task<int> RunAsync(int port, CancellationToken token)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/healthz/live")), token);
            await Console.Out.WriteAsync(await answer.Content.ReadAsStringAsync(token));
            return answer.IsSuccessStatusCode ? ExitCode.Done : ExitCode.Fault;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"No gateway answers on port {port} of this machine: start it, or name the port of operations.metrics with --port.");
            return ExitCode.Fault;
        }
    }
}
