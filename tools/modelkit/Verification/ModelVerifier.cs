using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;

namespace EdgeGateway.ModelKit.Verification;

/// <summary>Runs the cases of a folder's reference.json through the engine, computed in float and, where that differs, as built.</summary>
internal sealed class ModelVerifier(string folder, bool usePool)
{
    private readonly string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
    private readonly ReferenceFile reference = ReferenceFile.Read(folder);

    /// <summary>One result a case and form.</summary>
    public IEnumerable<CaseResult> Run() =>
        reference.Tolerance.AsBuilt > reference.Tolerance.Exact ? Run(ComputeForm.Float).Concat(Run(ComputeForm.AsBuilt)) : Run(ComputeForm.Float);

    private IEnumerable<CaseResult> Run(ComputeForm form)
    {
        using var model = PhiModel.Load(folder, new PhiModelOptions { Compute = form, Adapters = reference.Adapters.Count > 0, UsePool = usePool });
        var adapters = new Dictionary<string, LoraAdapter>();
        try
        {
            foreach (var (adapter, path) in reference.Adapters)
            {
                adapters.Add(adapter, model.LoadAdapter(Path.Combine(folder, path)));
            }

            foreach (var item in reference.Cases)
            {
                var check = new CaseCheck(model, item.Adapter is null ? null : adapters[item.Adapter], item, reference.Tolerance);
                yield return check.Run(name);
            }
        }
        finally
        {
            foreach (var adapter in adapters.Values)
            {
                adapter.Dispose();
            }
        }
    }
}
