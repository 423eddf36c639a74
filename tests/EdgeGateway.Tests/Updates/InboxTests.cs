using EdgeGateway.Updates;

namespace EdgeGateway.Tests.Updates;

public sealed class InboxTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("edgegateway-inbox-");

    private string Folder => Path.Combine(data.FullName, Inbox.FolderName);

    public void Dispose() => data.Delete(recursive: true);

    [Fact]
    public void It_is_made_where_there_is_none_and_keeps_what_lies_in_it()
    {
        Inbox.Make(data.FullName);
        File.WriteAllText(Path.Combine(Folder, "root.2.json"), "{}");
        Inbox.Make(data.FullName);
        Assert.Equal(["root.2.json"], Directory.EnumerateFiles(Folder).Select(Path.GetFileName));
    }

    [Fact]
    public void A_link_to_a_stick_that_is_not_plugged_in_stays_one()
    {
        File.CreateSymbolicLink(Folder, "/media/no-such-stick");
        Inbox.Make(data.FullName);
        Assert.Equal("/media/no-such-stick", new FileInfo(Folder).LinkTarget);
    }

    [Fact]
    public void Where_it_cannot_be_made_the_gateway_goes_on_without()
    {
        File.WriteAllText(Folder, "");
        Inbox.Make(data.FullName);
        Assert.False(Directory.Exists(Folder));
    }
}
