using System.Collections.Immutable;
using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Models;

/// <summary>
/// What judges now: one model, or none, and adapters by the names that sources give them. It outlives the stages. Adapters come and go between two verdicts; a model alone comes in while no
/// stage runs, for prompts are written in its form, and may be taken out at any time. Safe for many threads.
/// </summary>
internal sealed class ModelHost : IDisposable
{
    /// <summary>Held for one verdict: whoever puts something in waits for the one under way.</summary>
    private readonly Lock gate = new();
    private readonly ILogger? logger;
    private readonly Dictionary<string, JudgeSeat> adapters = new(StringComparer.Ordinal);
    private readonly HashSet<string> missed = new(StringComparer.Ordinal);
    private JudgeSeat? plain;
    private LoadedModel? model;
    private string? folder;

    /// <summary>Without a model.</summary>
    /// <param name="sensor">What prompts are written for meanwhile.</param>
    /// <param name="logger">Told of adapters that are asked for and missing; null: nobody.</param>
    public ModelHost(SensorModel sensor, ILogger? logger = null) => (Sensor, this.logger) = (sensor, logger);

    /// <summary>With a judge that nobody exchanges: replays and tests.</summary>
    /// <param name="judge">Stays the caller's; null for none.</param>
    public ModelHost(IVerdictModel? judge, SensorModel sensor)
        : this(sensor) => plain = judge is null ? null : new JudgeSeat(judge, new JudgeVersions(sensor.Name, null, null, sensor), null);

    /// <summary>With a model.</summary>
    /// <exception cref="SensorModelException">It cannot judge.</exception>
    public static ModelHost Of(LoadedModel ownedModel)
    {
        var host = new ModelHost(ownedModel.Sensor);
        host.Put(ownedModel);
        return host;
    }

    /// <summary>Whether models are to be loaded with room for adapters, which costs the built-in one a seventh of its speed.</summary>
    public Func<bool> NeedsRoom { get; init; } = () => true;

    /// <summary>What prompts are written for, and what their answers mean: that of the model, or of the last one.</summary>
    public SensorModel Sensor { get; private set; }

    /// <summary>The model in place; null for none.</summary>
    public LoadedModel? Model
    {
        get
        {
            lock (gate)
            {
                return model;
            }
        }
    }

    /// <summary>The adapters in place, by name.</summary>
    public ImmutableDictionary<string, LoadedAdapter> Adapters
    {
        get
        {
            lock (gate)
            {
                return adapters.ToImmutableDictionary(a => a.Key, a => a.Value.Adapter!);
            }
        }
    }

    /// <summary>Whether a model judges; else statistics do.</summary>
    public bool HasModel => Volatile.Read(ref plain) is not null;

    /// <summary>Told every verdict that the model made, with the name of the adapter that it was made with, on the judging thread: it must not wait.</summary>
    public event Action<Prompt, Verdict, string?>? Judged;

    /// <summary>Puts the model of a folder in when another folder than before is asked for. What was put in before the first call stays.</summary>
    /// <exception cref="SensorModelException">It cannot judge sensors.</exception>
    /// <exception cref="Phi.ModelRefusedException">The engine refuses it.</exception>
    public void UseFolder(string path)
    {
        if (folder is null ? !HasModel : folder != path)
        {
            SetNone()?.Dispose();
            Put(LoadedModel.Load(path, NeedsRoom()));
        }

        folder = path;
    }

    /// <summary>Puts a model in while no stage runs; gives what was in its place. Adapters come after it.</summary>
    /// <param name="ownedModel">Disposed when it cannot judge.</param>
    /// <exception cref="SensorModelException">It cannot judge: a label is not one token, or prompts do not fit into its context.</exception>
    public ModelInUse? Put(LoadedModel ownedModel)
    {
        try
        {
            var seat = new JudgeSeat(ownedModel.NewJudge(), new JudgeVersions(ownedModel.Version, null, null, ownedModel.Sensor), null);
            return Exchange(ownedModel, seat);
        }
        catch
        {
            ownedModel.Dispose();
            throw;
        }
    }

    /// <summary>Takes the model out, also while it judges: statistics decide from now on. Gives what was in its place.</summary>
    public ModelInUse? SetNone() => Exchange(null, null);

