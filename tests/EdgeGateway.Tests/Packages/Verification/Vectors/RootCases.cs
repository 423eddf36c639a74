using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Roots;
using static EdgeGateway.Tests.Packages.Verification.Vectors.CaseBuilder;

namespace EdgeGateway.Tests.Packages.Verification.Vectors;

/// <summary>The roots that cases stand on, and what is tried when version 2 follows version 1.</summary>
internal static class RootCases
{
    public const string First = "first";
    public const string NewReleaseKeys = "new-release-keys";

    private static readonly Root Next = Sample.Root with { Version = 2, Issued = Sample.Now, Expires = Sample.Now.AddYears(6) };
    private static readonly Root NextRelease = Next with { ReleaseRole = Sample.RoleOf(2, 21, 22, 23) };
    private static readonly Root NextRoot = Next with { RootRole = Sample.RoleOf(2, 3, 4, 5) };

    /// <summary>As they lie beside packages, by name.</summary>
    public static IEnumerable<(string Name, Envelope Root)> Roots => [(First, Sample.Signed(Sample.Root, 1, 2)), (NewReleaseKeys, Sample.Signed(NextRelease, 1, 2))];

    public static IEnumerable<(string Name, RootCase Case)> All => [.. Allowed, .. Attacks, .. Rules];

