using System.Runtime.InteropServices;
using EdgeGateway.PhiTrain.Commands;

namespace EdgeGateway.PhiTrain.Training;

/// <summary>Whether TorchSharp's native part can be loaded here. It is linked against the libstdc++ of GCC 13.2 (GLIBCXX_3.4.32); an older one fails deep inside the loader.</summary>
internal static class TorchLibrary
{
    /// <summary>A function that came with GLIBCXX_3.4.32: std::ios_base_library_init().</summary>
    private const string NewestSymbol = "_ZSt21ios_base_library_initv";

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
