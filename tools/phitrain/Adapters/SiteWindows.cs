using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EdgeGateway.Phi;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>The prompts of many windows as tokens, with their labels. Struct of arrays; windows of one series stand together, in the order of their rows.</summary>
internal sealed class SiteWindows
{
    private readonly List<int> tokens = [];
    private readonly List<WindowClass> classes = [];
    private readonly List<int> events = [];
    private readonly List<int> rows = [];
    private readonly List<double> gates = [];
    private readonly List<(int First, int Count, int Rows)> series = [];
    private readonly PromptFrame frame;
    private readonly PromptWriter writer;
    private readonly SensorModel sensor;
    private readonly int[] prompt;
    private readonly char[] text;
    private int firstEvent;

    /// <param name="tokenizer">That of the base model.</param>
    public SiteWindows(Tokenizer tokenizer, SensorModel sensor)
    {
        (this.sensor, frame, writer) = (sensor, new PromptFrame(tokenizer, sensor), new PromptWriter(sensor));
        (prompt, text) = (new int[frame.Before.Length + frame.LongestText + frame.After.Length], new char[writer.Length]);
        var nothing = new double[Windows.Fields.SensorFields.Count];
        Array.Fill(nothing, double.NaN);
        Write(nothing);
        Absent = [.. prompt];
    }

    /// <summary>Tokens of every prompt.</summary>
    public int Length => prompt.Length;

    /// <summary>The prompt of a window whose fields are all absent: what a token is where its field is left out.</summary>
    public int[] Absent { get; }

    /// <summary>Tokens that every prompt begins with.</summary>
    public int[] Before => frame.Before;

    /// <summary>The one token of each answer, "normal" among them.</summary>
    public int[] Answers => [.. frame.Labels.Select(l => l.Length == 1 ? l[0] : throw new InvalidDataException($"An answer of {sensor.Name} has {l.Length} tokens; adapters are trained on models whose answers have one."))];

    /// <summary>Which of the answers is "normal".</summary>
    public int Normal => sensor.Labels.Select((l, i) => (l.Kind, i)).First(l => l.Kind == LabelSpec.Normal).i;

    public int Count => classes.Count;

    public IReadOnlyList<WindowClass> Classes => classes;

    /// <summary>Number of the event that a candidate belongs to, unique over all series; -1 else.</summary>
    public IReadOnlyList<int> Events => events;

    /// <summary>Row that each window ends with.</summary>
    public IReadOnlyList<int> Rows => rows;

    /// <summary>What the gate says of each window.</summary>
    public IReadOnlyList<double> GateScores => gates;

    /// <summary>First window, number of windows and number of rows of each series.</summary>
    public IReadOnlyList<(int First, int Count, int Rows)> Series => series;

    /// <summary>The tokens of one prompt.</summary>
    public ReadOnlySpan<int> PromptOf(int window) => CollectionsMarshal.AsSpan(tokens).Slice(window * Length, Length);

    /// <summary>SHA-256 of all prompts and classes; hexadecimal.</summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(tokens)));
        hash.AppendData(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(classes)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Adds the windows of a recording that the gateway would judge.</summary>
    /// <exception cref="FormatException">The recording cannot be read, or its labels do not fit it.</exception>
    public void Add(LabelledRecording recording)
    {
        var (first, windows) = (Count, new RecordedWindows(recording));
        foreach (var (row, window, label, happened) in windows.Read())
        {
            if (window.Samples >= sensor.MinimumSamples && window.FreshSamples >= WindowSummary.Length)
            {
                Add(window.Fields.AsSpan(), label, happened, row);
            }
        }

        firstEvent += recording.Labels.Events.Length;
        series.Add((first, Count - first, windows.Rows));
    }

    /// <summary>Adds the windows of a generated series.</summary>
    public void Add(RawSeries generated)
    {
        var (first, fields) = (Count, new double[Windows.Fields.SensorFields.Count]);
        for (var i = 0; i < generated.Ends.Length; i++)
        {
            for (var field = 0; field < fields.Length; field++)
            {
                fields[field] = generated.Fields[(i * fields.Length) + field];
            }

            Add(fields, generated.Classes[i], generated.Events[i], generated.Ends[i]);
        }

        firstEvent += generated.Faults.Length;
        series.Add((first, Count - first, generated.Samples));
    }

    private void Add(ReadOnlySpan<double> fields, WindowClass label, int happened, int row)
    {
        Write(fields);
        tokens.AddRange(prompt);
        classes.Add(label);
        events.Add(happened < 0 ? -1 : firstEvent + happened);
        rows.Add(row);
        gates.Add(Gate.Score(fields));
    }

    /// <summary>Fills <see cref="prompt"/>.</summary>
    private void Write(ReadOnlySpan<double> fields)
    {
        writer.Write(fields, text);
        frame.Before.CopyTo(prompt, 0);
        var length = frame.Before.Length + frame.Encode(text, prompt.AsSpan(frame.Before.Length));
        if (length != prompt.Length)
        {
            throw new InvalidDataException($"Prompts of {sensor.Name} have {length} to {prompt.Length} tokens; adapters are trained on models whose prompts have one length.");
        }
    }
}
