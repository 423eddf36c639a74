using EdgeGateway.Models;
using EdgeGateway.Phi;
using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Commands;

/// <summary>The model that a command line asks for, alone or with an adapter, which brings its own threshold and calibration.</summary>
internal sealed class ChosenModel : IDisposable
{
    private readonly LoadedModel model;
    private readonly LoadedAdapter? adapter;

    private ChosenModel(LoadedModel ownedModel, LoadedAdapter? ownedAdapter) => (model, adapter) = (ownedModel, ownedAdapter);

    /// <summary>Its name, and that of the adapter.</summary>
    public string Name => adapter is null ? model.Version : $"{model.Version} with the adapter {adapter.Version}";

    /// <summary>What it reads and answers.</summary>
    public SensorModel Sensor => adapter?.Sensor ?? model.Sensor;

    /// <summary>Loads the model of a folder.</summary>
    /// <param name="adapterFolder">Null: no adapter.</param>
    /// <param name="compute">Null: as the gateway computes it.</param>
    /// <exception cref="SensorModelException">Model or adapter cannot judge sensors, or they are not made for each other.</exception>
    /// <exception cref="ModelRefusedException">The engine refuses the model or the adapter.</exception>
    public static ChosenModel Load(string folder, string? adapterFolder, ComputeForm? compute = null)
    {
        var model = LoadedModel.Load(folder, adapters: adapterFolder is not null, compute);
        try
        {
            return new ChosenModel(model, adapterFolder is null ? null : model.LoadAdapter(adapterFolder));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>A judge for one thread.</summary>
    public PhiVerdictModel NewJudge() => adapter?.NewJudge() ?? model.NewJudge();

    /// <inheritdoc/>
    public void Dispose()
    {
        adapter?.Dispose();
        model.Dispose();
    }
}
