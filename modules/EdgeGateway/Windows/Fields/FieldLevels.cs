namespace EdgeGateway.Windows.Fields;

/// <summary>Cuts a field to the one digit that stands in the prompt (recipe section 3).</summary>
public static class FieldLevels
{
    /// <summary>Edges of one field, rising; with them come ten levels.</summary>
    public const int EdgesPerField = 9;

    /// <summary>The level of an absent value, written <c>-</c>.</summary>
    public const int Absent = 10;

    /// <summary>How many edges are at or below the value, 0 to 9; <see cref="Absent"/> for NaN.</summary>
    public static int Level(double raw, ReadOnlySpan<double> edges)
    {
        if (double.IsNaN(raw))
            return Absent;
        var level = 0;
        foreach (var edge in edges)
            level += edge <= raw ? 1 : 0;
        return level;
    }
}
