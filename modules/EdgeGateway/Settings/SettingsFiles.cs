using System.Collections.Immutable;

namespace EdgeGateway.Settings;

/// <summary>Reads the site file and then config.d/*.json beside it, by name, each laid over those before it.</summary>
public static class SettingsFiles
{
    /// <summary>Far above any real site; a wrong path to a log or a disk image ends here and not in memory.</summary>
    private const long LargestFileBytes = 4 << 20;

    /// <summary>Reads them all; a file that cannot be read is an error of its own.</summary>
    public static SettingsReadResult Load(string configFile)
    {
        var report = new SettingsReport();
        var layers = Layers(configFile, report);

        // A missing layer would make other problems look like what they are not.
        return report.HasErrors ? report.Result(settings: null) : SettingsReader.Read(layers);
    }

    /// <summary>The same files as documents to lay over each other, and what is wrong with those that cannot be read.</summary>
    internal static ImmutableArray<SettingsLayer> ReadLayers(string configFile, out ImmutableArray<SettingsProblem> problems)
    {
        var report = new SettingsReport();
        var layers = Layers(configFile, report);
        problems = report.Result(settings: null).Errors;
        return layers;
    }

    /// <summary>Reads the section <c>detection</c> of the same files, to try it on recordings; of the others nothing is looked at.</summary>
    /// <exception cref="FormatException">It is not there, or something in it cannot be used or is not known; the message has a line for each problem.</exception>
    public static DetectionSettings LoadDetection(string configFile)
    {
        var report = new SettingsReport();
        var layers = Layers(configFile, report);
        var read = report.HasErrors ? report.Result(settings: null).Errors : [];
        var settings = read.IsEmpty ? SettingsReader.ReadDetection(layers, out read) : null;
        return settings ?? throw new FormatException(string.Join('\n', read));
    }

    private static ImmutableArray<SettingsLayer> Layers(string configFile, SettingsReport report)
    {
        var layers = ImmutableArray.CreateBuilder<SettingsLayer>();
        foreach (var file in Files(configFile, report))
        {
            if (ReadFile(file, report) is { } json)
            {
                layers.Add(new SettingsLayer(json, file));
            }
        }

        return layers.ToImmutable();
    }

    private static IEnumerable<string> Files(string configFile, SettingsReport report)
    {
        var folder = Path.Combine(Path.GetDirectoryName(configFile) ?? "", "config.d");
        try
        {
            return Directory.Exists(folder)
                ? [configFile, .. Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal)]
                : [configFile];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report.Error(new SettingsPlace(folder, ""), $"folder cannot be listed ({e.Message.TrimEnd('.')}); give this process the right to read it");
            return [configFile];
        }
    }

    private static ReadOnlyMemory<byte>? ReadFile(string file, SettingsReport report)
    {
        var place = new SettingsPlace(file, "");
        try
        {
            var info = new FileInfo(file);
            if (info.Exists && info.Length > LargestFileBytes)
            {
                report.Error(place, $"has {info.Length} bytes, more than the {LargestFileBytes} that a settings file may have; name a settings file");
                return null;
            }

            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            report.Error(place, "does not exist; name the settings file with --config");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report.Error(place, Directory.Exists(file)
                ? "is a folder; name the settings file in it"
                : $"cannot be read ({e.Message.TrimEnd('.')}); give this process the right to read it");
        }

        return null;
    }
}
