using System.Text.Json.Nodes;
using CsCheck;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Packages.Verification;

namespace EdgeGateway.Tests.Updates.Trust;

/// <summary>
/// Floors and the newest signed time under any order of packages, roots, restarts, lost folders, restored backups, reports and clocks, held against a model that knows no files:
/// what was accepted or given back is never forgotten, but for what other release keys forget.
/// </summary>
public sealed class TrustStoreProperties
{
    private static readonly PackageSlot[] Slots = [Sample.Pumps, new(PackageKind.Model, "phi")];
    private static readonly DateTimeOffset[] Times = [DateTimeOffset.UnixEpoch, TrustSite.Release.AddDays(-400), Sample.Now, Sample.Now.AddDays(30), new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero)];

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (8, Gen.Select(Gen.Int[0, 1], Gen.Int[1, 9], Gen.Int[1, 4], Gen.Int[0, 60], Gen.Bool).Select((slot, release, epoch, age, byOperator) => (Step)new Accept(Slots[slot], release, epoch, age, byOperator))),
        (2, Gen.Const((Step)new NextRoot())),
        (2, Gen.Const((Step)new Restart())),
        (2, Gen.Const((Step)new Connect())),
        (2, Gen.Const((Step)new Wipe())),
        (1, Gen.Const((Step)new Backup())),
        (2, Gen.Const((Step)new Restore())),
        (2, Gen.Int[0, Times.Length - 1].Select(time => (Step)new SetClock(Times[time]))));

    private abstract record Step;

    /// <param name="Age">Days since it was issued.</param>
    private sealed record Accept(PackageSlot Slot, int Release, int Epoch, int Age, bool ByOperator) : Step;

    private sealed record NextRoot : Step;

    private sealed record Restart : Step;

    /// <summary>The hub gives the whole twin, and is told what there is.</summary>
    private sealed record Connect : Step;

    /// <summary>The folder is lost, and the hub connects.</summary>
    private sealed record Wipe : Step;

    private sealed record Backup : Step;

    /// <summary>The backup comes back, and the hub connects.</summary>
    private sealed record Restore : Step;

    private sealed record SetClock(DateTimeOffset Time) : Step;

    [Fact]
    public void Whatever_happens_no_floor_falls_and_no_time_goes_back_but_where_other_release_keys_forget_it() => Steps.Array[1, 60].Sample(Run, iter: 120);

    private static void Run(Step[] steps)
    {
        using var site = new Device();
        foreach (var step in steps)
        {
            site.Do(step);
            site.Check();
        }
    }

    /// <summary>What is known: epochs of all; releases and the time by the release keys under which they were accepted, those of roots 1 and 2, and those of root 3.</summary>
    private sealed record Known(int Root, Dictionary<PackageSlot, int> Epochs, Dictionary<PackageSlot, int> Early, Dictionary<PackageSlot, int> Late, DateTimeOffset EarlyNewest, DateTimeOffset? LateNewest)
    {
        public static Known Nothing => new(1, [], [], [], TrustSite.Roots[0].Issued, null);

        /// <summary>Whether something under the keys of root 3 is known.</summary>
        public bool KnowsLate => LateNewest is not null;

        /// <summary>With what the hub gives back; of a time no more than the clock shows.</summary>
        public Known With(Known? reported, DateTimeOffset latest) => reported is null ? this : this with
        {
            Epochs = Max(Epochs, reported.Epochs),
            Early = Max(Early, reported.KnowsLate ? [] : reported.Early),
            Late = Max(Late, reported.Late),
            EarlyNewest = reported.KnowsLate ? EarlyNewest : Later(EarlyNewest, Earlier(reported.EarlyNewest, latest)),
            LateNewest = reported.LateNewest is { } late ? Later(LateNewest ?? DateTimeOffset.MinValue, Earlier(late, latest)) : LateNewest,
        };

        public static Dictionary<PackageSlot, int> Max(Dictionary<PackageSlot, int> one, Dictionary<PackageSlot, int> two) =>
            one.Concat(two).GroupBy(e => e.Key).ToDictionary(g => g.Key, g => g.Max(e => e.Value));

        public static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset two) => one > two ? one : two;

        private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset two) => one < two ? one : two;
    }

    private sealed class Device : IDisposable
    {
        private readonly TrustSite site = new();
        private Known known = Known.Nothing;
        private Known? atHub;
        private JsonObject? reported;
        private (Dictionary<string, byte[]> Files, Known Known)? backup;

        public void Do(Step step)
        {
            switch (step)
            {
                case Accept accept:
                    Take(accept);
                    break;
                case NextRoot when known.Root < 3:
                    Assert.True(site.TakeRoot(known.Root + 1));
                    RootTaken();
                    break;
                case Restart:
                    var before = site.Store.ToReported().ToJsonString();
                    site.Restart();
                    Assert.Equal(before, site.Store.ToReported().ToJsonString());
                    break;
                case Connect:
                    Meet();
                    break;
                case Wipe:
                    Directory.CreateDirectory(site.Path);
                    site.Wipe();
                    known = Known.Nothing;
                    Meet();
                    break;
                case Backup:
                    backup = (site.Backup(), known);
                    break;
                case Restore when backup is { } old:
                    Directory.CreateDirectory(site.Path);
                    site.Restore(old.Files);
                    known = old.Known;
                    Meet();
                    break;
                case SetClock clock:
                    site.RestartAt(clock.Time);
                    break;
            }
        }

        public void Check()
        {
            var trust = site.Store.Current!;
            Assert.Equal(known.Root, trust.Root.Version);
            Assert.Empty(site.Store.Problems);
            foreach (var slot in Slots)
            {
                var (floor, epoch) = (trust.FloorOf(slot), known.Epochs.GetValueOrDefault(slot));
                Assert.InRange(floor.Epoch, Math.Min(epoch, trust.Root.Epoch), epoch);
                var (early, late) = (known.Early.GetValueOrDefault(slot), known.Late.GetValueOrDefault(slot));
                Assert.InRange(floor.Release, known.KnowsLate ? late : early, known.Root == 3 ? late : Math.Max(early, late));
            }

            Assert.True(trust.NewestSigned >= (known.LateNewest ?? known.EarlyNewest), $"{trust.NewestSigned} {known}");
            Assert.True(trust.NewestSigned <= Known.Later(known.LateNewest ?? DateTimeOffset.MinValue, known.Root == 3 ? TrustSite.Roots[2].Issued : known.EarlyNewest), $"{trust.NewestSigned} {known}");
            Assert.True(site.Store.TrustedTime is not { } time || (time >= trust.NewestSigned && time >= TrustSite.Release));
        }

        public void Dispose() => site.Dispose();

        private void Take(Accept accept)
        {
            var issued = Sample.Now.AddDays(-accept.Age);
            if (!TrustSite.TryVerify(site.Store.Current!, site.Store.TrustedTime, accept.Release, accept.Epoch, issued, accept.Slot, accept.ByOperator, out var package, out _))
            {
                return;
            }

            site.Store.Keep(package!);
            var release = new Dictionary<PackageSlot, int> { [accept.Slot] = accept.Release };
            known = known with { Epochs = Known.Max(known.Epochs, new() { [accept.Slot] = accept.Epoch }) };
            known = known.Root == 3 ? known with { Late = Known.Max(known.Late, release), LateNewest = Known.Later(known.LateNewest!.Value, issued) }
                : known with { Early = Known.Max(known.Early, release), EarlyNewest = Known.Later(known.EarlyNewest, issued) };
        }

        private void RootTaken()
        {
            var root = TrustSite.Roots[known.Root];
            known = known with { Root = root.Version };
            known = root.Version == 3 ? known with { Early = [], LateNewest = Known.Later(known.LateNewest ?? DateTimeOffset.MinValue, root.Issued) }
                : known with { EarlyNewest = Known.Later(known.EarlyNewest, root.Issued) };
        }

        private void Meet()
        {
            site.Store.TakeReported(reported);
            known = known.With(atHub, Known.Later(site.Clock.GetUtcNow(), TrustSite.Release));
            reported = site.Store.ToReported();
            atHub = known;
        }
    }
}
