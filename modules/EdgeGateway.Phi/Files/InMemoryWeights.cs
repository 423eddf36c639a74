using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace EdgeGateway.Phi.Files;

/// <summary>
/// ONNX Runtime's AddExternalInitializersFromFilesInMemory (C API, since 1.18), which its managed assembly declares and does not offer: the place in the function table is looked up
/// there by name.
/// </summary>
internal static class InMemoryWeights
{
    private const uint ApiVersion = 22;
    private const string Function = "AddExternalInitializersFromFilesInMemory";

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate nint GetApi(uint version);

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate nint AddFiles(nint options, nint[] names, nint[] buffers, nuint[] lengths, nuint count);

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate nint GetErrorMessage(nint status);

    /// <summary>Names the buffers to the session that will be made with these settings.</summary>
    public static void Add(SessionOptions settings, IReadOnlyDictionary<string, NativeRange> weights)
    {
        var names = weights.Keys.Select(Marshal.StringToCoTaskMemUTF8).ToArray();
        var held = false;
        try
        {
            settings.DangerousAddRef(ref held);
            var add = Entry<AddFiles>(Function);
            var status = add(settings.DangerousGetHandle(), names, [.. weights.Values.Select(range => range.Address)], [.. weights.Values.Select(range => (nuint)range.Length)], (nuint)names.Length);
            if (status != 0)
            {
                throw new ModelRefusedException(RefusalReason.DataInvalid, $"ONNX Runtime does not take the weights in memory: {Marshal.PtrToStringUTF8(Entry<GetErrorMessage>("GetErrorMessage")(status))}.");
            }
        }
        finally
        {
            if (held)
            {
                settings.DangerousRelease();
            }

            Array.ForEach(names, Marshal.FreeCoTaskMem);
        }
    }

    private static T Entry<T>(string name)
        where T : Delegate
    {
        var table = typeof(SessionOptions).Assembly.GetType("Microsoft.ML.OnnxRuntime.OrtApi", throwOnError: true)!;
        var api = Marshal.GetDelegateForFunctionPointer<GetApi>(Marshal.ReadIntPtr(GetApiBase()))(ApiVersion);
        return Marshal.GetDelegateForFunctionPointer<T>(Marshal.ReadIntPtr(api, (int)Marshal.OffsetOf(table, name)));
    }

    [DllImport("onnxruntime", EntryPoint = "OrtGetApiBase")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static extern nint GetApiBase();
}
