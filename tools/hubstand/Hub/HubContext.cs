using Hubstand.Identities;
using Hubstand.Routes;
using Hubstand.Twins;

namespace Hubstand.Hub;

/// <summary>What the parts of the hub share.</summary>
internal sealed record HubContext(
    HubStandOptions Options, IdentityStore Identities, Authority Authority, TwinStore Twins, Manifest? Manifest, HubCounters Counters, Switches Switches)
{
    public TimeProvider Clock => Options.Clock;

    public void Log(string line) => Options.Log(line);
}
