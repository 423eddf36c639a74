using System.Globalization;
using System.Text.RegularExpressions;
using EdgeGateway.Hub;
using Microsoft.Azure.Devices.Client.Exceptions;

namespace EdgeGateway.AzureSdk;

/// <summary>What the SDK's exceptions mean to the callers of the port. It throws much beside its own, down to null references when a connection ends: all of that is "not now".</summary>
internal static partial class SdkFaults
{
    /// <summary>The fault of the port for an exception of the SDK.</summary>
    public static HubException From(Exception e) => e as HubException ?? new HubException(FaultOf(e), $"the SDK says: {e.GetBaseException().Message}", e);

    /// <summary>Whether the hub answered and said no, so that soon is too soon.</summary>
    public static bool IsRefusal(HubException e) => e.InnerException is UnauthorizedException;

    private static HubFault FaultOf(Exception e) => e switch
    {
        MessageTooLargeException => HubFault.TooLarge,
        IotHubThrottledException or QuotaExceededException or ServerBusyException or ServerErrorException => HubFault.Throttled,
        IotHubException => OfStatus(TwinStatus().Match(e.Message)),
        _ => HubFault.Unavailable,
    };

    /// <summary>The status of a twin's answer stands only in the text of the exception.</summary>
    private static HubFault OfStatus(Match status) =>
        !status.Success ? HubFault.Unavailable : int.Parse(status.Groups[1].Value, CultureInfo.InvariantCulture) is 429 or >= 500 ? HubFault.Throttled : HubFault.Refused;

    [GeneratedRegex(@"returned status (\d{3})\b", RegexOptions.CultureInvariant)]
    private static partial Regex TwinStatus();
}
