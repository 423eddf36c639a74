using System.Text;
using static EdgeGateway.Tests.Packages.Verification.Vectors.CaseBuilder;

namespace EdgeGateway.Tests.Packages.Verification.Vectors;

/// <summary>Payloads that enough holders of release keys signed and that break a rule all the same. What a reader refuses here, readers that are less strict would read in different ways.</summary>
internal static class ManifestCases
{
    public static IEnumerable<(string Name, PackageCase Case)> All => [.. Json, .. Members, .. Paths, .. Critical];

    private static IEnumerable<(string Name, PackageCase Case)> Json =>
    [
        ("json-byte-order-mark", Broken("A byte order mark.", [0xEF, 0xBB, 0xBF, .. Small.ToJson()])),
        ("json-comment", Broken("A comment.", "{\"format\"", "{/* */\"format\"")),
        ("json-trailing-comma", Broken("A trailing comma.", "\"format\":1,", "\"format\":1,,")),
        ("json-trailing-data", Broken("A second document behind the first.", [.. Small.ToJson(), .. Small.ToJson()])),
        ("json-member-twice", Broken("Two releases.", "\"release\":3", "\"release\":3,\"release\":9")),
        ("json-member-escaped-twice", Broken("Two releases, one under an escaped name.", "\"release\":3", "\"release\":3,\"rel\\u0065ase\":9")),
        ("json-inner-member-twice", Broken("Two digests of a blob.", "\"sealed\":{", "\"sealed\":{\"size\":1,")),
        ("json-depth-17", Broken("Nested deeper than 16.", "\"format\":1", $"\"format\":1,\"note\":{new string('[', 16)}{new string(']', 16)}")),
        ("json-invalid-utf8", Broken("Bytes that are no UTF-8, in a member that nobody reads.",
            Encoding.Latin1.GetBytes(Payload("\"format\":1", "\"format\":1,\"note\":\"\u00FF\"")))),
        ("json-lone-surrogate", Broken("Half a character.", "\"format\":1", "\"format\":1,\"note\":\"\\uD800\"")),
        ("json-no-object", Broken("A list in place of an object.", "[1]"u8.ToArray())),
        ("number-fraction", Broken("A whole number with a fraction.", "\"release\":3", "\"release\":3.0")),
        ("number-exponent", Broken("A whole number with an exponent.", "\"release\":3", "\"release\":3e0")),
        ("number-minus-zero", Broken("A zero below zero.", "\"size\":300123", "\"size\":-0")),
        ("number-2-53", Broken("A number that not every reader has exactly.", "\"size\":300123", "\"size\":9007199254740993")),
        ("number-text", Broken("A text in place of a number.", "\"release\":3", "\"release\":\"3\"")),
    ];

    private static IEnumerable<(string Name, PackageCase Case)> Members =>
    [
        ("member-missing", Broken("No security epoch.", "\"release\":3,\"epoch\":2", "\"release\":3")),
        ("member-null", Broken("A null in place of absence.", "\"blobs\"", "\"golden\":null,\"blobs\"")),
        ("kind-unknown", Broken("A kind that is neither.", "\"kind\":\"adapter\"", "\"kind\":\"Adapter\"")),
        ("name-case", Broken("A name with a capital.", "\"pumps\"", "\"Pumps\"")),
        ("release-zero", Broken("Releases count from 1.", "\"release\":3", "\"release\":0")),
        ("fast-forward-release", Broken("Fast-forward: a release that leaves none above it for other readers.", "\"release\":3", "\"release\":2147483648")),
        ("time-offset", Broken("A time with an offset.", "2027-11-26T12:00:00Z", "2027-11-26T12:00:00+00:00")),
        ("time-no-day", Broken("A day that is none.", "2027-11-26T12:00:00Z", "2027-02-29T12:00:00Z")),
        ("expires-before-issued", Broken("It expires before it was issued.", Small with { Expires = Small.Issued })),
        ("no-group", Broken("For nobody.", Small with { Groups = [] })),
        ("group-twice", Broken("A group twice with the same epoch.", Small with { Groups = [Sample.LineA, Sample.LineA with { Recipient = Sample.LineB.Recipient }] })),
        ("recipient-case", Broken("A recipient in capitals.", Small with { Groups = [Sample.LineA with { Recipient = Sample.LineA.Recipient.ToUpperInvariant() }] })),
        ("digest-case", Broken("A digest in capitals.", Small with { Blobs = [Adapter with { Sha256 = Adapter.Sha256.ToUpperInvariant() }] })),
        ("sealed-twice", Broken("The same sealed bytes for two files.", Small with { Blobs = [Adapter, Adapter with { Path = "b" }] })),
        ("golden-no-blob", Broken("Golden windows that are no blob.", Small with { Golden = "golden.json" })),
    ];

    private static IEnumerable<(string Name, PackageCase Case)> Paths =>
    [
        ("path-parent", Path("A path out of the folder.", "../adapter.onnx_adapter")),
        ("path-root", Path("A path from the root.", "/etc/passwd")),
        ("path-folder", Path("A path into another folder.", "models/adapter.onnx_adapter")),
        ("path-windows-folder", Path("A path into another folder, on Windows.", "..\\adapter.onnx_adapter")),
        ("path-windows-drive", Path("A stream or drive of Windows.", "C:adapter")),
        ("path-windows-device", Path("A device of Windows, with an extension.", "nul.json")),
        ("path-hidden", Path("A hidden file.", ".sensor.json")),
        ("path-last-dot", Path("A last dot, which Windows drops.", "sensor.json.")),
        ("path-zero", Path("A zero byte, where a name in C ends.", "sensor.json\0.txt")),
        ("path-unicode", Path("A letter that looks like another one.", "s\u0435nsor.json")),
        ("path-case-twins", Broken("Two paths that are one file where case does not count.",
            Small with { Blobs = [Adapter with { Path = "Sensor.json" }, Adapter with { Path = "sensor.json", SealedSha256 = Sample.Digest("other") }] })),
    ];

    private static IEnumerable<(string Name, PackageCase Case)> Critical =>
    [
        ("critical-unknown", Of("A member that changes what the rest means, for readers that know it.",
            "critical", Payload("\"format\":1", "\"format\":1,\"critical\":[\"onlyAtNight\"],\"onlyAtNight\":true"), "slot")),
        ("critical-format-2", Of("A newer format, in which a release may be a text.",
            "critical", Payload("\"format\":1", "\"format\":2").Replace("\"release\":3", "\"release\":\"three\"", StringComparison.Ordinal), "slot")),
        ("critical-known", Broken("A critical member that the format defines.", "\"format\":1", "\"format\":1,\"critical\":[\"release\"]")),
        ("critical-absent", Broken("A critical member that is not there.", "\"format\":1", "\"format\":1,\"critical\":[\"onlyAtNight\"]")),
        ("critical-empty", Broken("Nothing is critical.", "\"format\":1", "\"format\":1,\"critical\":[]")),
    ];

    private static PackageCase Path(string attack, string path) => Broken(attack, Small with { Blobs = [Adapter with { Path = path }] });

    private static PackageCase Broken(string attack, EdgeGateway.Packages.Manifests.PackageManifest manifest) => Broken(attack, manifest.ToJson());

    private static PackageCase Broken(string attack, string part, string by) => Of(attack, "manifest", Payload(part, by), "slot");

    private static PackageCase Broken(string attack, byte[] payload) => Of(attack, "manifest", payload, "slot");
}
