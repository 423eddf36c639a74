using EdgeGateway.Hub;

namespace EdgeGateway.Tests.Hub;

public class DesiredPatchesTests
{
    private readonly List<byte> seen = [];
    private readonly DesiredPatches patches;

    public DesiredPatchesTests() => patches = new DesiredPatches(patch => seen.Add(patch.Span[0]));

    [Fact]
    public void What_comes_while_the_twin_is_read_is_handed_on_after_it_and_in_order()
    {
        patches.Begin();
        Take(1, 2);
        Assert.Empty(seen);
        patches.Open();
        Take(3);
        Assert.Equal([1, 2, 3], seen);
    }

    [Fact]
    public void What_waits_goes_with_its_connection()
    {
        patches.Begin();
        Take(1);
        patches.Close();
        patches.Open();
        Take(2);
        patches.Begin();
        Take(3);
        patches.Open();
        Assert.Equal([3], seen);
    }

    [Fact]
    public void More_than_a_hundred_cannot_wait()
    {
        patches.Begin();
        Assert.Equal(100, Enumerable.Range(0, 101).Count(_ => patches.Take(new byte[] { 1 })));
    }

    private void Take(params byte[] numbers)
    {
        foreach (var number in numbers)
        {
            Assert.True(patches.Take(new[] { number }));
        }
    }
}
