using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;
using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Commands;

/// <summary>The model that a command line asks for, alone or with an adapter, which brings its own threshold and calibration.</summary>
internal sealed class ChosenModel : IDisposable
{
    private readonly PhiModel model;
    private readonly LoraAdapter? adapter;

    private ChosenModel(string name, SensorModel sensor, PhiModel ownedModel, LoraAdapter? ownedAdapter) => (Name, Sensor, model, adapter) = (name, sensor, ownedModel, ownedAdapter);

    /// <summary>Its name, and that of the adapter.</summary>
    public string Name { get; }

    /// <summary>What it reads and answers.</summary>
    public SensorModel Sensor { get; }

    /// <summary>Loads the model of a folder.</summary>
    /// <param name="adapterFolder">Null: no adapter.</param>
    /// <param name="compute">Null: as the gateway computes it.</param>
    /// <exception cref="SensorModelException">Model or adapter cannot judge sensors, or they are not made for each other.</exception>
    /// <exception cref="ModelRefusedException">The engine refuses the model or the adapter.</exception>
    public static ChosenModel Load(string folder, string? adapterFolder, ComputeForm? compute = null)
    {
        var sensor = SensorModel.Load(folder);
        if (adapterFolder is null)
        {
            return new ChosenModel(sensor.Name, sensor, GatewayRegistration.LoadModel(folder, compute: compute), null);
        }

        var described = SensorAdapter.Load(adapterFolder);
        sensor = described.On(sensor, DecoderWeights.Digest(folder));
        var model = GatewayRegistration.LoadModel(folder, adapters: true, compute);
        try
        {
            return new ChosenModel($"{sensor.Name} with the adapter {described.Name}", sensor, model, model.LoadAdapter(SensorAdapter.WeightsOf(adapterFolder)));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>A judge for one thread.</summary>
    public PhiVerdictModel NewJudge() => new(model, Sensor, adapter);

    /// <inheritdoc/>
    public void Dispose()
    {
        adapter?.Dispose();
        model.Dispose();
    }
}
