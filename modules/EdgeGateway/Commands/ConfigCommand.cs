using System.CommandLine;
using EdgeGateway.Settings;

namespace EdgeGateway.Commands;

/// <summary><c>config check FILE</c> names everything that is wrong with a configuration; <c>config schema</c> prints its JSON schema.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "the configuration" };
        var check = new Command("check", "Names every bad key with its path. Example: EdgeGateway config check gateway.json") { file };
        check.SetAction(parsed => Check(parsed.GetValue(file)!));
        var twin = new Option<bool>("--twin") { Description = "the schema of the module twin's desired properties" };
        var schema = new Command("schema", "Prints the JSON schema of the configuration. Example: EdgeGateway config schema > settings.schema.json") { twin };
        schema.SetAction(parsed => Console.Out.Write(parsed.GetValue(twin) ? SettingsSchema.TwinText() : SettingsSchema.Text));
        return new Command("config", "Checks configurations.") { check, schema };
    }

    private static int Check(string file)
    {
        var read = SettingsFiles.Load(file);
        foreach (var problem in read.Errors.Concat(read.UnknownKeys).Concat(read.Warnings))
        {
            Console.Error.WriteLine(problem);
        }

        // unknown keys, of which run only warns, are errors here: the person who asks is still writing the file
        if (!read.PassesCheck)
        {
            return ExitCode.Usage;
        }

        Console.Out.WriteLine($"{file}: fine, {read.Settings!.Sources.Length} sources.");
        return ExitCode.Done;
    }
}
