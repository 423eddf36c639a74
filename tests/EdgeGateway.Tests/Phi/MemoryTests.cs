using System.Runtime.InteropServices;
using EdgeGateway.Phi;

namespace EdgeGateway.Tests.Phi;

public sealed class MemoryTests
{
    public static TheoryData<string> Folders => FixtureModelTests.Folders;

    [Theory]
    [MemberData(nameof(Folders))]
    public void Model_in_memory_gives_the_bits_of_the_folder(string name)
    {
        var folder = SharedFolder.Require($"fixtures/models/{name}");
        var released = 0;
        using var memory = new NativeFiles(folder);
        using var expected = PhiModel.Load(folder);
        var tokens = Enumerable.Range(1, Math.Min(33, expected.Config.ContextLength)).ToArray();
        using (var model = PhiModel.Load(memory.Model(() => released++)))
        {
            Assert.Equal(RandomModel.Logits(expected, [], tokens), RandomModel.Logits(model, [], tokens));
            Assert.Equal(0, released);
        }

        Assert.Equal(1, released);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Weights_that_were_packed_may_be_given_back(string name)
    {
        var folder = SharedFolder.Require($"fixtures/models/{name}");
        foreach (var form in (ComputeForm[])[ComputeForm.Float, ComputeForm.AsBuilt])
        {
            using var memory = new NativeFiles(folder);
            using var expected = PhiModel.Load(folder, new PhiModelOptions { Compute = form });
            var tokens = Enumerable.Range(1, Math.Min(33, expected.Config.ContextLength)).ToArray();
            using var model = PhiModel.Load(memory.Model(() => { }) with { DiscardPacked = true }, new PhiModelOptions { Compute = form });
            Assert.Equal(RandomModel.Logits(expected, [], tokens), RandomModel.Logits(model, [], tokens));
        }
    }

    [Fact]
    public void Model_larger_than_the_limit_is_refused_with_the_sum_before_it_is_opened()
    {
        using var folder = new TemporaryFolder();
        RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config)).Dispose();
        var needed = PhiModelDescription.Read(folder.Path).Memory.Sum(RandomModel.Config.MaxPositions);
        PhiModel.Load(folder.Path, new PhiModelOptions { MemoryLimit = needed }).Dispose();
        var refusal = Assert.Throws<ModelRefusedException>(() => PhiModel.Load(folder.Path, new PhiModelOptions { MemoryLimit = needed - 1 }));
        Assert.Equal(RefusalReason.TooLarge, refusal.Reason);
        Assert.Contains($"needs about {needed >> 20} MiB", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_is_released_once_also_when_the_model_is_refused()
    {
        using var folder = new TemporaryFolder();
        RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config)).Dispose();
        using var memory = new NativeFiles(folder.Path);
        var released = 0;
        var model = memory.Model(() => released++);
        var broken = model with { Files = model.Files.ToDictionary(file => file.Key, file => file.Key == "model.onnx" ? new byte[] { 1, 2, 3 } : file.Value) };
        Assert.Throws<ModelRefusedException>(() => PhiModel.Load(broken));
        Assert.Equal(1, released);
        broken = model with { Weights = model.Weights.ToDictionary(weight => weight.Key, weight => weight.Value with { Length = 100 }) };
        Assert.Equal(RefusalReason.DataInvalid, Assert.Throws<ModelRefusedException>(() => PhiModel.Load(broken)).Reason);
        Assert.Equal(2, released);
    }

    /// <summary>A folder copied into memory, weights into native memory that begins at a page.</summary>
    private sealed class NativeFiles : IDisposable
    {
        private const int Page = 4096;
        private readonly Dictionary<string, ReadOnlyMemory<byte>> files = [];
        private readonly Dictionary<string, NativeRange> weights = [];

        public NativeFiles(string folder)
        {
            foreach (var file in Directory.GetFiles(folder))
            {
                var bytes = File.ReadAllBytes(file);
                if (file.EndsWith(".data", StringComparison.Ordinal))
                {
                    var address = Allocate(bytes.Length);
                    Marshal.Copy(bytes, 0, address, bytes.Length);
                    weights.Add(Path.GetFileName(file), new NativeRange(address, bytes.Length));
                }
                else
                {
                    files.Add(Path.GetFileName(file), bytes);
                }
            }
        }

        public ModelMemory Model(Action released) => new(files, weights, released);

        public void Dispose()
        {
            foreach (var weight in weights.Values)
            {
                Free(weight.Address);
            }
        }

        private static unsafe nint Allocate(int length) => (nint)NativeMemory.AlignedAlloc((nuint)length, Page);

        private static unsafe void Free(nint address) => NativeMemory.AlignedFree((void*)address);
    }
}
