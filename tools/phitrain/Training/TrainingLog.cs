using System.Globalization;

namespace EdgeGateway.PhiTrain.Training;

/// <summary>One step of one part of a training.</summary>
/// <param name="Part">Its name.</param>
/// <param name="Step">From 1.</param>
/// <param name="Steps">Of the whole part.</param>
/// <param name="Loss">Of this batch.</param>
/// <param name="F1">On held-out series, where it was validated after this step.</param>
internal sealed record TrainingPoint(string Part, int Step, int Steps, double Loss, double? F1);

/// <summary>
/// The curves of a training in <c>progress.csv</c> of its work folder: header <c>part,step,steps,loss,f1</c>, a line a step, as it happens. A training that went on after a
/// kill writes the steps since its checkpoint once more. Thread-safe.
/// </summary>
internal sealed class TrainingLog : IDisposable
{
    /// <summary>Name of the file in a work folder.</summary>
    public const string FileName = "progress.csv";

    private const string Header = "part,step,steps,loss,f1";
    private readonly Lock gate = new();
    private readonly StreamWriter writer;

    /// <summary>Goes on in the log of this folder.</summary>
    public TrainingLog(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var before = File.Exists(path) ? File.ReadAllText(path) : "";
        writer = new StreamWriter(path, append: true) { AutoFlush = true, NewLine = "\n" };
        if (before.Length == 0)
        {
            writer.WriteLine(Header);
        }
        else if (!before.EndsWith('\n'))
        {
            writer.WriteLine();
        }
    }

    /// <summary>A step was done.</summary>
    public void Add(TrainingPoint point)
    {
        lock (gate)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{point.Part},{point.Step},{point.Steps},{point.Loss:R},{point.F1:R}"));
        }
    }

    /// <summary>The curves in the log of a folder, each part's steps rising; a line that a kill cut off is left out.</summary>
    /// <exception cref="InvalidDataException">There is no log, or no step in it.</exception>
    public static IReadOnlyList<IReadOnlyList<TrainingPoint>> Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var parts = new Dictionary<string, List<TrainingPoint>>();
        foreach (var point in File.Exists(path) ? File.ReadLines(path).Select(Parse).OfType<TrainingPoint>() : [])
        {
            var curve = parts.TryGetValue(point.Part, out var known) ? known : parts[point.Part] = [];

            // the training went on from a checkpoint before, or began anew
            while (curve.Count > 0 && curve[^1].Step >= point.Step)
            {
                curve.RemoveAt(curve.Count - 1);
            }

            curve.Add(point);
        }

        return parts.Count > 0 ? [.. parts.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Value)]
            : throw new InvalidDataException($"{path} holds no step of a training; name the folder that phitrain train was given with --work.");
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    private static TrainingPoint? Parse(string line)
    {
        var cells = line.Split(',');
        return cells.Length == 5 && int.TryParse(cells[1], CultureInfo.InvariantCulture, out var step) && int.TryParse(cells[2], CultureInfo.InvariantCulture, out var steps)
            && double.TryParse(cells[3], CultureInfo.InvariantCulture, out var loss)
            ? new TrainingPoint(cells[0], step, steps, loss, double.TryParse(cells[4], CultureInfo.InvariantCulture, out var f1) ? f1 : null) : null;
    }
}
