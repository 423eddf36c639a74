using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;

namespace EdgeGateway.ModelKit.Verification;

/// <summary>Runs the cases of a folder's reference.json through the engine, computed in float and, where that differs, as built.</summary>
internal sealed class ModelVerifier(string folder, bool usePool)
{
    private readonly string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
    private readonly ReferenceFile reference = ReferenceFile.Read(folder);

    /// <summary>One result a case and way of computing.</summary>
    public IEnumerable<CaseResult> Run() => reference.Tolerance.AsBuilt > reference.Tolerance.Exact ? Run(exact: true).Concat(Run(exact: false)) : Run(exact: true);

    private IEnumerable<CaseResult> Run(bool exact)
    {
        using var model = PhiModel.Load(folder, new PhiModelOptions { Exact = exact, Adapters = reference.Adapters.Count > 0, UsePool = usePool });
        var adapters = new Dictionary<string, LoraAdapter>();
        try
        {
            foreach (var (adapter, path) in reference.Adapters)
            {
                adapters.Add(adapter, model.LoadAdapter(Path.Combine(folder, path)));
            }

            foreach (var item in reference.Cases)
            {
                var check = new CaseCheck(model, item.Adapter is null ? null : adapters[item.Adapter], item, reference.Tolerance, exact);
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
