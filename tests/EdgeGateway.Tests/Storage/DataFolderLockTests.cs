using EdgeGateway.Storage;

namespace EdgeGateway.Tests.Storage;

public sealed class DataFolderLockTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-lock-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_second_gateway_on_the_folder_is_refused_with_what_to_do_until_the_first_lets_go()
    {
        using (DataFolderLock.Take(folder.FullName))
        {
            var refusal = Assert.Throws<IOException>(() => DataFolderLock.Take(folder.FullName));
            Assert.Equal("another gateway runs on it; give each a folder of its own, or stop the other one first", refusal.Message);
        }

        DataFolderLock.Take(folder.FullName).Dispose();
    }

    [Fact]
    public void A_folder_that_is_not_there_yet_is_made()
    {
        var below = Path.Combine(folder.FullName, "new", "data");
        using var held = DataFolderLock.Take(below);
        Assert.True(Directory.Exists(below));
    }

    [Fact]
    public void Where_no_folder_can_be_the_fault_names_the_file()
    {
        var path = Path.Combine(folder.FullName, "file");
        File.WriteAllText(path, "");
        var fault = Assert.Throws<StorageException>(() => DataFolderLock.Take(path));
        Assert.Equal((StorageFault.Failed, Path.Combine(path, "gateway.lock")), (fault.Fault, fault.Path));
    }
}
