using CsCheck;

namespace EdgeGateway.Tests.Settings;

/// <summary>Generators that the property tests of the settings share.</summary>
internal static class Any
{
    public static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
