using EdgeGateway.Models;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Phi;
using EdgeGateway.Prompts;
using EdgeGateway.Tests.Packages.Verification;
using EdgeGateway.Tests.Phi;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Tests.Models;

/// <summary>A model or an adapter is the same whether it comes from a folder or from a package.</summary>
public sealed class LoadedModelTests : IDisposable
{
    private static readonly PackageSlot Slot = new(PackageKind.Model, "phi-sensor");
    private readonly TemporaryFolder folder = new();
    private readonly LoadedModel builtIn = LoadedModel.Load(LoadedModel.BuiltIn, adapters: true);

    [Fact]
    public void Room_for_adapters_leaves_the_bits_of_the_built_in_model()
    {
        using var without = LoadedModel.Load(LoadedModel.BuiltIn);
        Assert.Equal(Probabilities(without.NewJudge()), Probabilities(builtIn.NewJudge()));
    }

    [Fact]
    public void A_model_of_a_package_gives_the_bits_of_its_folder_and_holds_on_to_the_files()
    {
        using var package = SealedPackage.Of(LoadedModel.BuiltIn, Slot, builtIn.Identity);
        var opened = package.Open();
        var file = opened.Files["model.onnx.data"];
        using (var model = LoadedModel.Load(opened, compute: ComputeForm.Float))
        {
            opened.Dispose();
            Assert.Equal((builtIn.Identity, "phi-sensor 3", builtIn.Sensor.Name), (model.Identity, model.Version, model.Sensor.Name));
            Assert.Equal(Probabilities(builtIn.NewJudge()), Probabilities(model.NewJudge()));
        }

        Assert.Throws<ObjectDisposedException>(() => file.ToArray());
    }

    [Fact]
    public void A_package_that_says_that_it_is_another_model_than_it_is_is_refused_and_its_memory_given_back()
    {
        using var package = SealedPackage.Of(LoadedModel.BuiltIn, Slot, builtIn.Identity with { Model = Sample.Digest("other") });
        var opened = package.Open();
        var file = opened.Files["model.onnx.data"];
        Assert.Contains(builtIn.Identity.Model, Assert.Throws<ModelRefusedException>(() => LoadedModel.Load(opened)).Message, StringComparison.Ordinal);
        opened.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.ToArray());
    }

    [Theory]
    [InlineData("pumps.onnx_adapter")]
    [InlineData("adapter_config.json", "adapter_model.safetensors")]
    public void An_adapter_of_a_package_gives_the_bits_of_its_folder_in_both_forms(params string[] form)
    {
        SiteAdapter.Write(folder.Path);
        using var package = new SealedPackage(Sample.Pumps, builtIn.Identity, form.Append(SensorModel.FileName).ToDictionary(name => name, name => File.ReadAllBytes(folder.File(name))));
        using var expected = builtIn.LoadAdapter(folder.Path);
        LoadedAdapter adapter;
        using (var opened = package.Open())
        {
            adapter = builtIn.LoadAdapter(opened);
        }

        Assert.Equal(("pumps", "pumps 3", expected.Sensor, 1.5), (adapter.Name, adapter.Version, adapter.Sensor, adapter.Sensor.Threshold));
        Assert.Equal(Probabilities(expected.NewJudge()), Probabilities(adapter.NewJudge()));
        Assert.NotEqual(Probabilities(builtIn.NewJudge()), Probabilities(adapter.NewJudge()));
        adapter.Dispose();
    }

    [Fact]
    public void An_adapter_of_another_model_or_without_its_description_is_refused()
    {
        SiteAdapter.Write(folder.Path, digest: Sample.Digest("other"));
        using var foreign = SealedPackage.Of(folder.Path, Sample.Pumps, builtIn.Identity);
        using var bare = new SealedPackage(Sample.Pumps, builtIn.Identity, new Dictionary<string, byte[]> { ["pumps.onnx_adapter"] = File.ReadAllBytes(folder.File("pumps.onnx_adapter")) });
        foreach (var package in (SealedPackage[])[foreign, bare])
        {
            using var opened = package.Open();
            Assert.Throws<SensorModelException>(() => builtIn.LoadAdapter(opened));
        }
    }

    public void Dispose()
    {
        builtIn.Dispose();
        folder.Dispose();
    }

    private static float[] Probabilities(PhiVerdictModel ownedJudge)
    {
        using (ownedJudge)
        {
            var sensor = SensorModel.Load(LoadedModel.BuiltIn);
            var probabilities = new float[sensor.Labels.Length];
            ownedJudge.Judge(new PromptWriter(sensor).Write(Any.Window(Any.Sensor(), 1)).Text, probabilities);
            return probabilities;
        }
    }
}
