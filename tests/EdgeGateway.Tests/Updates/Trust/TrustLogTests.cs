using EdgeGateway.Tests.Packages.Verification;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Updates.Trust;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Updates.Trust;

/// <summary>Each decision is one line, whatever foreign text is in it, and the log is bounded.</summary>
public sealed class TrustLogTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly TrustLog log;

    public TrustLogTests() => log = new TrustLog(folder.Path, new FakeTimeProvider(Sample.Now), NullLogger.Instance);

    private string File => folder.File("trust.log");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_line_has_its_fields_parted_by_tabs()
    {
        log.Note("refused", "adapter pumps release 3", new string('a', 64), "threshold", "Signed with 1 of 2 keys.");
        log.Note("accepted", "root version 2");
        Assert.Equal(
            "2026-11-26T12:00:00Z\trefused\tadapter pumps release 3\taaaaaaaaaaaa\tthreshold\tSigned with 1 of 2 keys.\n2026-11-26T12:00:00Z\taccepted\troot version 2\t-\t-\t-\n",
            System.IO.File.ReadAllText(File));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Permissions.Of(File));
    }

    [Fact]
    public void Foreign_text_can_neither_begin_a_line_nor_end_it_nor_fill_the_disk()
    {
        log.Note("refused", "a\nb\tc\u001b[31m\u2028é", "x\ny", "code", new string('z', 5000));
        var line = Assert.Single(System.IO.File.ReadAllLines(File));
        Assert.Equal(6, line.Split('\t').Length);
        Assert.All(line, c => Assert.True(c is '\t' or >= ' ' and <= '~'));
        Assert.InRange(line.Length, 1000, 1200);
    }

    [Fact]
    public void A_line_that_a_power_cut_tore_does_not_swallow_the_next()
    {
        System.IO.File.WriteAllText(File, "2026-11-26T11:59");
        log.Note("accepted", "root version 2");
        Assert.Equal(["2026-11-26T11:59", "2026-11-26T12:00:00Z\taccepted\troot version 2\t-\t-\t-"], System.IO.File.ReadAllLines(File));
    }

    [Fact]
    public void A_full_log_is_kept_once_and_a_new_one_begun()
    {
        System.IO.File.WriteAllBytes(File, [.. Enumerable.Repeat((byte)'x', TrustLog.MostBytes - 10), (byte)'\n']);
        log.Note("accepted", "root version 2");
        Assert.Equal(TrustLog.MostBytes - 9, new FileInfo(File + ".1").Length);
        Assert.Single(System.IO.File.ReadAllLines(File));
        System.IO.File.WriteAllBytes(File, new byte[TrustLog.MostBytes]);
        log.Note("accepted", "root version 3");
        Assert.Equal([File, File + ".1"], Directory.GetFiles(folder.Path).Order());
        Assert.Equal(TrustLog.MostBytes, new FileInfo(File + ".1").Length);
    }

    [Fact]
    public void A_log_that_cannot_be_written_stops_nothing()
    {
        Directory.CreateDirectory(File);
        log.Note("accepted", "root version 2");
        Directory.Delete(File);
        System.IO.File.CreateSymbolicLink(File, folder.File("elsewhere"));
        log.Note("accepted", "root version 2");
        Assert.False(System.IO.File.Exists(folder.File("elsewhere")));
    }
}
