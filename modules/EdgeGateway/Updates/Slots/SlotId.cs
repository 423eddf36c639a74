using EdgeGateway.Packages.Manifests;

namespace EdgeGateway.Updates.Slots;

/// <summary>What can be replaced by itself: the model, or an adapter by the name that sources give.</summary>
/// <param name="Adapter">Null: the model, whatever its package is called.</param>
internal readonly record struct SlotId(string? Adapter)
{
    /// <summary>The model.</summary>
    public static SlotId Model => new(null);

    /// <summary>What its packages are.</summary>
    public PackageKind Kind => Adapter is null ? PackageKind.Model : PackageKind.Adapter;

    /// <summary><c>model</c>, <c>adapter pumps</c>.</summary>
    public override string ToString() => Adapter is null ? "model" : $"adapter {Adapter}";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static SlotId Parse(string text) => text == "model" ? Model : text.StartsWith("adapter ", StringComparison.Ordinal) ? new(text[8..]) : throw new FormatException($"\"{text}\" is no slot");
}
