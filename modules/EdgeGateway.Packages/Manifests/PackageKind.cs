namespace EdgeGateway.Packages.Manifests;

/// <summary>What a package brings; written in lower case.</summary>
public enum PackageKind
{
    /// <summary>A model folder.</summary>
    Model,

    /// <summary>A LoRA adapter for a model that is there.</summary>
    Adapter,
}
