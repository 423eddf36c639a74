using System.CommandLine;
using EdgeGateway.Hub;
using EdgeGateway.Updates.Keys;
using EdgeGateway.Updates.Trust;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Commands;

/// <summary><c>keys [--data DIR]</c> shows the device key and what it was granted; <c>keys new</c> makes another one. Both also while the gateway runs.</summary>
internal static class KeysCommand
{
    public static Command Create()
    {
        var command = new Command("keys", "Shows this device's key, by whose fingerprint it is granted the keys of groups. Example: EdgeGateway keys --data /var/lib/edgegateway") { DataFolder.Option };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(DataFolder.Option)!, ShowAsync, token));
        var renew = new Command("new", "Makes a new device key and keeps the old one beside it; what was granted to the old one has to be granted again. Example: EdgeGateway keys new --data /var/lib/edgegateway") { DataFolder.Option };
        renew.SetAction((parsed, token) => RunAsync(parsed.GetValue(DataFolder.Option)!, RenewAsync, token));
        command.Subcommands.Add(renew);
        return command;
    }

    /// <summary>A line for each thing that is known of the key and the groups.</summary>
    internal static IEnumerable<string> Describe(DeviceKeyStatus status, GroupKeys groups)
    {
        yield return $"device key   {status.StateText}{(status.Kind is { } kind ? $", sealed by {kind}" : "")}";
        if (status.Recipient is { } recipient)
        {
            yield return $"  key          {recipient.Text}";
            yield return $"  fingerprint  {recipient.Fingerprint}";
        }

        if (status.Sentence.Length > 0)
        {
            yield return $"  {status.Sentence}";
        }

        yield return $"groups       {string.Join(", ", groups.Held().Select(held => $"{held.Group} epoch {held.Epoch}").DefaultIfEmpty("none"))}";
        if (status.State == DeviceKeyState.Ready && groups.Unreadable() is { IsEmpty: false } unreadable)
        {
            yield return $"  not for this key: {string.Join(", ", unreadable)}";
        }
    }

    private static async Task<int> RunAsync(string data, Func<DeviceKey, GroupKeys, CancellationToken, Task> run, CancellationToken token)
    {
        try
        {
            var folder = Path.Combine(data, TrustStore.FolderName);
            var log = new TrustLog(folder, TimeProvider.System, NullLogger.Instance);
            using var device = DeviceKey.Of(folder, HubEnvironment.Read(RunCommand.Variables()), TimeProvider.System, log);
            await run(device, new GroupKeys(folder, device, log), token);
            return ExitCode.Done;
        }
        catch (FormatException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.Usage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The device key is as it was: {e.Message}");
            return ExitCode.Fault;
        }
    }

    private static async Task ShowAsync(DeviceKey device, GroupKeys groups, CancellationToken token)
    {
        foreach (var line in Describe(await device.LookAsync(token), groups))
        {
            await Console.Out.WriteLineAsync(line);
        }
    }

    private static async Task RenewAsync(DeviceKey device, GroupKeys groups, CancellationToken token)
    {
        await device.RenewAsync(token);
        await ShowAsync(device, groups, token);
        await Console.Out.WriteLineAsync("A gateway that runs takes this key at its next start. Confirm the fingerprint, and have the device granted again.");
    }
}
