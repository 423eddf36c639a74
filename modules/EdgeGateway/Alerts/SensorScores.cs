using EdgeGateway.Verdicts;

namespace EdgeGateway.Alerts;

/// <summary>The newest scores of one sensor, and what its newest window showed.</summary>
internal sealed class SensorScores
{
    /// <summary>Hops that the alert rule looks at.</summary>
    public const int Hops = 3;

    /// <summary>Hops that the kind is averaged over (recipe section 8: four name more faults right than one).</summary>
    public const int KindHops = 4;

    private readonly double[] scores = [double.NaN, double.NaN, double.NaN];
    private readonly float[]?[] kinds = new float[KindHops][];

    /// <summary>The newest verdict that was seen by this process; null right after a restart.</summary>
    public Verdict? Newest { get; private set; }

    public DateTimeOffset End { get; private set; }

    public TimeSpan HopTime { get; private set; }

    public int HopsSinceRaise { get; set; }

    /// <summary>Score less its threshold, so many hops ago (0 = newest); NaN when it was not judged.</summary>
    public double Lag(int hops) => scores[hops];

    public void Add(Verdict verdict)
    {
        scores[2] = scores[1];
        scores[1] = scores[0];
        scores[0] = verdict.Score - verdict.Threshold;
        Array.Copy(kinds, 0, kinds, 1, KindHops - 1);
        kinds[0] = verdict.Kinds.IsEmpty ? null : [.. verdict.Kinds];
        HopTime = verdict.Window.End - End;
        End = verdict.Window.End;
        Newest = verdict;
        HopsSinceRaise++;
    }

    /// <summary>Adds the mean probabilities of the kinds over the newest hops to <paramref name="sums"/>.</summary>
    public void AddKinds(Span<double> sums)
    {
        foreach (var hop in kinds)
        {
            for (var i = 0; hop is not null && i < Math.Min(sums.Length, hop.Length); i++)
            {
                sums[i] += hop[i];
            }
        }
    }

    public void WriteTo(BinaryWriter writer)
    {
        Array.ForEach(scores, writer.Write);
        writer.Write(End.UtcTicks);
        writer.Write(HopTime.Ticks);
        writer.Write(HopsSinceRaise);
        foreach (var hop in kinds)
        {
            writer.Write((byte)(hop?.Length ?? 0));
            Array.ForEach(hop ?? [], writer.Write);
        }
    }

    public static SensorScores Read(BinaryReader reader)
    {
        var state = new SensorScores();
        for (var i = 0; i < Hops; i++)
        {
            state.scores[i] = reader.ReadDouble();
        }

        state.End = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
        state.HopTime = TimeSpan.FromTicks(reader.ReadInt64());
        state.HopsSinceRaise = reader.ReadInt32();
        for (var i = 0; i < KindHops; i++)
        {
            var length = reader.ReadByte();
            state.kinds[i] = length == 0 ? null : new float[length];
            for (var k = 0; k < length; k++)
            {
                state.kinds[i]![k] = reader.ReadSingle();
            }
        }

        return state;
    }
}
