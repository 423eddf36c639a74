using System.Text;
using EdgeGateway.Storage;

namespace EdgeGateway.Tests.Storage;

public sealed class DurableFileTests : IDisposable
{
    private readonly TempFolder folder = new();

    private string Path => folder.File("settings.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_is_replaced_whole_and_readable_by_its_owner_alone()
    {
        DurableFile.Replace(Path, "old and longer"u8);
        DurableFile.Replace(Path, "new"u8);

        Assert.Equal("new", Encoding.UTF8.GetString(DurableFile.Read(Path, 100)!));
        Assert.Equal([Path], Directory.GetFiles(folder.Path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        }
    }

    [Fact]
    public void What_an_interrupted_write_left_behind_is_in_nobodys_way()
    {
        File.WriteAllText(Path + ".tmp", "half a fi");
        DurableFile.Replace(Path, "whole"u8);

        Assert.Equal("whole", File.ReadAllText(Path));
        Assert.False(File.Exists(Path + ".tmp"));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_content_and_no_rest()
    {
        DurableFile.Replace(Path, "old"u8);
        Assert.Throws<InvalidOperationException>(() => DurableFile.Replace(Path, stream =>
        {
            stream.Write("new"u8);
            throw new InvalidOperationException("the source broke");
        }));

        Assert.Equal("old", File.ReadAllText(Path));
        Assert.Equal([Path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_file_that_cannot_be_stored_says_so_with_its_path()
    {
        var path = folder.File("missing/settings.json");

        var failure = Assert.Throws<StorageException>(() => DurableFile.Replace(path, "x"u8));
        Assert.StartsWith($"{path} is not stored: the disk refused", failure.Message, StringComparison.Ordinal);
        Assert.Equal((StorageFault.Failed, path), (failure.Fault, failure.Path));
    }

    [Fact]
    public void Reading_a_missing_file_is_null_and_one_that_is_too_large_is_refused()
    {
        Assert.Null(DurableFile.Read(Path, 100));
        Assert.Null(DurableFile.Read(folder.File("missing/x"), 100));
        DurableFile.Replace(Path, new byte[101]);

        Assert.Equal(StorageFault.Damaged, Assert.Throws<StorageException>(() => DurableFile.Read(Path, 100)).Fault);
    }
}
