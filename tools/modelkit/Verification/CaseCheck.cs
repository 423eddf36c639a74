using System.Numerics.Tensors;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;

namespace EdgeGateway.ModelKit.Verification;

/// <summary>One case on a loaded model.</summary>
internal sealed class CaseCheck(PhiModel model, LoraAdapter? adapter, ReferenceCase item, Tolerance tolerance)
{
    private readonly bool exact = model.Form == ComputeForm.Float;
    private readonly float allowed = model.Form == ComputeForm.Float ? tolerance.Exact : tolerance.AsBuilt;
    private string? problem;
    private float largest;
    private (int Equal, int Compared, int NearTies) tokens;

    public CaseResult Run(string folder)
    {
        CompareText();
        ComparePrompt();
        CompareKeptPrefix();
        CompareTokens();
        CompareAfterDecode();
        return new CaseResult(folder, item.Name, exact ? "exact" : "as built", tokens.Equal, tokens.Compared, tokens.NearTies, largest, problem);
    }

    private void CompareText()
    {
        if (item.Text is { } text && !model.Tokenizer.Encode(text, addSpecialTokens: true).AsSpan().SequenceEqual(item.PromptIds))
        {
            problem ??= "the text gives other ids";
        }
    }

    /// <summary>The whole prompt against the references, and the prompt in pieces against the whole.</summary>
    private void ComparePrompt()
    {
        using var whole = new TokenSequence(model, adapter, item.PromptIds.Length);
        var logits = whole.Append(item.PromptIds).ToArray();
        if (item.LogitsLast is { } last)
        {
            Compare(logits, exact ? last.OrtExact ?? last.Ort : last.Ort, "whole prompt");
            if (exact && last.Torch is { } torch)
            {
                Compare(logits, torch, "whole prompt against the framework");
            }
        }

        using var pieces = new TokenSequence(model, adapter, item.PromptIds.Length);
        var from = 0;
        foreach (var cut in (int[])[.. item.Chunked?.Cuts ?? [], item.PromptIds.Length])
        {
            var part = pieces.Append(item.PromptIds.AsSpan(from, cut - from));
            from = cut;
            if (cut == item.PromptIds.Length)
            {
                Compare(part, logits, "prompt in pieces");
            }
        }
    }

    /// <summary>A kept prefix must not change a bit.</summary>
    private void CompareKeptPrefix()
    {
        var prompt = item.PromptIds.AsSpan();
        int[][] labels = [.. Enumerable.Range(0, model.Config.VocabularySize).Select(id => (int[])[id])];
        var (whole, behind) = (new float[labels.Length], new float[labels.Length]);
        using var plain = new LabelScorer(model, [], labels);
        plain.Score(prompt, whole, adapter);
        using var kept = new LabelScorer(model, prompt[..(prompt.Length / 2)], labels);
        kept.Score(prompt[(prompt.Length / 2)..], behind, adapter);
        if (!whole.AsSpan().SequenceEqual(behind))
        {
            problem ??= "a kept prefix changes bits";
        }
    }

    /// <summary>
    /// Greedy tokens agree up to the first step whose margin is below what logits may differ by. Where a reference went on with keys of the short rotary table beyond a longrope switch,
    /// the engine does not: it is compared up to there.
    /// </summary>
    private void CompareTokens()
    {
        var (expected, margins, enough) = item.NewTokensRecomputed is { } anew ? (anew, item.MarginsRecomputed!, tolerance.AsBuilt)
            : exact && item.NewTokensExact is { } inFloat ? (inFloat, item.MarginsExact!, allowed)
            : (item.NewTokens, item.Margins, allowed);
        using var sequence = new TokenSequence(model, adapter, item.PromptIds.Length + expected.Length);
        var logits = sequence.Append(item.PromptIds);
        for (var step = 0; step < expected.Length; step++)
        {
            if (item.NewTokensRecomputed is null && item.PromptIds.Length <= model.RotarySwitch && sequence.Length > model.RotarySwitch)
            {
                return;
            }

            if (TensorPrimitives.IndexOfMax(logits) is var best && best != expected[step])
            {
                tokens.NearTies = expected.Length - step;
                if (margins[step] >= enough)
                {
                    tokens = (tokens.Equal, expected.Length, 0);
                    problem ??= $"token {step} is {best} instead of {expected[step]} (margin {margins[step]})";
                }

                return;
            }

            tokens = (step + 1, step + 1, 0);
            if (step + 1 < expected.Length)
            {
                logits = sequence.Append([expected[step]]);
            }
        }
    }

    private void CompareAfterDecode()
    {
        if (item.AfterDecode is not { } after)
        {
            return;
        }

        var crossesSwitch = after.StaleKvDiff is not null;
        var expected = (exact, crossesSwitch) switch
        {
            (true, true) => after.WholeExact ?? after.Whole,
            (true, false) => after.OrtExact ?? after.Ort,
            (false, true) => after.Whole,
            (false, false) => after.Ort,
        };
        if (expected is not null)
        {
            using var sequence = new TokenSequence(model, adapter);
            var logits = sequence.Append(item.PromptIds);
            foreach (var token in exact ? after.FedExact ?? after.Fed : after.Fed)
            {
                logits = sequence.Append([token]);
            }

            Compare(logits, expected, "after decoding");
        }
    }

    private void Compare(ReadOnlySpan<float> logits, ReadOnlySpan<float> expected, string what)
    {
        if (logits.Length != expected.Length)
        {
            problem ??= $"{what}: {logits.Length} logits instead of {expected.Length}";
            return;
        }

        var difference = 0f;
        for (var i = 0; i < logits.Length; i++)
        {
            // not Math.Max of the two: what is no number must not pass
            difference = Math.Abs(logits[i] - expected[i]) is var one && one <= difference ? difference : one;
        }

        largest = difference <= largest ? largest : difference;
        if (!(difference <= allowed))
        {
            problem ??= $"{what}: logits differ by {difference:g3}, more than {allowed:g3}";
        }
    }
}
