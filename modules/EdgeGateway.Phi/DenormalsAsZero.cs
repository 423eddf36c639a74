using System.Runtime.InteropServices;

namespace EdgeGateway.Phi;

/// <summary>
/// Until it is disposed, the calling thread takes numbers below 1.2e-38 as zero. The softmax of attention makes many of them, and x64 CPUs spend a hundred
/// times as long on each. ONNX Runtime's option for it (session.set_denormal_as_zero) reaches its own threads and one that opens the first session, not
/// those that call. Linux on x64 through libm's fesetenv; elsewhere nothing changes.
/// </summary>
internal ref struct DenormalsAsZero
{
    private const uint FlushToZeroAndDenormalsAreZero = 0x8040; // bits 15 and 6 of MXCSR

    private FloatEnvironment before;

    /// <summary>Switches the calling thread over.</summary>
    public static DenormalsAsZero Begin()
    {
        var scope = default(DenormalsAsZero);
        if (Applies)
        {
            _ = GetEnvironment(ref scope.before);
            var now = scope.before;
            now.Mxcsr |= FlushToZeroAndDenormalsAreZero;
            _ = SetEnvironment(ref now);
        }

        return scope;
    }

    /// <summary>Puts the thread's arithmetic back as it was.</summary>
    public void Dispose()
    {
        if (Applies)
        {
            _ = SetEnvironment(ref before);
        }
    }

    private static bool Applies => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    [DllImport("libm.so.6", EntryPoint = "fegetenv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetEnvironment(ref FloatEnvironment environment);

    [DllImport("libm.so.6", EntryPoint = "fesetenv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnvironment(ref FloatEnvironment environment);

    /// <summary>fenv_t of x64: 28 bytes of the x87 unit, then MXCSR, which rules SSE and AVX.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    private struct FloatEnvironment
    {
        [FieldOffset(28)]
        public uint Mxcsr;
    }
}
