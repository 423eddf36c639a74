using EdgeGateway.Tests.Storage;
using EdgeGateway.Updates.Trust;

namespace EdgeGateway.Tests.Updates.Trust;

/// <summary>Trust begins with a file of the image or of the site.</summary>
public sealed class FirstRootTests : IDisposable
{
    private readonly TempFolder folder = new();

    public FirstRootTests() => Directory.CreateDirectory(folder.File("trust"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_image_without_trust_and_a_site_without_a_root_have_none()
    {
        var first = FirstRoot.Read(null, folder.Path);
        Assert.Equal((null, null), (first.Envelope, first.Problem));
        Assert.Equal(FloorRecord.None, first.Floors);
    }

    [Fact]
    public void The_file_of_the_site_goes_before_that_of_the_image()
    {
        File.WriteAllBytes(folder.File("trust/root.json"), [1]);
        File.WriteAllBytes(folder.File("site.json"), [2]);
        Assert.Equal([1], FirstRoot.Read(null, folder.Path).Envelope);
        Assert.Equal([2], FirstRoot.Read(folder.File("site.json"), folder.Path).Envelope);
    }

    [Fact]
    public void A_file_that_the_site_names_and_that_is_not_there_is_said_and_the_image_is_not_taken_for_it()
    {
        File.WriteAllBytes(folder.File("trust/root.json"), [1]);
        var first = FirstRoot.Read(folder.File("site.json"), folder.Path);
        Assert.Null(first.Envelope);
        Assert.Contains("site.json does not exist", first.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Floors_that_cannot_be_read_are_said()
    {
        File.WriteAllText(folder.File("trust/floors.json"), "{}");
        Assert.Contains("floors.json has no floors", FirstRoot.Read(null, folder.Path).Problem, StringComparison.Ordinal);
        File.WriteAllText(folder.File("trust/floors.json"), """{"root":2,"keys":"ab","newest":"2026-11-26T12:00:00Z","model":{"phi":[7,1]}}""");
        Assert.Single(FirstRoot.Read(null, folder.Path).Floors.Floors);
    }
}