    private static IEnumerable<(string, RootCase)> Allowed =>
    [
        ("valid", Accepted("The next version with the same keys; floors stay.", Sample.Signed(Next, 1, 2))),
        ("valid-root-keys-rotated", Accepted("Other root keys: two of the old and two of the new ones signed, one of them is both.", Sample.Signed(NextRoot, 1, 3, 4))),
        ("valid-expired", Accepted("An expired root: behind it may stand the next one.",
            Sample.Signed(Next with { Issued = Sample.Now.AddYears(-2), Expires = Sample.Now.AddYears(-1) }, 1, 2), Sample.Root.Issued)),
        ("fast-forward-recovery", Of("Fast-forward undone: thieves of release keys published release 2147483647, as of 2099; with new release keys the floor of releases and the newest signed time are forgotten.",
            "accepted", Sample.Signed(NextRelease, 1, 2), null) with
        {
            Floors = [new(Sample.Pumps, int.MaxValue, 2)], NewestSigned = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero), FloorsAfter = [new(Sample.Pumps, 0, 2)], NewestSignedAfter = Sample.Now,
        }),
    ];

    private static IEnumerable<(string, RootCase)> Attacks =>
    [
        ("endless-data", Endless(Of("Endless data, here cut after 1 MiB.", "too-large", Sample.Signed(Next, 1, 2), "envelope"))),
        ("mix-and-match", Of("Another root of the same version than was asked for.",
            "digest", Sample.Signed(Next, 1, 2)) with { Sha256 = Sample.Digest(Text(Sample.Signed(NextRoot, 1, 3, 4))) }),
        ("no-envelope", Of("A root without an envelope.",
            "envelope", Sample.Signed(Next, 1, 2), "payload-type") with { Envelope = System.Text.Encoding.UTF8.GetString(Next.ToJson()) }),
        ("payload-type-manifest", Of("Payload type confusion: a manifest in place of a root.", "payload-type", Signed(Small, 11, 12), "root")),
        ("payload-type-generic", Of("A root that was signed as something general.", "payload-type", Sample.Signed("application/json", Next.ToJson(), 1, 2))),
        ("critical-unknown", Rule("A member that changes what the rest means.", "critical", "\"format\":1", "\"format\":1,\"critical\":[\"quorum\"],\"quorum\":{}")),
        ("skipped-version", Of("A version is left out.", "root-version", Sample.Signed(Next with { Version = 3 }, 1, 2))),
        ("same-version", Of("Another root of the version in force.", "root-version", Sample.Signed(Next with { Version = 1 }, 1, 2))),
        ("rollback", Of("Rollback: a device with version 2 is given version 1 again.", "root-version", Sample.Signed(Sample.Root, 1, 2)) with { Root = NewReleaseKeys }),
        ("signed-by-new-only", Of("Only its own keys signed it: anybody could make that.", "old-threshold", Sample.Signed(NextRoot, 4, 5))),
        ("signed-by-old-only", Of("Nobody of the new keys signed: they may not exist.",
            "new-threshold", Sample.Signed(Next with { RootRole = Sample.RoleOf(2, 4, 5, 6) }, 1, 2))),
        ("key-compromise-below-threshold", Of("A thief of one root key makes himself the next root.",
            "old-threshold", Sample.Signed(Next with { RootRole = Sample.RoleOf(1, 97) }, 3, 97))),
        ("lower-threshold-by-one", Of("One holder lowers the threshold to one.",
            "old-threshold", Sample.Signed(Next with { RootRole = Next.RootRole with { Threshold = 1 } }, 3))),
        ("wrong-role", Of("Wrong role: holders of release keys make a root.", "old-threshold", Sample.Signed(Next, 11, 12, 13), "new-threshold")),
        ("unsigned", Of("Nobody signed.", "old-threshold", Sample.Signed(Next), "new-threshold")),
    ];

    private static IEnumerable<(string, RootCase)> Rules =>
    [
        ("member-twice", Rule("Two security epochs.", "root", "\"epoch\":3", "\"epoch\":3,\"epoch\":9")),
        ("threshold-zero", Of("Nobody has to sign.", "root", Sample.Signed(Next with { ReleaseRole = Next.ReleaseRole with { Threshold = 0 } }, 1, 2), "root-version")),
        ("threshold-above-keys", Of("More have to sign than there are.",
            "root", Sample.Signed(Next with { ReleaseRole = Next.ReleaseRole with { Threshold = 4 } }, 1, 2), "root-version")),
        ("no-keys", Of("A role without keys.", "root", Sample.Signed(Next with { ReleaseRole = new(1, []) }, 1, 2), "root-version")),
        ("extraneous-keys", Of("Extraneous keys: more than 16.",
            "root", Sample.Signed(Next with { ReleaseRole = Sample.RoleOf(2, [.. Enumerable.Range(11, 17).Select(i => (byte)i)]) }, 1, 2), "root-version")),
        ("duplicate-key", Of("A duplicate key: one holder would be two.",
            "root", Sample.Signed(Next with { ReleaseRole = Sample.RoleOf(2, 11, 11) }, 1, 2), "root-version")),
        ("key-in-both-roles", Of("One key in both roles: a release key that is stolen easily would be half a root.",
            "root", Sample.Signed(Next with { ReleaseRole = Sample.RoleOf(2, 3, 11) }, 1, 2), "root-version")),
        ("key-cut", Rule("A key of 31 bytes.", "root", Sample.Key(11).Public.Text, "ed25519:" + Convert.ToBase64String(new byte[31]))),
        ("epoch-zero", Of("Security epochs count from 1.", "root", Sample.Signed(Next with { Epoch = 0 }, 1, 2), "root-version")),
        ("expires-before-issued", Of("It expires before it was issued.", "root", Sample.Signed(Next with { Expires = Next.Issued }, 1, 2), "root-version")),
    ];

    private static RootCase Accepted(string attack, Envelope envelope, DateTimeOffset? newest =
        null) => Of(attack, "accepted", envelope, null) with { FloorsAfter = [new(Sample.Pumps, 3, 2)], NewestSignedAfter = newest ?? Next.Issued };

    private static RootCase Of(string attack, string expected, Envelope envelope, string? without = "accepted") =>
        new(attack, expected, without, First, [new(Sample.Pumps, 3, 2)], Sample.Root.Issued, null, Text(envelope), 0, null, null);

    private static RootCase Endless(RootCase root) => root with { Padding = Envelope.MaxBytes + 1 - root.Envelope.Length };

    private static RootCase Rule(string attack, string code, string part, string by) =>
        Of(attack, code, Sample.Signed(Root.PayloadType, Sample.Bytes(Replaced(Next.ToJson(), part, by)), 1, 2), "root-version");
}
