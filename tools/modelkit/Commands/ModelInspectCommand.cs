using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeGateway.Phi;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>model inspect</c>: what a model folder holds and how much memory it takes.</summary>
internal sealed partial class ModelInspectCommand(TextWriter output)
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };
    private readonly Argument<DirectoryInfo> folder = new Argument<DirectoryInfo>("FOLDER") { Description = "model folder of ONNX Runtime GenAI's form" }.AcceptExistingOnly();
    private readonly Option<int?> tokens = new("--tokens") { Description = "length that the memory is reckoned for; without it the model's whole context", HelpName = "N" };
    private readonly Option<bool> json = new("--json") { Description = "writes JSON" };

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        tokens.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 1)
            {
                result.AddError("--tokens takes a number of at least 1.");
            }
        });
        var command = new Command("inspect", "Says what a model is made of and how much memory it takes; no weight is read.\nExample: modelkit model inspect models/phi-sensor --tokens 34") { folder, tokens, json };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var model = PhiModelDescription.Read(parsed.GetValue(folder)!.FullName);
        var length = parsed.GetValue(tokens) ?? model.Config.ContextLength;
        if (length > model.Config.ContextLength)
        {
            throw new FormatException($"--tokens is {length}, but the model's context is {model.Config.ContextLength} tokens; give at most that.");
        }

        if (parsed.GetValue(json))
        {
            output.WriteLine(JsonSerializer.Serialize(new { Model = model, Tokens = length, MemoryBytes = model.Memory.Sum(length) }, Indented));
        }
        else
        {
            Write(model, length);
        }

        return ExitCode.Done;
    }

    private void Write(PhiModelDescription model, int length)
    {
        var config = model.Config;
        Row("family", $"{model.Family} (type {config.Type}), {Grouped(model.Parameters)} parameters");
        Row("layers", $"{config.Layers} of hidden size {config.HiddenSize}");
        Row("attention", $"{config.Heads} heads and {config.KeyValueHeads} key/value heads of {config.HeadSize}{(model.Window is { } window ? $", window of {window} tokens" : "")}");
        Row("rotary", $"{Rounded(model.RotaryShare)} of a head{(model.RotarySwitch is { } longest ? $", longrope: another table beyond {longest} tokens" : "")}");
        Row("vocabulary", $"{config.VocabularySize}");
        Row("context", $"{config.ContextLength} tokens");
        Row("embedding", model.Embedding is { } embedding ? $"{embedding.Operator}, {Form(embedding.Quantization)}{(embedding.SharedWithHead ? ", the head's own matrix" : "")}" : "of an unknown form");
        Row("products", "");
        var wide = model.Products.Select(product => product.Kind.Length).DefaultIfEmpty().Max();
        foreach (var product in model.Products)
        {
            output.WriteLine($"{product.Count,5} x {product.Kind.PadRight(wide)}  {product.Inputs,6} -> {product.Outputs,-6}  {product.Operator}, {Form(product.Quantization)}");
        }

        Row("LoRA slots", model.LoraSlots.Count == 0 ? "none" : $"{model.LoraSlots.Count}, for {string.Join(", ", model.LoraSlots.Select(slot => Layer().Replace(slot, "")).Distinct())}");
        WriteMemory(model.Memory, length);
    }

    private void WriteMemory(PhiModelMemory memory, int length)
    {
        Row("memory", $"about {Mega(memory.Sum(length))} for sequences of {length} tokens:");
        output.WriteLine($"{Mega(memory.MappedBytes),14} weights mapped from their files");
        output.WriteLine($"{Mega(memory.CopiedBytes),14} copies of weights, packed for the kernels");
        output.WriteLine($"{Mega(memory.RuntimeBytes),14} runtime and graph");
        output.WriteLine($"{Mega(length * memory.KeyValueBytesPerToken),14} keys and values, {Grouped(memory.KeyValueBytesPerToken)} bytes a token");
        output.WriteLine($"{Mega(length * memory.WorkingBytesPerToken),14} vectors of one pass, {Grouped(memory.WorkingBytesPerToken)} bytes a token");
    }

    private void Row(string name, string value) => output.WriteLine($"{name,-11} {value}".TrimEnd());

    private static string Form(WeightQuantization? form) => form is null ? "float" : $"{form.Bits} bits in blocks of {form.BlockSize}, {(form.Symmetric ? "symmetric" : "zero points")}"
        + (form.AccuracyLevel is { } level ? $", accuracy level {level}" : "");

    private static string Mega(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:#,0.0} MB");

    private static string Grouped(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Rounded(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^.*layers\.\d+\.", RegexOptions.CultureInvariant)]
    private static partial Regex Layer();
}
