using EdgeGateway.Settings;

namespace EdgeGateway.Delivery;

/// <summary>Holds the settings that delivery goes by; any thread may look.</summary>
internal sealed class DeliveryState(GatewaySettings settings)
{
    private volatile GatewaySettings current = settings;

    /// <summary>The settings in force.</summary>
    public GatewaySettings Settings
    {
        get => current;
        set => current = value;
    }
}
