using System.Security.Cryptography;
using System.Text;
using EdgeGateway.Replay;
using EdgeGateway.Windows.Fields;
using SensorSimulator.Synthesis;

namespace EdgeGateway.PhiTrain.Data;

/// <summary>What recordings are used for.</summary>
internal enum RecordingUse
{
    /// <summary>Both of the others.</summary>
    Both,

    /// <summary>Their event-free stretches get injected faults.</summary>
    Backgrounds,

    /// <summary>Their windows and labels are taken as they are.</summary>
    Examples,
}

/// <summary>A part of the work, as large as what a kill may cost.</summary>
/// <param name="Name">Of its file.</param>
/// <param name="Units">Series or recordings in it.</param>
internal sealed record DataPart(string Name, int Units, Func<Action, RawSeries[]> Make);

/// <summary>What the windows are made of.</summary>
/// <param name="Count">Generated series.</param>
/// <param name="Recordings">None, or labelled recordings that are added.</param>
internal sealed record DataPlan(ulong Seed, int Count, IReadOnlyList<LabelledRecording> Recordings, RecordingUse Use)
{
    private const int SeriesPerPart = 32;

    /// <summary>
    /// Names everything that the windows depend on (SHA-256): settings, the very recordings, and the code of generator and fields (the compiler gives equal sources an equal
    /// id).
    /// </summary>
    public string Identity()
    {
        var code = new[] { typeof(SyntheticSeries), typeof(SensorFields), typeof(DataPlan) }.Select(t => t.Assembly.ManifestModule.ModuleVersionId);
        var files = Recordings.Select(r => $"{r.Name} {r.Labels.Set} {r.Device} {string.Join(' ', r.Labels.Columns)} {r.Labels.Warmup} {string.Join(' ', r.Labels.Events.SelectMany(e => e))} {HashOf(r.Path)}");
        var all = $"seed {Seed}, {Count} series, recordings as {Use}: {string.Join("; ", files)}, code {string.Join(' ', code)}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)));
    }

    /// <summary>The parts: generated series first, so that their numbers are those of the generator.</summary>
    public IReadOnlyList<DataPart> Parts() =>
    [
        .. Enumerable.Range(0, (Count + SeriesPerPart - 1) / SeriesPerPart).Select(i => Generated(i * SeriesPerPart)),
        .. Recordings.Select((r, i) => new DataPart($"recorded-{i:00000}", 1, done => Recorded(r, done))),
    ];

    private DataPart Generated(int first)
    {
        var units = Math.Min(SeriesPerPart, Count - first);
        return new DataPart($"generated-{first:00000}", units, done => WindowFactory.Generate(Seed, first, units, _ => done()));
    }

    private RawSeries[] Recorded(LabelledRecording recording, Action done)
    {
        List<RawSeries> series = [];
        var example = RecordedWindows.ToSeries(recording);
        if (Use != RecordingUse.Backgrounds)
        {
            series.Add(example);
        }

        if (Use != RecordingUse.Examples)
        {
            series.AddRange(RecordedBackgrounds.ToSeries(recording, example.Origin! with { Kind = SeriesKind.Background }, RecordedWindows.RowsOf(recording), Seed));
        }

        done();
        return [.. series];
    }

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
