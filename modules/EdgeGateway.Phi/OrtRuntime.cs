using EdgeGateway.Phi.Files;
using EdgeGateway.Phi.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace EdgeGateway.Phi;

/// <summary>The one place that starts ONNX Runtime and opens sessions.</summary>
internal static class OrtRuntime
{
    /// <summary>Errors come as exceptions with the same text; the runtime would also write them to the process's standard error.</summary>
    internal const OrtLoggingLevel Quiet = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;

    private static readonly Lock Gate = new();

    /// <summary>
    /// Opens a graph whose external weights lie in the files. A session runs on the calling thread or on the one pool of the process: pools of their own would get in each other's way.
    /// </summary>
    public static InferenceSession Open(OnnxGraph graph, ModelFiles files, ComputeForm form, bool usePool)
    {
        Start();
        using var settings = new SessionOptions { LogSeverityLevel = Quiet, IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        if (usePool)
        {
            settings.DisablePerSessionThreads();
        }

        settings.AddSessionConfigEntry("session.set_denormal_as_zero", "1");
        files.Attach(settings);
        if (form != ComputeForm.AsBuilt)
        {
            // graphs with DequantizeLinear carry no accuracy level: the runtime gives the fused products this one
            settings.AddSessionConfigEntry("session.qdq_matmulnbits_accuracy_level", "1");
        }

        // the first session with this setting would change the thread that opens it for good
        using var arithmetic = DenormalsAsZero.Begin();
        try
        {
            return new InferenceSession(graph.Model.ToByteArray(), settings);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelRefusedException(RefusalReason.GraphUnsupported, $"ONNX Runtime does not open {graph.File}: {files.Cleaned(e.Message)}; build or copy the model again.", e);
        }
    }

    /// <summary>
    /// The environment must exist before the first session, else it is made with a log of its own and without a pool. Threads wait without spinning: several sessions or another busy
    /// process would otherwise slow each other down many times over.
    /// </summary>
    private static void Start()
    {
        lock (Gate)
        {
            if (!OrtEnv.IsCreated)
            {
                using var pool = new OrtThreadingOptions { GlobalIntraOpNumThreads = Environment.ProcessorCount, GlobalInterOpNumThreads = 1, GlobalSpinControl = false };
                pool.SetGlobalDenormalAsZero();
                var options = new EnvironmentCreationOptions { logId = "EdgeGateway.Phi", logLevel = Quiet, threadOptions = pool };
                _ = OrtEnv.CreateInstanceWithOptions(ref options);
            }
        }
    }
}
