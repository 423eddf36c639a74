using System.Globalization;
using EdgeGateway.Models;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Packages.Age;
using EdgeGateway.Tests.Packages.Verification;

namespace EdgeGateway.Tests.Models;

/// <summary>What a package holds comes to life in native memory, and goes from there.</summary>
public sealed class OpenedFilesTests : IDisposable
{
    private readonly Dictionary<string, byte[]> plain = new() { ["a.bin"] = Sealed.Bytes(100_000), ["b.bin"] = Sealed.Bytes(4096, seed: 2), ["empty"] = [] };
    private readonly SealedPackage package;

    public OpenedFilesTests() => package = new SealedPackage(Sample.Pumps, Sample.PhiSensor, plain);

    [Fact]
    public void Every_file_is_there_with_its_bytes_and_begins_at_a_page()
    {
        using var opened = package.Open();
        Assert.Equal(plain.Keys.Order(), opened.Files.Keys.Order());
        Assert.All(plain, file => Assert.Equal(file.Value, opened.Files[file.Key].ToArray()));
        var model = opened.ToModel();
        Assert.All(plain, file => Assert.Equal((0, file.Value.Length), (model.Weights[file.Key].Address % Environment.SystemPageSize, model.Weights[file.Key].Length)));
        model.Released();
    }

    [Fact]
    public void The_memory_is_left_out_of_dumps_and_locked_when_it_says_so()
    {
        using var opened = package.Open();
        var model = opened.ToModel();
        var flags = FlagsOf(model.Weights["a.bin"].Address);
        Assert.Equal((true, opened.IsKeptFromDumps, opened.IsLocked), (flags.Contains("wr"), flags.Contains("dd"), flags.Contains("lo")));
        Assert.True(opened.IsKeptFromDumps);
        model.Released();
    }

    [Fact]
    public void The_memory_goes_when_owner_and_model_are_both_gone()
    {
        var opened = package.Open();
        var (model, file) = (opened.ToModel(), opened.Files["a.bin"]);
        opened.Dispose();
        opened.Dispose();
        Assert.Equal(plain["a.bin"], file.ToArray());
        model.Released();
        Assert.Throws<ObjectDisposedException>(() => file.ToArray());
        Assert.Throws<ObjectDisposedException>(() => opened.ToModel());
    }

    [Fact]
    public void A_package_with_a_blob_that_was_changed_is_refused_as_a_whole()
    {
        package.Blobs["b.bin"][^1] ^= 1;
        Assert.False(package.TryOpen(out var files, out var refusal));
        Assert.Equal((null, RefusalCode.Sealing), (files, refusal!.Code));
    }

    [Fact]
    public void A_blob_that_went_away_is_waited_for()
    {
        package.Blobs.Remove("b.bin");
        Assert.False(package.TryOpen(out _, out var refusal));
        Assert.Equal((RefusalCode.BlobMissing, true), (refusal!.Code, refusal.Waits));
    }

    [Fact]
    public void More_than_the_memory_of_this_machine_is_refused_before_a_blob_is_touched()
    {
        using var large = new SealedPackage(Sample.Pumps, Sample.PhiSensor, Enumerable.Range(0, 64).ToDictionary(i => $"f{i}", i => new byte[] { (byte)i }), size: 1L << 36);
        Assert.False(large.TryOpen(out _, out var refusal));
        Assert.Equal(RefusalCode.TooLarge, refusal!.Code);
        Assert.Contains("4194304 MiB", refusal.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_fails_is_the_callers() => Assert.Throws<IOException>(() => package.Open(_ => throw new IOException("no disk")));

    public void Dispose() => package.Dispose();

    private static string[] FlagsOf(nint address)
    {
        var found = false;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.Split(' ')[0].Split('-') is [var from, var to] && long.TryParse(from, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var first) && long.TryParse(to, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var last))
            {
                found = first <= address && address < last;
            }
            else if (found && line.StartsWith("VmFlags:", StringComparison.Ordinal))
            {
                return line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            }
        }

        return [];
    }
}
