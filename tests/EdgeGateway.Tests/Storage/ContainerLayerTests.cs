using EdgeGateway.Storage;

namespace EdgeGateway.Tests.Storage;

public class ContainerLayerTests
{
    private const string Container = "512 400 0:88 / / ro,relatime - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w";
    private const string Host = "25 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda rw";
    private const string Volume = "520 512 254:1 /volumes/data/_data /data rw,relatime - ext4 /dev/vda rw";
    private const string Other = "521 512 0:90 / /dat rw - tmpfs tmpfs rw";

    [Theory]
    [InlineData(true, Container)]
    [InlineData(true, Container, Other)]
    [InlineData(false, Container, Volume)]
    [InlineData(false, Volume, Container)]
    [InlineData(false, Host)]
    [InlineData(false)]
    public void A_folder_goes_with_the_container_unless_a_volume_is_mounted_there(bool goes, params string[] mounts) => Assert.Equal(goes, ContainerLayer.Holds("/data", mounts));

    [Fact]
    public void A_volume_above_the_folder_counts_too() => Assert.False(ContainerLayer.Holds("/data/north/3", [Container, Volume]));

    [Theory]
    [InlineData("")]
    [InlineData("512 400 0:88 / /")]
    [InlineData("- - - - / -")]
    public void Lines_of_another_form_say_nothing(string line) => Assert.False(ContainerLayer.Holds("/data", [line]));
}
