using System.Text.Json.Nodes;
using EdgeGateway.Commands;
using EdgeGateway.Models;

namespace EdgeGateway.Tests.ModelKit.Packaging;

public sealed class PackageCommandTests(Workshop workshop) : IClassFixture<Workshop>
{
    [Fact]
    public async Task A_model_is_packed_sealed_signed_and_accepted_and_its_blobs_open()
    {
        var package = await workshop.PackageAsync("eve");
        var (code, output, error) = await workshop.VerifyAsync(package, "--identity", workshop.PathOf("line-a.1.identity.age"), "--passphrase-file", workshop.Passphrase);
        Assert.Equal((0, ""), (code, error));
        Assert.EndsWith("Accepted: model phi-sensor, release 1.\n", output, StringComparison.Ordinal);
        Assert.Contains("ok  model.onnx.data: opened, ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("NO ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_shows_every_check_and_which_one_refuses()
    {
        var (code, output, error) = await workshop.VerifyAsync(await workshop.PackageAsync("ada", "bob"));
        Assert.Equal(4, code);
        Assert.Contains("ok  envelope", output, StringComparison.Ordinal);
        Assert.Contains("NO  wrong-role", output, StringComparison.Ordinal);
        Assert.Contains("NO  threshold", output, StringComparison.Ordinal);
        Assert.Contains("ok  blob-digest", output, StringComparison.Ordinal);
        Assert.StartsWith("Refused (wrong-role): Signed with 2 root keys and ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_files_and_words_give_the_same_draft()
    {
        var (one, two) = (await workshop.DraftAsync(), await workshop.DraftAsync());
        var files = Directory.GetFiles(one, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(one, f)).Order().ToList();
        Assert.Contains(Path.Combine("files", "golden.json"), files);
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(Path.Combine(one, file)), File.ReadAllBytes(Path.Combine(two, file))));
    }

    [Fact]
    public async Task Golden_windows_have_a_series_of_their_own_a_label_and_a_margin()
    {
        var golden = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(await workshop.DraftAsync(), "files", "golden.json"), TestContext.Current.CancellationToken))!["windows"]!.AsArray();
        Assert.All(golden, window =>
        {
            Assert.Equal(window!["times"]!.AsArray().Count, window["values"]!.AsArray().Count);
            Assert.InRange((double)window["margin"]!, 0.2, 1);
        });
        Assert.Contains("normal", golden.Select(w => (string)w!["label"]!));
    }

    [Fact]
    public async Task An_adapter_is_bound_to_the_model_that_it_was_trained_on()
    {
        var (draft, package) = (workshop.New(), workshop.New());
        await Workshop.DoesAsync("package", "pack", workshop.Adapter(), "--name", "pumps", "--release", "3", "--issued", "2026-01-01", "--expires", "2100-01-01", "--out", draft);
        await Workshop.DoesAsync("package", "seal", draft, "--to", workshop.PathOf("line-a.1.recipient"), "--out", package);
        await workshop.SignAsync(Path.Combine(package, "manifest.json"), "eve");
        Assert.Equal(0, (await workshop.VerifyAsync(package)).Code);

        var other = workshop.New();
        await Workshop.DoesAsync("model", "random", "--shape", "small", other);
        File.Copy(Path.Combine(LoadedModel.BuiltIn, "sensor.json"), Path.Combine(other, "sensor.json"));
        var (code, _, error) = await workshop.VerifyAsync(package, "--model", other);
        Assert.Equal(4, code);
        Assert.StartsWith("Refused (base-model): It was trained on the model ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_shows_everything_without_a_key()
    {
        var output = await Workshop.DoesAsync("package", "inspect", await workshop.PackageAsync("eve"));
        Assert.Contains("package     model phi-sensor, release 1, security epoch 1\n", output, StringComparison.Ordinal);
        Assert.Contains("group       line-a, epoch 1, age1", output, StringComparison.Ordinal);
        Assert.Contains("blob        golden.json (golden windows): ", output, StringComparison.Ordinal);
        Assert.Contains("signature   by a key that calls itself ", output, StringComparison.Ordinal);
        Assert.Contains("root        version 1, security epochs up to 1\n", await Workshop.DoesAsync("package", "inspect", workshop.Root), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_id_that_nobody_proved_cannot_write_on_the_terminal()
    {
        var package = await workshop.PackageAsync("eve");
        var path = Path.Combine(package, "manifest.json");
        var envelope = JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!;
        envelope["signatures"]![0]!["keyid"] = "\u001b[2Jaccepted";
        await File.WriteAllTextAsync(path, envelope.ToJsonString(), TestContext.Current.CancellationToken);
        Assert.DoesNotContain('\u001b', await Workshop.DoesAsync("package", "inspect", package));
    }

    [Fact]
    public async Task A_second_root_is_signed_by_old_and_new_holders_on_their_own_machines_and_names_another_signer()
    {
        var folder = Directory.CreateDirectory(workshop.New()).FullName;
        var second = Path.Combine(folder, "root.2.json");
        await Workshop.DoesAsync("keys", "root", "--version", "2", "--root", workshop.PathOf("bob.pub"), "--root-threshold", "1", "--release", workshop.PathOf("ada.pub"), "--release-threshold", "1", "--issued", "2026-02-01", "--expires", "2100-01-01", "--out", folder);
        await workshop.SignAsync(second, "bob");
        var package = await workshop.PackageAsync("ada");
        Assert.StartsWith($"{second} was refused (old-threshold): ", (await workshop.VerifyAsync(package, "--root", second)).Error, StringComparison.Ordinal);
        await workshop.SignAsync(second, "ada");
        Assert.Equal(0, (await workshop.VerifyAsync(package, "--root", second)).Code);
        Assert.Equal(4, (await workshop.VerifyAsync(await workshop.PackageAsync("eve"), "--root", second)).Code);
    }

    [Fact]
    public async Task Nobody_signs_twice_and_a_file_that_changed_after_packing_is_not_sealed()
    {
        var package = await workshop.PackageAsync("eve");
        var (code, _, error) = await Tool.RunAsync("package", "sign", Path.Combine(package, "manifest.json"), "--key", workshop.PathOf("eve.key.age"), "--passphrase-file", workshop.Passphrase);
        Assert.Equal(2, code);
        Assert.Contains("has a signature of this key already", error, StringComparison.Ordinal);

        var draft = await workshop.DraftAsync();
        await File.AppendAllTextAsync(Path.Combine(draft, "files", "sensor.json"), " ", TestContext.Current.CancellationToken);
        (code, _, error) = await Tool.RunAsync("package", "seal", draft, "--to", workshop.PathOf("line-a.1.recipient"), "--out", workshop.New());
        Assert.Equal(2, code);
        Assert.Contains("is not the file that was packed; pack it again.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_that_was_changed_on_the_server_is_refused()
    {
        var package = await workshop.PackageAsync("eve");
        var blob = Directory.GetFiles(Path.Combine(package, "blobs"))[0];
        var bytes = await File.ReadAllBytesAsync(blob, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(blob, bytes, TestContext.Current.CancellationToken);
        var (code, _, error) = await workshop.VerifyAsync(package);
        Assert.Equal(4, code);
        Assert.StartsWith("Refused (blob-digest): ", error, StringComparison.Ordinal);
    }
}