    /// <summary>Puts an adapter in, between two verdicts; gives the one of that name that it takes the place of, for the caller to dispose.</summary>
    /// <param name="adapter">Of the model in place.</param>
    /// <exception cref="InvalidOperationException">Another model is in place.</exception>
    /// <exception cref="SensorModelException">It cannot judge.</exception>
    public LoadedAdapter? Put(LoadedAdapter adapter)
    {
        var seat = new JudgeSeat(adapter.NewJudge(), new JudgeVersions(adapter.Model.Version, adapter.Name, adapter.Version, adapter.Sensor), adapter);

        // what is computed once, the prefix with this adapter, is computed before anybody waits for it
        seat.Judge.Judge(adapter.Sensor.Suffix, new float[adapter.Sensor.Labels.Length]);
        JudgeSeat? old;
        lock (gate)
        {
            if (adapter.Model != model)
            {
                seat.Dispose();
                throw new InvalidOperationException($"the adapter {adapter.Version} is one of {adapter.Model.Version}, which is not in place");
            }

            adapters.Remove(adapter.Name, out old);
            adapters.Add(adapter.Name, seat);
            missed.Remove(adapter.Name);
        }

        old?.Dispose();
        return old?.Adapter;
    }

    /// <summary>Takes an adapter out, between two verdicts: the model alone judges its sources from now on. Null when there is none of that name.</summary>
    public LoadedAdapter? RemoveAdapter(string name)
    {
        JudgeSeat? old;
        lock (gate)
        {
            adapters.Remove(name, out old);
        }

        old?.Dispose();
        return old?.Adapter;
    }

    /// <summary>Ends with the first verdict since it was put in: of the model, whatever the adapter, or with that adapter. Never, when it was not there or is taken out before.</summary>
    public Task FirstVerdictAsync(string? adapter = null)
    {
        lock (gate)
        {
            return ((adapter is null ? plain : adapters.GetValueOrDefault(adapter))?.First ?? new TaskCompletionSource()).Task;
        }
    }

    /// <summary>Who would be asked about windows of a source; null when no model judges.</summary>
    /// <param name="adapter">What the source asks for; null for the model alone.</param>
    public JudgeVersions? Of(string? adapter)
    {
        lock (gate)
        {
            return Seat(adapter)?.Versions;
        }
    }

    /// <summary>Asks the model, with the adapter that the window's source names when that one is in place; null when no model judges.</summary>
    /// <param name="probabilities">A place for each label.</param>
    public JudgeVersions? Ask(Prompt prompt, Span<float> probabilities)
    {
        lock (gate)
        {
            var seat = Seat(prompt.Window.Sensor.Source.Adapter);
            seat?.Judge.Judge(prompt.Text, probabilities);
            seat?.First.TrySetResult();
            plain?.First.TrySetResult();
            if (seat is { Adapter: null } && prompt.Window.Sensor.Source.Adapter is { } wanted && missed.Add(wanted))
            {
                logger?.AdapterMissing(prompt.Window.Sensor.Source.Name, wanted, seat.Versions.Model);
            }

            return seat?.Versions;
        }
    }

    /// <summary>A second judge of what judges windows of a source now, for another thread; null when no model does, or one that nobody exchanges.</summary>
    /// <param name="adapter">What the source asks for; null for the model alone.</param>
    /// <param name="sensor">What it reads and answers.</param>
    public IVerdictModel? NewJudge(string? adapter, out SensorModel sensor)
    {
        lock (gate)
        {
            var seat = Seat(adapter);
            sensor = seat?.Versions.Sensor ?? Sensor;
            return seat?.Adapter?.NewJudge() ?? model?.NewJudge();
        }
    }

    /// <summary>Tells <see cref="Judged"/>.</summary>
    public void Tell(Prompt prompt, Verdict verdict, string? adapter) => Judged?.Invoke(prompt, verdict, adapter);

    /// <inheritdoc/>
    public void Dispose() => SetNone()?.Dispose();

    private JudgeSeat? Seat(string? adapter) => adapter is not null && adapters.TryGetValue(adapter, out var seat) ? seat : plain;

    private ModelInUse? Exchange(LoadedModel? next, JudgeSeat? seat)
    {
        JudgeSeat[] seats;
        ModelInUse? old;
        lock (gate)
        {
            old = model is null ? null : new ModelInUse(model, adapters.ToImmutableDictionary(a => a.Key, a => a.Value.Adapter!));
            seats = plain is null ? [] : [plain, .. adapters.Values];
            (model, plain, Sensor) = (next, seat, next?.Sensor ?? Sensor);
            adapters.Clear();
            missed.Clear();
        }

        Array.ForEach(seats, s => s.Dispose());
        return old;
    }
}
