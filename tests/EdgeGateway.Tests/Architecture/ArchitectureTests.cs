using System.Reflection;
using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Phi;
using EdgeGateway.Windows;

namespace EdgeGateway.Tests.Architecture;

/// <summary>What the folders promise, held against the compiled assemblies.</summary>
public class ArchitectureTests
{
    /// <summary>The stages in the way of a reading: one may use those before it, never those behind it.</summary>
    private static readonly string[] Stages = ["Ingest", "Windows", "Prompts", "Verdicts", "Alerts", "Delivery"];

    private static readonly ArchUnitNET.Domain.Architecture Compiled =
        new ArchLoader().LoadAssemblies(typeof(Windower).Assembly, typeof(PhiModel).Assembly, typeof(PackageVerifier).Assembly).Build();

    [Fact]
    public void A_stage_sees_earlier_stages_and_never_later_ones()
    {
        var wrong = from type in Own()
                    let stage = Array.IndexOf(Stages, FolderOf(type))
                    where stage >= 0
                    from target in TargetsOf(type)
                    where target.StartsWith("EdgeGateway.", StringComparison.Ordinal) && Array.IndexOf(Stages, FolderOf(target)) > stage
                    select $"{type.FullName} uses {target}";
        Assert.Empty(wrong.Distinct());
    }

    [Theory]
    [InlineData("MQTTnet", "Mqtt")]
    [InlineData("Microsoft.Data.Sqlite", "Storage")]
    [InlineData("SQLitePCL", "Storage")]
    [InlineData("Polly", "Mqtt")]
    [InlineData("OpenTelemetry", "Tracing")]
    [InlineData("Microsoft.ML.OnnxRuntime", "(EdgeGateway.Phi)")]
    [InlineData("NSec", "(EdgeGateway.Packages)")]
    public void A_foreign_library_is_known_in_one_folder_alone(string library, string folder)
    {
        var users = Own().Where(type => TargetsOf(type).Any(t => t.StartsWith(library + ".", StringComparison.Ordinal))).Select(FolderOf).Distinct();
        Assert.All(users, user => Assert.Equal(folder, user));
    }

    [Fact]
    public void The_Phi_library_knows_nothing_of_sensors_MQTT_or_Azure()
    {
        var references = typeof(PhiModel).Assembly.GetReferencedAssemblies().Select(a => a.Name!);
        Assert.DoesNotContain(references, name => Regex.IsMatch(name, "EdgeGateway|MQTT|Azure|Sqlite|SensorSimulator", RegexOptions.IgnoreCase));
    }

    [Fact]
    public void The_Packages_library_knows_nothing_of_models_MQTT_or_Azure()
    {
        var references = typeof(PackageVerifier).Assembly.GetReferencedAssemblies().Select(a => a.Name!);
        Assert.DoesNotContain(references, name => Regex.IsMatch(name, "EdgeGateway|MQTT|Azure|Sqlite|Onnx|Microsoft[.]Extensions", RegexOptions.IgnoreCase));
    }

    [Fact]
    public void The_namespace_of_every_type_is_its_folder()
    {
        var root = Path.Combine(SharedFolder.RepositoryRoot, "modules");
        var wrong = from file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                    let relative = Path.GetRelativePath(root, file)
                    where !relative.Split('/').Any(part => part is "bin" or "obj") && Path.GetFileName(file) != "Program.cs"
                    let expected = Path.GetDirectoryName(relative)!.Replace('/', '.')
                    let stated = Regex.Match(File.ReadAllText(file), @"^namespace ([\w.]+);", RegexOptions.Multiline).Groups[1].Value
                    where stated != expected
                    select $"{relative} says {stated}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Program_names_the_stages_in_the_way_of_a_reading()
    {
        var program = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "modules", "EdgeGateway", "Program.cs"));
        Assert.Equal(Stages, Regex.Matches(program, @"\.Add(\w+)\(\)").Select(m => m.Groups[1].Value));
    }

    [Fact]
    public void The_stage_table_of_the_README_is_the_folders()
    {
        var readme = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "README.md"));
        var rows = Regex.Matches(readme, @"^\| \[`(\w+)`\]\(modules/EdgeGateway/(\w+)\)", RegexOptions.Multiline);
        Assert.All(rows, row => Assert.True(Directory.Exists(Path.Combine(SharedFolder.RepositoryRoot, "modules", "EdgeGateway", row.Groups[2].Value)), row.Value));
        Assert.Equal(Stages, rows.Select(row => row.Groups[1].Value).Where(Stages.Contains));
    }

    [Fact]
    public void Log_ids_are_unique_and_in_the_thousand_of_their_stage()
    {
        var ids = new List<int>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(SharedFolder.RepositoryRoot, "modules", "EdgeGateway"), "Log.cs", SearchOption.AllDirectories))
        {
            var stage = Array.IndexOf(Stages, Path.GetFileName(Path.GetDirectoryName(file)!));
            foreach (Match match in Regex.Matches(File.ReadAllText(file), @"\[LoggerMessage\((\d+),"))
            {
                var id = int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
                Assert.True(stage >= 0 ? id / 1000 == stage + 1 : id >= 8000, $"{file}: {id}");
                ids.Add(id);
            }
        }

        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void Production_code_disables_no_warning()
    {
        var files = Directory.EnumerateFiles(Path.Combine(SharedFolder.RepositoryRoot, "modules"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => File.ReadAllText(file).Contains("#pragma warning disable", StringComparison.Ordinal));
    }

    [Fact]
    public void Interfaces_are_the_ports_and_nothing_else()
    {
        string[] ports = ["ISensorSource", "IVerdictModel", "IHubClient", "IAlertSink", "IKeySealer"];
        var interfaces = typeof(Windower).Assembly.GetTypes().Concat(typeof(PhiModel).Assembly.GetTypes()).Concat(typeof(PackageVerifier).Assembly.GetTypes())
            .Where(t => t.IsInterface && t.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null).Select(t => t.Name);
        Assert.All(interfaces, name => Assert.Contains(name, ports));
    }

    private static IEnumerable<IType> Own() => Compiled.Types.Where(t => t.Namespace?.FullName.StartsWith("EdgeGateway", StringComparison.Ordinal) == true);

    private static IEnumerable<string> TargetsOf(IType type) => type.Dependencies.Select(d => d.Target.FullName);

    private static string FolderOf(IType type) =>
        Array.Find(["EdgeGateway.Phi", "EdgeGateway.Packages"], library => type.Assembly.Name.StartsWith(library, StringComparison.Ordinal)) is { } library ? $"({library})" : FolderOf(type.FullName);

    private static string FolderOf(string fullName) => fullName.Split('.') is [_, var folder, _, ..] ? folder : "";
}
