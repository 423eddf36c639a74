using System.Runtime.InteropServices;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Soak.Harness;

namespace EdgeGateway.Soak;

/// <summary>Whether the engine keeps memory, handles and answers as they are: verdicts and greedy answers while adapters are swapped, then models loaded and unloaded, all in this process.</summary>
internal sealed class Engine(TextWriter output, TimeProvider clock)
{
    private const int Verdicts = 100_000;
    private const int Decodes = 2_000;
    private const int NewTokens = 32;
    private const int Loads = 200;
    private static readonly int[] Ranks = [2, 4, 8, 16];
    private static readonly int[] Lengths = [1, 2, 5, 17, 33, 34, 48, 64, 70, 96, 130, 200];
    private static readonly int[][] Labels = [[3], [1], [7, 9]];
    private readonly Endurance endurance = new(output, clock);

    /// <summary>Runs and prints all parts; true when all targets are met.</summary>
    public bool Run(CancellationToken token)
    {
        output.WriteLine($"{Environment.ProcessorCount} cores ({CpuFeatures.Description}). A random model, 2 layers x 64; {Lengths.Length} prompts of {Lengths[0]} to {Lengths[^1]} tokens; adapters of rank {string.Join(", ", Ranks)}.");
        using var random = new RandomPhi(Ranks);
        var prompts = Lengths.Select(random.Tokens).ToArray();
        var prefix = random.Tokens(16);
        bool steady;
        using (var model = PhiModel.Load(random.Folder, new PhiModelOptions { Adapters = true, Callers = 2 }))
        {
            steady = Judge(model, random.Adapters, prefix, prompts, token);
            steady &= Decode(model, random.Adapters, prompts, token);
        }

        steady &= Load(random, prefix, prompts, token);
        output.WriteLine(steady ? "engine: all targets met" : "engine: NOT all targets met");
        return steady;
    }

    private bool Judge(PhiModel model, IReadOnlyList<string> adapters, int[] prefix, int[][] prompts, CancellationToken token)
    {
        output.WriteLine($"\n{Verdicts:#,0} verdicts from two threads that share a scorer, adapters swapped every 50");
        using var scorer = new LabelScorer(model, prefix, Labels);
        using var swapped = new SwappedAdapters(model, adapters, prompts, (prompt, adapter) => Score(scorer, prompt, adapter));
        var steady = endurance.Run(Verdicts, numbers => swapped.Run(numbers, token));
        return Report(swapped.Answers, swapped.Refused) && steady;
    }

    private bool Decode(PhiModel model, IReadOnlyList<string> adapters, int[][] prompts, CancellationToken token)
    {
        output.WriteLine($"\n{Decodes:#,0} greedy answers of {NewTokens} tokens from two threads, adapters swapped every 50");
        using var swapped = new SwappedAdapters(model, adapters, prompts, (prompt, adapter) => GreedyDecoder.Generate(model, prompt, NewTokens, [], adapter));
        var steady = endurance.Run(Decodes, numbers => swapped.Run(numbers, token));
        return Report(swapped.Answers, swapped.Refused) && steady;
    }

    private bool Load(RandomPhi random, int[] prefix, int[][] prompts, CancellationToken token)
    {
        ComputeForm[] forms = CpuFeatures.HasInt8Products ? [ComputeForm.Float, ComputeForm.AsBuilt, ComputeForm.Int8] : [ComputeForm.Float, ComputeForm.AsBuilt];
        output.WriteLine($"\n{Loads} loads and unloads, forms {string.Join(", ", forms)} in turn, with the pool and without");
        var answers = new Answers();
        var steady = endurance.Run(Loads, numbers =>
        {
            for (var number = numbers.Start.Value; number < numbers.End.Value; number++)
            {
                token.ThrowIfCancellationRequested();
                var options = new PhiModelOptions { Adapters = true, UsePool = number % 2 == 1, Compute = forms[number / 2 % forms.Length] };
                LoadOnce(random.Folder, options, random.Adapters[number % random.Adapters.Count], prefix, prompts, answers);
            }
        });
        return Report(answers, Loads) && steady;
    }

    /// <summary>Loads, judges with an adapter and without, and unloads after a call was refused, which must leave nothing behind either.</summary>
    private static void LoadOnce(string folder, PhiModelOptions options, string adapterFolder, int[] prefix, int[][] prompts, Answers answers)
    {
        using var model = PhiModel.Load(folder, options);
        using var scorer = new LabelScorer(model, prefix, Labels);
        using var adapter = model.LoadAdapter(adapterFolder);
        for (var i = 0; i < prompts.Length; i++)
        {
            var question = $"{options.Compute}, pool {options.UsePool}, prompt {i}, ";
            answers.Add(question + "no adapter", Score(scorer, prompts[i], null));
            answers.Add(question + adapter.Name, Score(scorer, prompts[i], adapter));
        }

        adapter.Dispose();
        try
        {
            Score(scorer, prompts[0], adapter);
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        throw new SoakException("The engine took a call with an adapter that was disposed.");
    }

    private static int[] Score(LabelScorer scorer, int[] prompt, LoraAdapter? adapter)
    {
        var scores = new float[Labels.Length];
        scorer.Score(prompt, scores, adapter);
        return MemoryMarshal.Cast<float, int>(scores).ToArray();
    }

    private bool Report(Answers answers, int refused)
    {
        output.WriteLine($"{answers.Questions} different questions, answers unlike the first {answers.Unlike}, calls refused because their adapter was disposed {refused}");
        return answers.Unlike == 0;
    }
}
