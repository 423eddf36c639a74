using System.Diagnostics;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Training;
using TorchSharp;

torch.set_num_threads(1);
var output = args[0];
Directory.CreateDirectory(output);
var watch = Stopwatch.StartNew();
void Log(string line) => Console.WriteLine($"{watch.Elapsed:m\\:ss} {line}");
var raw = WindowFactory.Generate(1, 0, int.Parse(args[1]), 2, n => { if (n % 400 == 0) { Log($"series {n}"); } });
var edges = WindowFactory.Edges(raw);
var windows = WindowFactory.ToDigits(raw, edges);
raw = null;
Log($"{windows.Count} windows, {windows.Classes.Count(c => c == WindowClass.Candidate)} candidates");
File.WriteAllLines(Path.Combine(output, "edges.txt"), edges.Select(e => string.Join(' ', e.Select(v => v.ToString("R")))));
var sizes = new RecipeSizes(int.Parse(args[2]), int.Parse(args[3]), int.Parse(args[4]));
var student = new Recipe(windows, sizes, 1, output, Log).Run(2);
using (var w = new BinaryWriter(File.Create(Path.Combine(output, "student.bin"))))
{
    foreach (var (name, p) in student.Weights)
    {
        w.Write(name); w.Write((int)p.dim()); foreach (var d in p.shape) { w.Write((int)d); }
        foreach (var v in p.detach().data<float>()) { w.Write(v); }
    }
}
Log("done");
