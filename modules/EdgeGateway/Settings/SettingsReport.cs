using System.Collections.Immutable;
using System.Text.Json;

namespace EdgeGateway.Settings;

/// <summary>Collects the problems of one reading.</summary>
internal sealed class SettingsReport
{
    private readonly List<SettingsProblem> errors = [];
    private readonly List<SettingsProblem> unknownKeys = [];
    private readonly List<SettingsProblem> warnings = [];

    public bool HasErrors => errors.Count > 0;

    public void Error(SettingsPlace place, string message) => errors.Add(Problem(place, message));

    public void UnknownKey(SettingsPlace place, string message) => unknownKeys.Add(Problem(place, message));

    public void Warning(SettingsPlace place, string message) => warnings.Add(Problem(place, message));

    public SettingsReadResult Result(GatewaySettings? settings, ImmutableArray<WrittenSection>? sections = null) =>
        new(HasErrors ? null : settings, [.. errors], [.. unknownKeys], [.. warnings], sections ?? []);

    // A message may quote the document, which must not write into a terminal or a log in its own way.
    private static SettingsProblem Problem(SettingsPlace place, string message) =>
        new(place.Origin, place.Path, message.Any(char.IsControl) ? string.Concat(message.Select(c => char.IsControl(c) ? ' ' : c)) : message);
}

/// <summary>A place in a document. Keys of unusual characters are written in brackets: sources["a.b"].topic.</summary>
internal readonly record struct SettingsPlace(string Origin, string Path)
{
    public SettingsPlace Key(string key) => this with { Path = Join(key) };

    public SettingsPlace Index(int index) => this with { Path = $"{Path}[{index}]" };

    private string Join(string key)
    {
        if (key.Length == 0 || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            return $"{Path}[\"{JsonEncodedText.Encode(key)}\"]";
        }

        return Path.Length == 0 ? key : $"{Path}.{key}";
    }
}
