using System.Collections.Immutable;
using EdgeGateway.Replay;
using EdgeGateway.Windows;
using EdgeGateway.Windows.Fields;
using SensorSimulator.Synthesis;

namespace EdgeGateway.PhiTrain.Data;

/// <summary>What a training window stands for (detection recipe, section 6, Labels).</summary>
internal enum WindowClass : byte
{
    /// <summary>No fault near.</summary>
    Normal,

    /// <summary>It ends within a fault, or so soon after its start that the fault should show.</summary>
    Candidate,

    /// <summary>Behind a fault, or too early in the series: in no class, but a teacher may score it.</summary>
    Ignored,
}

/// <summary>Windows of many series as digits with their labels. Struct of arrays: windows of one series stand together, in order of time.</summary>
internal sealed class TrainingWindows
{
    /// <summary>Kind of a candidate whose fault was labelled without one, as in recordings.</summary>
    public const byte UnknownKind = byte.MaxValue;

    /// <summary>Digits of window i at [i * 32, i * 32 + 32); 0..9 = level, 10 = absent.</summary>
    public required byte[] Digits { get; init; }

    public required WindowClass[] Classes { get; init; }

    /// <summary>Kind of the fault of a candidate, 0..8 or <see cref="UnknownKind"/>.</summary>
    public required byte[] Kinds { get; init; }

    /// <summary>Number of the fault of a candidate, unique over all series; -1 else.</summary>
    public required int[] Events { get; init; }

    public required int[] Series { get; init; }

    public int Count => Classes.Length;

    /// <summary>The same windows with each other's labels: what can still be learnt from them is nothing.</summary>
    public TrainingWindows WithShuffledLabels(RandomStream random)
    {
        int[] from = [.. Enumerable.Range(0, Count)];
        for (var i = Count - 1; i > 0; i--)
        {
            var other = random.Integer(0, i + 1);
            (from[i], from[other]) = (from[other], from[i]);
        }

        return new TrainingWindows
        {
            Digits = Digits,
            Classes = [.. from.Select(i => Classes[i])],
            Kinds = [.. from.Select(i => Kinds[i])],
            Events = [.. from.Select(i => Events[i])],
            Series = Series,
        };
    }

    /// <summary>Digits of one window.</summary>
    public ReadOnlySpan<byte> DigitsOf(int window) => Digits.AsSpan(window * SensorFields.Count, SensorFields.Count);
}

/// <summary>The windows of one series as raw fields.</summary>
/// <param name="Fields">Fields of window i at [i * 32, i * 32 + 32); NaN = absent.</param>
/// <param name="Events">Number of the fault in <paramref name="Faults"/>, -1 = none.</param>
/// <param name="Ends">Sample that each window ends with.</param>
/// <param name="Samples">Length of the series.</param>
internal sealed record RawSeries(float[] Fields, WindowClass[] Classes, byte[] Kinds, int[] Events, int[] Ends, int Samples, ImmutableArray<Fault> Faults)
{
    /// <summary>Windows before this sample are not used at all.</summary>
    public const int First = 200;

    /// <summary>Windows before this sample are ignored.</summary>
    private const int FirstLabelled = 300;

    private const int ShortestCandidates = 20;
    private const int LongestCandidates = 240;
    private const int Aftermath = 120;

    /// <summary>Where it comes from; null where nobody asks.</summary>
    public SeriesOrigin? Origin { get; init; }

    /// <summary>What the gate says of a window.</summary>
    public double GateScore(int window)
    {
        Span<double> fields = stackalloc double[SensorFields.Count];
        for (var field = 0; field < fields.Length; field++)
        {
            fields[field] = Fields[(window * SensorFields.Count) + field];
        }

        return Gate.Score(fields);
    }

    /// <summary>Generates series number <paramref name="index"/> and computes its fields.</summary>
    public static RawSeries Generate(ulong seed, int index)
    {
        var series = SyntheticSeries.Generate(seed, index);
        using var hash = new SeriesHash();
        for (var t = 0; t < series.Values.Length; t++)
        {
            hash.Add(series.Seconds[t], [series.Values[t]]);
        }

        return FromSamples(series.Values, series.Seconds, series.Faults) with { Origin = SeriesOrigin.Generated(hash.Finish()) };
    }

    /// <summary>Computes the fields of a series whose faults were injected.</summary>
    /// <param name="values">NaN = missing.</param>
    /// <param name="seconds">Event times, Unix seconds.</param>
    public static RawSeries FromSamples(double[] values, double[] seconds, ImmutableArray<Fault> faults)
    {
        var (sensor, raw) = (new SensorFields(), new double[SensorFields.Count]);
        List<float> fields = [];
        List<WindowClass> classes = [];
        List<byte> kinds = [];
        List<int> events = [], ends = [];
        for (var t = 0; t < values.Length; t++)
        {
            if (!sensor.Push(values[t], seconds[t], raw) || t < First)
            {
                continue;
            }

            var (label, fault) = Classify(faults, t);
            fields.AddRange(raw.Select(v => (float)v));
            classes.Add(label);
            kinds.Add(fault < 0 ? (byte)0 : (byte)faults[fault].Kind);
            events.Add(fault);
            ends.Add(t);
        }

        return new RawSeries([.. fields], [.. classes], [.. kinds], [.. events], [.. ends], values.Length, faults);
    }

    private static (WindowClass Label, int Fault) Classify(ImmutableArray<Fault> faults, int t)
    {
        var label = t < FirstLabelled ? WindowClass.Ignored : WindowClass.Normal;
        for (var i = 0; i < faults.Length; i++)
        {
            var (a, b) = (faults[i].First, faults[i].Last);
            if (t >= a && t <= Math.Min(Math.Max(b, a + ShortestCandidates), a + LongestCandidates) && t >= FirstLabelled)
            {
                return (WindowClass.Candidate, i);
            }

            if (t >= a && t <= b + Aftermath)
            {
                label = WindowClass.Ignored;
            }
        }

        return (label, -1);
    }
}
