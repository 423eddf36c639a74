using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Updates.Proving;

/// <summary>
/// Shadow judging: the candidate judges live windows beside another model, the running one or what stays under it, and nothing of it is sent. It may not disagree too often, see a
/// multiple of the anomalies, or be silent where the other is sure, of any kind of fault. Decided once, at the end: looking again and again would find chance. What is under way of a
/// sensor is lost with the process and costs one anomaly. One thread at a time.
/// </summary>
/// <param name="kinds">The kinds of the other model, in the order of <see cref="Verdict.Kinds"/>.</param>
/// <param name="state">What an earlier run counted, or <see cref="ShadowState.New"/>.</param>
internal sealed class ShadowTally(ProofLimits limits, IReadOnlyList<string> kinds, TimeProvider clock, ShadowState state)
{
    /// <summary>So many windows of each sensor, on average: sensors of one plant have their good and bad hours together.</summary>
    public const int WindowsOfSensor = 30;

    /// <summary>Probability of "not normal" from which on a model is sure by itself, whatever the gate adds.</summary>
    public const double SureProbability = .9;

    private readonly Dictionary<Sensor, Course> courses = [];

    /// <summary>What the other model is called in sentences.</summary>
    public string By { get; init; } = "the running model";

    /// <summary>The counts so far.</summary>
    public ShadowState State { get; private set; } = state;

    /// <summary>The time is over, but too few windows were judged; it goes on until there are enough.</summary>
    public bool IsPending => IsOverdue && State.Windows < limits.FewestShadowWindows;

    private bool IsOverdue => clock.GetUtcNow() - State.Started >= TimeSpan.FromHours(limits.ShadowHours);

    private bool IsEnded => (IsOverdue && State.Windows >= limits.FewestShadowWindows) || State.Windows >= Math.Max((long)limits.ShadowWindows, (long)WindowsOfSensor * courses.Count);

    /// <summary>Takes what both say of one window; windows that one of them did not judge do not count.</summary>
    public void Add(Verdict active, Verdict candidate)
    {
        if (!double.IsFinite(active.Score) || candidate.NotJudged is not null)
        {
            return;
        }

        var course = courses.TryGetValue(active.Window.Sensor, out var known) ? known : courses[active.Window.Sensor] = new Course();
        var (here, there) = (active.Anomalous, candidate.Anomalous);
        State = State with
        {
            Started = clock.GetUtcNow() is var now && now < State.Started ? now : State.Started, // the clock was set back
            Windows = State.Windows + 1,
            Disagreements = State.Disagreements + (here == there ? 0 : 1),
            ActiveAlerts = State.ActiveAlerts + (here && !course.Active ? 1 : 0),
            CandidateAlerts = State.CandidateAlerts + (there && !course.Candidate ? 1 : 0),
        };
        Follow(course, active, here, there);
    }

    /// <summary>What comes of it; null while it is undecided or pending.</summary>
    public ProofResult? Result => !IsEnded ? null : Disagreement() ?? Alerts() ?? Silence() ?? ProofResult.Passed;

    private void Follow(Course course, Verdict active, bool here, bool there)
    {
        if (here)
        {
            var (probability, kind) = Likeliest(active);
            (course.Peak, course.Kind) = course.Active && course.Peak >= probability ? (course.Peak, course.Kind) : (probability, kind);
            course.Found = there || (course.Active && course.Found);
        }
        else if (course.Active && course.Peak >= SureProbability)
        {
            var before = State.Sure.GetValueOrDefault(course.Kind);
            State = State with { Sure = State.Sure.SetItem(course.Kind, new SureAnomalies(before.All + 1, before.Missed + (course.Found ? 0 : 1))) };
        }

        (course.Active, course.Candidate) = (here, there);
    }

    /// <summary>Probability of "not normal" and its likeliest kind; statistics name none and are never sure.</summary>
    private (double Probability, string Kind) Likeliest(Verdict verdict) => verdict.Kinds.IsEmpty ? (0, "") : (verdict.Kinds.Sum(), kinds[verdict.Kinds.IndexOf(verdict.Kinds.Max())]);

    private ProofResult? Disagreement() => RateTest.ExceedsShare(State.Disagreements, State.Windows, limits.MostDisagreement / 100.0) ? ProofResult.Refused("shadow-disagreement",
        $"It disagreed with {By} on {State.Disagreements} of {State.Windows} live windows; at most {limits.MostDisagreement} % are allowed: if the change is wanted, allow more in the gateway's site file.") : null;

    private ProofResult? Alerts() => RateTest.Exceeds(State.CandidateAlerts, State.ActiveAlerts, limits.MostAlerts / 100.0) ? ProofResult.Refused("shadow-alerts",
        $"In {State.Windows} live windows it saw the beginnings of {State.CandidateAlerts} anomalies, {By} {State.ActiveAlerts}; at most {limits.MostAlerts} % of that, and what chance gives, are allowed: raise its threshold, or train it on more normal windows.") : null;

    private ProofResult? Silence()
    {
        foreach (var (kind, sure) in State.Sure)
        {
            if (RateTest.ExceedsShare(sure.Missed, sure.All, limits.MostSilence / 100.0))
            {
                return ProofResult.Refused("shadow-silence",
                    $"It was silent in {sure.Missed} of {sure.All} live anomalies of the kind {kind} that {By} was sure of; at most {limits.MostSilence} % are allowed: check whether this kind was labelled as normal in training.");
            }
        }

        return null;
    }

    /// <summary>What is under way at one sensor.</summary>
    private sealed class Course
    {
        public bool Active;
        public bool Candidate;
        public bool Found;
        public double Peak;
        public string Kind = "";
    }
}
