using System.Text.Json;
using EdgeGateway.Phi.Lora;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Storage;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>The folder that an adapter is written to: whole, by a rename at the end, or not at all.</summary>
internal static class AdapterFolder
{
    /// <summary>Name of the .onnx_adapter file without its ending.</summary>
    public const string WeightsName = "adapter";

    /// <summary>Refuses a place where something lies already, before the work begins.</summary>
    /// <exception cref="InvalidDataException">The folder is not empty, or a file has its name.</exception>
    public static void Check(string folder)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new InvalidDataException($"{folder} is not empty; name another folder with --out, or delete it.");
        }
    }

    /// <summary>Writes weights in both forms, sensor.json, training.json and the report.</summary>
    public static void Write(string folder, IReadOnlyList<LoraFactors> factors, double alpha, SensorAdapter sensor, TrainingRecord record, AdapterReport report)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        var staged = Directory.CreateDirectory(folder + ".tmp").FullName;
        try
        {
            LoraWriter.Write(staged, WeightsName, factors, alpha);
            WriteJson(Path.Combine(staged, TrainingRecord.FileName), record);
            WriteJson(Path.Combine(staged, "report.json"), report);
            WriteText(Path.Combine(staged, "report.txt"), report.Lines());
            WriteJson(Path.Combine(staged, SensorModel.FileName), sensor);
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder);
            }

            Directory.Move(staged, folder);
        }
        catch
        {
            Directory.Delete(staged, recursive: true);
            throw;
        }
    }

    private static void WriteJson<T>(string path, T content) => DurableFile.Replace(path, [.. JsonSerializer.SerializeToUtf8Bytes(content, SensorModelWriter.Indented), (byte)'\n']);

    private static void WriteText(string path, IEnumerable<string> lines) => DurableFile.Replace(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        foreach (var line in lines)
        {
            writer.WriteLine(line);
        }
    });
}
