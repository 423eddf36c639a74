using System.Text.Json.Nodes;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Packages.Verification;
using EdgeGateway.Updates.Trust;

namespace EdgeGateway.Tests.Updates.Trust;

/// <summary>What is trusted outlives restarts, a lost folder, a restored backup and a wrong clock; and nobody but its signers can change it.</summary>
public sealed class TrustStoreTests : IDisposable
{
    private static readonly PackageSlot Phi = new(PackageKind.Model, "phi");
    private readonly TrustSite site = new();

    public void Dispose() => site.Dispose();

    [Fact]
    public void Without_a_root_nothing_can_be_installed_and_that_is_no_trouble()
    {
        site.First = FirstRoot.Read(null, site.Path);
        site.Restart();
        Assert.Null(site.Store.Current);
        Assert.Null(site.Store.At(1));
        Assert.Empty(site.Store.Problems);
        Assert.False(site.Store.TryTakeRoot(TrustSite.Envelope(1), null, out var refusal));
        Assert.Equal(RefusalCode.RootVersion, refusal.Code);
        Assert.Contains("updates.root", refusal.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_written_before_there_is_something_to_keep()
    {
        Assert.NotNull(site.Store.Current);
        Assert.Empty(Directory.GetFileSystemEntries(site.Path));
    }

    [Fact]
    public void Roots_and_floors_are_there_after_a_restart()
    {
        Assert.True(site.TakeRoot(2));
        site.Accept(release: 7, epoch: 2);
        var before = site.Store.Current!;
        site.Restart();
        var after = site.Store.Current!;
        Assert.Equal((2, new Floor(7, 2), Sample.Now.AddDays(-1)), (after.Root.Version, site.Floor(), after.NewestSigned));
        Assert.Equal(before.Root.Version, after.Root.Version);
        Assert.Equal(1, site.Store.At(1)!.Root.Version);
        Assert.Empty(site.Store.Problems);
    }

    [Fact]
    public void Roots_are_taken_one_by_one_and_a_refused_one_changes_nothing()
    {
        Assert.False(site.TakeRoot(3));
        Assert.False(site.Store.TryTakeRoot(TrustSite.Envelope(2), new string('0', 64), out var refusal));
        Assert.Equal(RefusalCode.Digest, refusal.Code);
        Assert.Equal(1, site.Store.Current!.Root.Version);
        Assert.False(Directory.Exists(site.File("roots")));
        Assert.True(site.TakeRoot(2));
        Assert.True(site.TakeRoot(3));
        Assert.Equal((3, 3), (site.Store.Current!.Root.Version, (int)site.Store.ToReported()["root"]!));
        Assert.Contains("accepted\troot version 3", File.ReadAllText(site.File("trust.log")), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_release_keys_forget_releases_and_time_and_keep_epochs()
    {
        site.Accept(release: int.MaxValue, epoch: 2, issued: Sample.Now.AddHours(-1));
        site.TakeRoot(2);
        Assert.Equal(new Floor(int.MaxValue, 2), site.Floor());
        site.TakeRoot(3);
        Assert.Equal((new Floor(0, 2), TrustSite.Roots[2].Issued), (site.Floor(), site.Store.Current!.NewestSigned));
        site.Restart();
        Assert.Equal((new Floor(0, 2), TrustSite.Roots[2].Issued), (site.Floor(), site.Store.Current!.NewestSigned));
    }

    [Theory]
    [InlineData("planted")]
    [InlineData("cut")]
    [InlineData("empty")]
    [InlineData("link")]
    [InlineData("missing")]
    public void A_chain_is_used_as_far_as_it_verifies(string what)
    {
        site.TakeRoot(2);
        site.TakeRoot(3);
        var (path, good) = (site.File("roots/root.2.json"), TrustSite.Envelope(2));
        File.Delete(path);
        if (what == "link")
        {
            File.WriteAllBytes(site.File("good.json"), good);
            File.CreateSymbolicLink(path, site.File("good.json"));
        }
        else if (what != "missing")
        {
            File.WriteAllBytes(path, what == "planted" ? Sample.Signed(TrustSite.Roots[1], 31, 32).ToJson() : what == "cut" ? good[..^1] : []);
        }

        site.Restart();
        Assert.Equal(1, site.Store.Current!.Root.Version);
        Assert.Contains("root.", Assert.Single(site.Store.Problems), StringComparison.Ordinal);

        // the right one mends it, and the third, which is still there, counts again after the next start
        Assert.True(site.TakeRoot(2));
        site.Restart();
        Assert.Equal(3, site.Store.Current!.Root.Version);
        Assert.Empty(site.Store.Problems);
    }

    [Fact]
    public void A_root_planted_in_the_folder_is_no_first_root()
    {
        site.First = new FirstRoot(null, "", FloorRecord.None, null);
        Directory.CreateDirectory(site.File("roots"));
        File.WriteAllBytes(site.File("roots/root.1.json"), TrustSite.Envelope(1));
        site.Restart();
        Assert.Null(site.Store.Current);
    }

    [Fact]
    public void A_first_root_that_its_own_keys_did_not_sign_is_none()
    {
        site.First = new FirstRoot(Sample.Signed(Sample.Root, 1).ToJson(), "/site/root.json", FloorRecord.None, null);
        site.Restart();
        Assert.Null(site.Store.Current);
        Assert.Contains("/site/root.json cannot be the root of trust", site.Store.WhyNone, StringComparison.Ordinal);
        Assert.Equal(site.Store.WhyNone, Assert.Single(site.Store.Problems));
    }

    [Fact]
    public void A_newer_image_begins_with_its_own_root_and_goes_on_with_the_kept_ones()
    {
        site.TakeRoot(2);
        site.TakeRoot(3);
        site.Accept(release: 7, epoch: 2);
        site.First = site.First with { Envelope = TrustSite.Envelope(2) };
        site.Restart();
        Assert.Equal((3, new Floor(7, 2)), (site.Store.Current!.Root.Version, site.Floor()));
        Assert.Null(site.Store.At(1));
        site.First = site.First with { Envelope = TrustSite.Envelope(3) };
        site.Restart();
        Assert.Equal((3, new Floor(7, 2)), (site.Store.Current!.Root.Version, site.Floor()));
        Assert.Empty(site.Store.Problems);
    }

    [Fact]
    public void A_newer_image_with_other_release_keys_forgets_releases_as_its_root_would_have()
    {
        site.Accept(release: 7, epoch: 2);
        site.First = site.First with { Envelope = TrustSite.Envelope(3) };
        site.Restart();
        Assert.Equal(new Floor(0, 2), site.Floor());
    }

    [Fact]
    public void What_runs_is_opened_again_under_its_own_root_though_that_one_and_the_package_have_expired()
    {
        var package = TrustSite.Accepted(site.Store.Current!, site.Store.TrustedTime, release: 3);
        site.Store.Keep(package);
        site.TakeRoot(2);
        site.TakeRoot(3);
        site.RestartAt(Sample.Now.AddYears(70));
        Assert.True(TrustSite.TryVerify(site.Store.At(1)!, null, 3, 1, package.Manifest.Issued, null, false, out _, out var refusal), refusal?.Sentence);
    }

    [Theory]
    [InlineData("")]
    [InlineData("half")]
    [InlineData("null")]
    [InlineData("""{"own":{"root":1,"keys":"","newest":"2026-11-26T12:00:00Z","adapter":{"pumps":[-1,0]}},"heard":{}}""")]
    [InlineData("""{"own":{},"heard":{}}""")]
    [InlineData("""{"own":"\ud800"}""")]
    public void A_damaged_file_of_floors_is_said_and_what_the_hub_gives_back_takes_its_place(string content)
    {
        site.Accept(release: 7, epoch: 2);
        var reported = site.Store.ToReported();
        File.WriteAllText(site.File("trust.json"), content);
        site.Restart();
        Assert.Equal(new Floor(0, 0), site.Floor());
        Assert.Contains("trust.json is damaged", Assert.Single(site.Store.Problems), StringComparison.Ordinal);
        site.Store.TakeReported(reported);
        Assert.Equal(new Floor(7, 2), site.Floor());
        site.Restart();
        Assert.Equal(new Floor(7, 2), site.Floor());
        Assert.Empty(site.Store.Problems);
    }

    [Fact]
    public void After_a_lost_folder_the_floors_and_the_time_come_back_from_the_hub_and_hold_while_the_roots_are_fetched_again()
    {
        site.TakeRoot(2);
        site.TakeRoot(3);
        site.Accept(release: 7, epoch: 4);
        var reported = site.Store.ToReported();
        site.Wipe();
        Assert.Equal((1, new Floor(0, 0)), (site.Store.Current!.Root.Version, site.Floor()));
        site.Store.TakeReported(reported);
        Assert.Equal(new Floor(7, 3), site.Floor()); // no epoch above that of root 1
        Assert.Equal(reported.ToJsonString(), site.Store.ToReported().ToJsonString());
        site.TakeRoot(2);
        site.Restart();
        site.TakeRoot(3);
        Assert.Equal((new Floor(7, 4), Sample.Now.AddDays(-1)), (site.Floor(), site.Store.Current!.NewestSigned));
        Assert.Equal("given back by the hub", Assert.Single(site.Store.Sources()).Source);
        site.Accept(release: 7, epoch: 4);
        Assert.Equal("accepted here", Assert.Single(site.Store.Sources()).Source);
    }

    [Fact]
    public void What_comes_back_from_before_the_release_keys_changed_does_not_count()
    {
        site.Accept(release: int.MaxValue, epoch: 2);
        var reported = site.Store.ToReported();
        site.TakeRoot(2);
        site.TakeRoot(3);
        site.Store.TakeReported(reported);
        Assert.Equal((new Floor(0, 2), TrustSite.Roots[2].Issued), (site.Floor(), site.Store.Current!.NewestSigned));
        site.Wipe();
        site.Store.TakeReported(reported);
        site.TakeRoot(2);
        site.TakeRoot(3);
        Assert.Equal((new Floor(0, 2), TrustSite.Roots[2].Issued), (site.Floor(), site.Store.Current!.NewestSigned));
    }

    [Fact]
    public void After_a_restored_backup_the_hub_knows_better()
    {
        site.Accept(release: 3);
        var backup = site.Backup();
        site.Accept(release: 7, epoch: 2);
        var reported = site.Store.ToReported();
        site.Restore(backup);
        Assert.Equal(new Floor(3, 1), site.Floor());
        site.Store.TakeReported(reported);
        Assert.Equal(new Floor(7, 2), site.Floor());
    }

    [Fact]
    public void Our_own_report_coming_back_writes_nothing()
    {
        site.Accept(release: 3);
        var before = (File.ReadAllBytes(site.File("trust.json")), Directory.GetFiles(site.Path).Length);
        site.Store.TakeReported(site.Store.ToReported());
        site.Store.TakeReported(null);
        Assert.Equal(before.Item1, File.ReadAllBytes(site.File("trust.json")));
        Assert.Equal(before.Length, Directory.GetFiles(site.Path).Length);
    }

    [Fact]
    public void A_forger_at_the_hub_cannot_shut_out_updates()
    {
        var forged = JsonNode.Parse(site.Store.ToReported().ToJsonString())!.AsObject();
        forged["root"] = int.MaxValue;
        forged["newest"] = "2100-01-01T00:00:00Z";
        forged["adapter"] = new JsonObject { ["pumps"] = new JsonArray(int.MaxValue, int.MaxValue) };
        site.Store.TakeReported(forged);
        Assert.Equal(new Floor(int.MaxValue, Sample.Root.Epoch), site.Floor());
        Assert.Equal(Sample.Now, site.Store.TrustedTime);

        // an operator asks by name, as a change of the twin does; the signers can always reach the root's epoch
        Assert.True(TrustSite.TryVerify(site.Store.Current!, site.Store.TrustedTime, 4, Sample.Root.Epoch, null, null, byOperator: true, out _, out var refusal), refusal?.Sentence);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"root":"1","keys":"","newest":"2026-11-26T12:00:00Z"}""")]
    [InlineData("""{"root":1.5,"keys":"","newest":"2026-11-26T12:00:00Z"}""")]
    [InlineData("""{"root":1,"keys":[],"newest":"2026-11-26T12:00:00Z"}""")]
    [InlineData("""{"root":1,"keys":"","newest":"yesterday"}""")]
    [InlineData("""{"root":1,"keys":"","newest":"2026-11-26T12:00:00Z","adapter":7}""")]
    [InlineData("""{"root":1,"keys":"","newest":"2026-11-26T12:00:00Z","adapter":{"pumps":[1]}}""")]
    [InlineData("""{"root":1,"keys":"","newest":"2026-11-26T12:00:00Z","adapter":{"pumps":[1,99999999999]}}""")]
    [InlineData("""{"root":1,"keys":"","newest":"2026-11-26T12:00:00Z","adapter":{"PUMPS":[1,1]}}""")]
    [InlineData("""{"root":1,"keys":"","newest":"2026-11-26T12:00:00Z","adapter":{"pumps":[1,null]}}""")]
    public void What_the_hub_gives_back_in_another_form_changes_nothing(string reported)
    {
        site.Store.TakeReported((JsonObject)JsonNode.Parse(reported)!);
        Assert.Empty(Directory.GetFileSystemEntries(site.Path));
    }

    [Fact]
    public void Without_a_hub_the_floors_of_the_image_hold_after_a_lost_folder()
    {
        site.Accept(release: 7, epoch: 2, slot: Phi);
        site.First = site.First with { Floors = FloorRecord.TryRead(site.Store.ToReported(), out var floors) ? floors : throw new InvalidOperationException() };
        site.Wipe();
        Assert.Equal(new Floor(7, 2), site.Floor(Phi));
        Assert.Equal("of the image", Assert.Single(site.Store.Sources()).Source);
    }

    [Fact]
    public void What_is_reported_is_bounded_and_has_first_what_was_accepted_here()
    {
        var flood = JsonNode.Parse(site.Store.ToReported().ToJsonString())!.AsObject();
        flood["model"] = new JsonObject(Enumerable.Range(0, 200).Select(n => KeyValuePair.Create<string, JsonNode?>($"a-model-with-a-long-name-{n}", new JsonArray(1, 1))));
        site.Store.TakeReported(flood);
        site.Accept(release: 3);
        var reported = site.Store.ToReported();
        Assert.InRange(reported.ToJsonString().Length, 1500, TrustStore.MostReported);
        Assert.Equal("[3,1]", reported["adapter"]!["pumps"]!.ToJsonString());
    }

    [Theory]
    [InlineData(1970)]
    [InlineData(2025)]
    public void A_clock_that_is_behind_is_not_believed_and_the_newest_signed_time_stands_in(int year)
    {
        site.Accept(release: 3);
        site.RestartAt(new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Null(site.Store.TrustedTime);

        // what had expired when the newest was signed is refused, whatever the clock shows
        var refused = TrustSite.TryVerify(site.Store.Current!, site.Store.TrustedTime, 4, 1, Sample.Now.AddYears(-2), null, false, out _, out var refusal);
        Assert.Equal((false, RefusalCode.Expired), (refused, refusal!.Code));
    }

    [Fact]
    public void A_clock_far_ahead_closes_installs_and_leaves_no_trace_once_it_is_right_again()
    {
        var running = TrustSite.Accepted(site.Store.Current!, site.Store.TrustedTime, release: 3);
        site.Store.Keep(running);
        site.RestartAt(new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.False(TrustSite.TryVerify(site.Store.Current!, site.Store.TrustedTime, 4, 1, null, null, true, out _, out var refusal));
        Assert.Equal((RefusalCode.RootExpired, true), (refusal!.Code, refusal.Waits));
        Assert.True(TrustSite.TryVerify(site.Store.At(1)!, null, 3, 1, running.Manifest.Issued, null, false, out _, out refusal), refusal?.Sentence);
        site.RestartAt(Sample.Now);
        site.Accept(release: 4);
    }

    [Fact]
    public void A_floor_that_cannot_be_kept_does_not_count()
    {
        var package = TrustSite.Accepted(site.Store.Current!, site.Store.TrustedTime, release: 9);
        Directory.CreateDirectory(site.File("trust.json"));
        Assert.ThrowsAny<IOException>(() => site.Store.Keep(package));
        Assert.Equal(new Floor(0, 0), site.Floor());
    }

    [Fact]
    public void Two_packages_that_were_accepted_side_by_side_both_raise_their_floors()
    {
        var (one, two) = (TrustSite.Accepted(site.Store.Current!, null, release: 3), TrustSite.Accepted(site.Store.Current!, null, release: 5, slot: Phi));
        site.Store.Keep(one);
        site.Store.Keep(two);
        Assert.Equal((new Floor(3, 1), new Floor(5, 1)), (site.Floor(), site.Floor(Phi)));
    }
}
