using System.Runtime.InteropServices;
using EdgeGateway.PhiTrain.Commands;
using SensorSimulator.Synthesis;
using static TorchSharp.torch;

namespace EdgeGateway.PhiTrain.Training;

/// <summary>Whether TorchSharp's native part can be loaded here. It is linked against the libstdc++ of GCC 13.2 (GLIBCXX_3.4.32); an older one fails deep inside the loader.</summary>
internal static class TorchLibrary
{
    /// <summary>A function that came with GLIBCXX_3.4.32: std::ios_base_library_init().</summary>
    private const string NewestSymbol = "_ZSt21ios_base_library_initv";

    /// <summary>
    /// Runs each kind of product and function once on this thread. Libraries that choose their code by the processor do so at their first call, and none of them has to be asked
    /// by two trainings at once.
    /// </summary>
    public static void WarmUp()
    {
        set_num_threads(1);
        using var scope = NewDisposeScope();
        using var student = new Student(StudentSize.BuiltIn, new RandomStream(0, 0));
        var tokens = full([4, StudentShape.Tokens], StudentShape.Start, dtype: ScalarType.Int64);
        student.forward(tokens).logsumexp(1).sum().backward();
    }

    /// <summary>A copy in torch's own memory, which is aligned: only then does MKL promise equal results from run to run. torch.tensor leaves the numbers in an array of .NET, wherever that lies. Disposes of the argument.</summary>
    public static Tensor Own(Tensor array)
    {
        using (array)
        {
            return array.clone();
        }
    }

    /// <summary>Call before anything of TorchSharp.</summary>
    /// <exception cref="MachineException">It cannot; the message says what to do.</exception>
    public static void Check()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        if (!NativeLibrary.TryLoad("libstdc++.so.6", out var library) || !NativeLibrary.TryGetExport(library, NewestSymbol, out _))
        {
            throw new MachineException(
                "Training needs the libstdc++ of GCC 13.2 or later (GLIBCXX_3.4.32), which this system does not have: run phitrain on Ubuntu 24.04, on Debian 13, or in the .NET 10 SDK container image.");
        }
    }
}
