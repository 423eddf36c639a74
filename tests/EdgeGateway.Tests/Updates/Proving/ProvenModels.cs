using EdgeGateway.Commands;
using EdgeGateway.Models;
using EdgeGateway.Prompts;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;

namespace EdgeGateway.Tests.Updates.Proving;

/// <summary>The built-in model alone and with the adapters of tests/vectors/adapters, which tests/adapters/make trains. Judges are for one test at a time.</summary>
public sealed class ProvenModels : IDisposable
{
    private readonly Dictionary<string, (ChosenModel Model, PhiVerdictModel Judge)> loaded = [];
    private readonly Dictionary<string, CanonicalAnswers> answers = [];
    private readonly Dictionary<(object Windows, string Name), Verdict[]> verdicts = [];

    /// <summary>Name of the model without an adapter.</summary>
    public const string BuiltIn = "phi-sensor";

    /// <summary>The windows of the image.</summary>
    internal static CanonicalWindows Windows { get; } = CanonicalWindows.Load(CanonicalWindows.BuiltIn);

    /// <summary>Where an adapter lies.</summary>
    public static string FolderOf(string adapter) => Path.Combine(SharedFolder.RepositoryRoot, "tests", "vectors", "adapters", adapter);

    /// <summary>The model of an adapter as <c>modelkit package pack</c> loads it.</summary>
    internal ChosenModel Chosen(string name) => Loaded(name).Model;

    /// <summary>The model with an adapter, as it judges on a device.</summary>
    internal JudgedModel this[string name] => new(Loaded(name).Judge, Loaded(name).Model.Sensor);

    /// <summary>What it says of all windows of the image, computed once.</summary>
    internal CanonicalAnswers AnswersOf(string name) =>
        answers.TryGetValue(name, out var known) ? known : answers[name] = CanonicalAnswers.Of(this[name], Windows, _ => true, CancellationToken.None);

    /// <summary>What it says of live windows, computed once.</summary>
    internal Verdict[] VerdictsOf(IReadOnlyList<WindowSummary> windows, string name) =>
        verdicts.TryGetValue((windows, name), out var known) ? known : verdicts[(windows, name)] = windows.Judge(this[name]);

    public void Dispose()
    {
        foreach (var (model, judge) in loaded.Values)
        {
            judge.Dispose();
            model.Dispose();
        }
    }

    private (ChosenModel Model, PhiVerdictModel Judge) Loaded(string name)
    {
        if (!loaded.TryGetValue(name, out var found))
        {
            var model = ChosenModel.Load(LoadedModel.BuiltIn, name == BuiltIn ? null : FolderOf(name));
            loaded.Add(name, found = (model, model.NewJudge()));
        }

        return found;
    }
}

/// <summary>A model whose answers a test changes.</summary>
internal sealed class ChangedModel(IVerdictModel model, Action<float[]> change) : IVerdictModel
{
    public void Judge(ReadOnlySpan<char> prompt, Span<float> probabilities)
    {
        model.Judge(prompt, probabilities);
        var changed = probabilities.ToArray();
        change(changed);
        changed.CopyTo(probabilities);
    }

    /// <summary>Says normal where the model says faulty, as surely, and the other way round.</summary>
    public static JudgedModel Inverted(JudgedModel judged)
    {
        var normal = judged.Sensor.Labels.Select((l, i) => (l.Kind, i)).Single(l => l.Kind == LabelSpec.Normal).i;
        return judged with
        {
            Model = new ChangedModel(judged.Model!, probabilities =>
            {
                var healthy = probabilities[normal];
                Array.Fill(probabilities, healthy / (probabilities.Length - 1));
                probabilities[normal] = 1 - healthy;
            }),
        };
    }

    public void Dispose()
    {
        // the model is its owner's
    }
}
