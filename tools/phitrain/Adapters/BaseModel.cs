using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;
using EdgeGateway.PhiTrain.Commands;
using EdgeGateway.PhiTrain.Training;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>The model that adapters are trained on: its weights as the gateway computes with them, and the gateway's engine to judge with.</summary>
internal sealed class BaseModel : IDisposable
{
    private const int WindowsPerReport = 1000;

    private readonly PhiModel engine;

    /// <summary>Reads a model folder.</summary>
    /// <exception cref="SensorModelException">Its prompts are of another version than this tool's.</exception>
    public BaseModel(string folder)
    {
        Sensor = SensorModel.Load(folder);
        if (Sensor.PromptVersion != StudentShape.PromptVersion)
        {
            throw new SensorModelException(
                $"{Path.Combine(folder, SensorModel.FileName)} has the prompt version {Sensor.PromptVersion}, but this phitrain makes windows of version {StudentShape.PromptVersion}; use the phitrain of the model's release.");
        }

        Digest = DecoderWeights.Digest(folder);
        Trained = TrainingRecord.Load(folder);
        Weights = DecoderWeights.Read(folder);
        engine = PhiModel.Load(folder, new PhiModelOptions { Adapters = true });
    }

    public SensorModel Sensor { get; }

    /// <summary>SHA-256 that names it in adapters.</summary>
    public string Digest { get; }

    /// <summary>What it was trained on; null when its folder does not say.</summary>
    public TrainingRecord? Trained { get; }

    public DecoderWeights Weights { get; }

    public Tokenizer Tokenizer => engine.Tokenizer;

    /// <summary>Scores by the gateway's engine, with the gate's share when the model judges alone, by number of the window; 0 for those that are not asked for.</summary>
    /// <param name="adapter">Folder of an adapter; null = the model alone.</param>
    public float[] Score(SiteWindows windows, int[] numbers, string? adapter, ProgressLog.Part progress)
    {
        using var lora = adapter is null ? null : engine.LoadAdapter(adapter);
        using var scorer = new LabelScorer(engine, windows.Before, [.. windows.Answers.Select(a => new[] { a })]);
        var (scores, done) = (new float[windows.Count], 0);
        Parallel.For(0, numbers.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, () => new float[windows.Answers.Length], (i, _, logits) =>
        {
            scorer.Score(windows.PromptOf(numbers[i])[windows.Before.Length..], logits, lora);
            var logOdds = LogOdds(logits, windows.Normal);
            scores[numbers[i]] = adapter is null ? (float)Sensor.Score(logOdds, windows.GateScores[numbers[i]]) : logOdds;
            if (Interlocked.Increment(ref done) is var now && (now % WindowsPerReport == 0 || now == numbers.Length))
            {
                progress.Report(now);
            }

            return logits;
        }, _ => { });
        return scores;
    }

    public void Dispose() => engine.Dispose();

    private static float LogOdds(float[] logits, int normal)
    {
        var sum = 0.0;
        for (var i = 0; i < logits.Length; i++)
        {
            sum += i == normal ? 0 : Math.Exp(logits[i] - logits[normal]);
        }

        return (float)Math.Log(sum);
    }
}
