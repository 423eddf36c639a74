using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeGateway.Phi;

/// <summary>What this CPU has that decides how fast models run.</summary>
public static class CpuFeatures
{
    /// <summary>
    /// Sums products of 8-bit integers without overflow: AVX512-VNNI or AVX-VNNI on x64, every 64-bit Arm. ONNX Runtime's kernels for older x64 CPUs saturate at 16 bits.
    /// </summary>
    public static bool HasInt8Products { get; } = AdvSimd.Arm64.IsSupported || HasVnni();

    /// <summary>The features that matter, for people.</summary>
    public static string Description { get; } = string.Join(' ', new (string Name, bool Here)[]
    {
        ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported), ("AVX512", Avx512F.IsSupported), ("VNNI", HasVnni()), ("NEON", AdvSimd.IsSupported), ("DOTPROD", Dp.IsSupported),
    }.Where(feature => feature.Here).Select(feature => feature.Name));

    /// <summary>Intel's manual, CPUID leaf 7: subleaf 0 ECX bit 11 AVX512_VNNI, subleaf 1 EAX bit 4 AVX-VNNI.</summary>
    private static bool HasVnni()
    {
        if (!X86Base.IsSupported || !Avx2.IsSupported)
        {
            return false;
        }

        var leaf = X86Base.CpuId(7, 0);
        return (Avx512F.IsSupported && (leaf.Ecx & (1 << 11)) != 0) || (leaf.Eax >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 4)) != 0);
    }
}
