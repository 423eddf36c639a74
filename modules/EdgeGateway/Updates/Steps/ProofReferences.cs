using System.Collections.Immutable;
using EdgeGateway.Models;
using EdgeGateway.Settings;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Updates.Steps;

/// <summary>
/// What a candidate is held against on the windows of the image: what judges now, and what stays when releases go, so that the small losses of each do not add up: of an adapter the model
/// without it, of a model that of the image.
/// </summary>
/// <param name="All">What judges now first.</param>
/// <param name="Under">What operators had set when they were asked: it holds for the candidate too.</param>
internal sealed record ProofReferences(ImmutableArray<CanonicalAnswers> All, DetectionSettings Under)
{
    /// <summary>What a model without an adapter is called in sentences.</summary>
    public const string Alone = "the model without an adapter";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>Asks them.</summary>
    public static ProofReferences Of(SlotId slot, UpdateParts parts, CancellationToken token)
    {
        var under = parts.Detection();
        using var now = parts.Host.NewJudge(slot.Adapter, out var sensor);
        var running = Ask(new JudgedModel(now, sensor.Under(under)), parts, token);
        running = now is null ? running with { By = "the statistics" } : running;
        return new ProofReferences(Lasting(slot, parts, under, token) is { } lasting ? [running, lasting] : [running], under);
    }

    /// <summary>
    /// Lets it judge as many windows as it has time for, at least <see cref="CanonicalWindows.Fewest"/>: a model of gigabytes takes seconds for one. Fewer windows tell less from chance, so
    /// that only grosser faults are refused; what remains is for shadow judging.
    /// </summary>
    public static CanonicalAnswers Ask(JudgedModel judged, UpdateParts parts, CancellationToken token)
    {
        var began = parts.Clock.GetTimestamp();
        return CanonicalAnswers.Of(judged, parts.Canonical.Value, done => done < CanonicalWindows.Fewest || parts.Clock.GetElapsedTime(began) < Longest, token);
    }

    /// <summary>Null where it is what judges now.</summary>
    private static CanonicalAnswers? Lasting(SlotId slot, UpdateParts parts, DetectionSettings under, CancellationToken token)
    {
        if (slot.Adapter is not null)
        {
            using var alone = parts.Host.Of(slot.Adapter)?.Adapter is null ? null : parts.Host.NewJudge(null, out _);
            return alone is null ? null : Ask(new JudgedModel(alone, parts.Host.Sensor.Under(under)), parts, token) with { By = Alone };
        }

        if (parts.Host.Model is { Manifest: null })
        {
            return null;
        }

        using var own = LoadedModel.Load(LoadedModel.BuiltIn);
        using var judge = own.NewJudge();
        return Ask(new JudgedModel(judge, own.Sensor.Under(under)), parts, token) with { By = "the model of the image" };
    }
}
