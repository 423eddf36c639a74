using Hubstand.Identities;

namespace Hubstand.Hub;

/// <summary>What a client can subscribe to.</summary>
internal enum SubscriptionKind
{
    /// <summary>A filter that is granted and leads to nothing, as on edgeHub.</summary>
    Other,
    TwinAnswers,
    Desired,
    Methods,
    Inputs,
    CloudToDevice,
}

/// <summary>Topic filters; edgeHub compares them as texts.</summary>
internal static class Subscription
{
    /// <summary>What the filter asks for.</summary>
    public static SubscriptionKind KindOf(string filter, IdentityName name) => filter switch
    {
        "$iothub/twin/res/#" => SubscriptionKind.TwinAnswers,
        "$iothub/twin/PATCH/properties/desired/#" => SubscriptionKind.Desired,
        "$iothub/methods/POST/#" => SubscriptionKind.Methods,
        _ when name.Module is not null && (filter == name.Resource + "/#" || filter == name.Resource + "/inputs/#") => SubscriptionKind.Inputs,
        _ when name.Module is null && filter == name.Resource + "/messages/devicebound/#" => SubscriptionKind.CloudToDevice,
        _ => SubscriptionKind.Other,
    };
}
