using EdgeGateway.PhiTrain.Data;
using EdgeGateway.Windows.Fields;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeGateway.PhiTrain.Training;

/// <summary>Scores of windows by a student in float.</summary>
internal static class Scorer
{
    private const int BatchSize = 512;

    /// <summary>log(sum of the kinds' probabilities / probability of normal) of each of these windows, in their order; <paramref name="done"/> hears how many are scored.</summary>
    public static float[] Score(Student student, TrainingWindows windows, ReadOnlySpan<int> numbers, Action<int>? done = null)
    {
        set_num_threads(1);
        using var off = no_grad();
        var scores = new float[numbers.Length];
        var tokens = new long[BatchSize * StudentShape.Tokens];
        for (var first = 0; first < numbers.Length; first += BatchSize)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(BatchSize, numbers.Length - first);
            for (var i = 0; i < count; i++)
            {
                WritePrompt(windows.DigitsOf(numbers[first + i]), tokens.AsSpan(i * StudentShape.Tokens, StudentShape.Tokens));
            }

            var logits = student.forward(TorchLibrary.Own(tensor(tokens.AsSpan(0, count * StudentShape.Tokens).ToArray(), [count, StudentShape.Tokens])));
            var score = (logits.narrow(1, 1, StudentShape.Answers.Length - 1).logsumexp(1) - logits.select(1, 0)).data<float>();
            for (var i = 0; i < count; i++)
            {
                scores[first + i] = score[i];
            }

            done?.Invoke(first + count);
        }

        return scores;
    }

    private static void WritePrompt(ReadOnlySpan<byte> digits, Span<long> prompt)
    {
        prompt[0] = StudentShape.Start;
        for (var field = 0; field < SensorFields.Count; field++)
        {
            prompt[field + 1] = StudentShape.Pair(field, digits[field]);
        }

        prompt[^1] = StudentShape.EqualsSign;
    }
}
