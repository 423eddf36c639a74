using EdgeGateway.Settings;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Alerts;

/// <summary>The newest scores of one sensor, and what its newest window showed.</summary>
internal sealed class SensorScores
{
    /// <summary>Hops that are kept: as many as any setting looks at, so that a snapshot can be read under every one.</summary>
    public const int Hops = WindowRule.Most;

    /// <summary>Hops since the last raised anomaly when there was none, or long ago: no silence is as long.</summary>
    public const int NeverRaised = 1_000_000;

    /// <summary>Hops that the kind is averaged over (recipe section 8: four name more faults right than one).</summary>
    public const int KindHops = 4;

    private readonly double[] scores = [.. Enumerable.Repeat(double.NaN, Hops)];
    private readonly float[]?[] kinds = new float[KindHops][];

    /// <summary>The newest verdict that was seen by this process; null right after a restart.</summary>
    public Verdict? Newest { get; private set; }

    public DateTimeOffset End { get; private set; }

    public TimeSpan HopTime { get; private set; }

    public int HopsSinceRaise { get; set; }

    /// <summary>Score so many hops ago (0 = newest); NaN when it was not judged.</summary>
    public double Lag(int hops) => scores[hops];

    /// <summary>What its scores are compared with; right after a restart the given one.</summary>
    public double ThresholdOr(double threshold) => Newest?.Threshold ?? threshold;

    public void Add(Verdict verdict)
    {
        // scores of another judge lie on another scale: how far each was above its threshold is what stays
        var other = Newest is not null && Newest.By != verdict.By ? verdict.Threshold - Newest.Threshold : 0;
        for (var hop = 0; other != 0 && hop < Hops; hop++)
        {
            scores[hop] += other;
        }

        Array.Copy(scores, 0, scores, 1, Hops - 1);
        scores[0] = verdict.Score;
        Array.Copy(kinds, 0, kinds, 1, KindHops - 1);
        kinds[0] = verdict.Kinds.IsEmpty ? null : [.. verdict.Kinds];
        HopTime = verdict.Window.End - End;
        End = verdict.Window.End;
        Newest = verdict;
        HopsSinceRaise = Math.Min(HopsSinceRaise + 1, NeverRaised);
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

    /// <param name="older">Three scores less a threshold that is not known stand in place of the scores; they count as not judged.</param>
    public static SensorScores Read(BinaryReader reader, bool older)
    {
        var state = new SensorScores();
        for (var i = 0; i < (older ? 3 : Hops); i++)
        {
            var score = reader.ReadDouble();
            state.scores[i] = older ? double.NaN : score;
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
