using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Verification.Vectors;

/// <summary>The files of tests/vectors/packages, both ways; the README there says what they hold.</summary>
internal static class VectorForm
{
    public static readonly string Folder = Path.Combine(SharedFolder.RepositoryRoot, "tests", "vectors", "packages");

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Form) + "\n";

    public static T Read<T>(string kind, string name) => JsonSerializer.Deserialize<T>(File.ReadAllText(PathOf(kind, name)), Form)!;

    public static string PathOf(string kind, string name) => Path.Combine(Folder, kind, name + ".json");

    /// <summary>Names of the files of a kind, for a theory.</summary>
    public static TheoryData<string> Names(string kind) =>
        [.. Directory.GetFiles(Path.Combine(Folder, kind)).Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    /// <summary>Checks without the one of a code.</summary>
    public static IEnumerable<Check<T>> But<T>(this IEnumerable<Check<T>> checks, string? code) => checks.Where(check => new Refusal(check.Code, "").CodeText != code);

    /// <summary>An envelope as a case holds it: the text, and how many blanks stand behind it.</summary>
    public static byte[] Bytes(string envelope, int padding) => Encoding.UTF8.GetBytes(envelope + new string(' ', padding));
}
