using EdgeGateway.Windows.Fields;

namespace EdgeGateway.PhiTrain.Training;

/// <summary>How large a sensor model is. Heads and gated layer follow from the width: 3 and 256 at 96.</summary>
/// <param name="Hidden">Width, a multiple of the size of a head.</param>
internal sealed record StudentSize(int Hidden, int Layers)
{
    private const int GateStep = 64;

    /// <summary>The size of the built-in model.</summary>
    public static StudentSize BuiltIn { get; } = new(96, 4);

    /// <summary>Heads of <see cref="StudentShape.HeadSize"/> that make up the width.</summary>
    public int Heads => Hidden / StudentShape.HeadSize;

    /// <summary>Width of the gated layer: 8/3 of the hidden one, rounded up to whole blocks of the 4-bit form.</summary>
    public int Intermediate => (((8 * Hidden / 3) + GateStep - 1) / GateStep) * GateStep;
}

/// <summary>What all sizes of the sensor model share: vocabulary and prompt (detection recipe, sections 4 and 5).</summary>
internal static class StudentShape
{
    public const int HeadSize = 32;
    public const int Vocabulary = 416;
    public const int Context = 64;
    public const float Epsilon = 1e-5f;
    public const double RopeBase = 10000;

    /// <summary>Version of fields, levels and vocabulary together.</summary>
    public const int PromptVersion = 1;

    /// <summary>Tokens of a prompt: the start, a pair a field, the equals sign.</summary>
    public const int Tokens = SensorFields.Count + 2;

    public const int Start = 1;
    public const int EqualsSign = 2;

    /// <summary>Answers are the tokens 3..12; the first is "normal".</summary>
    public const int FirstAnswer = 3;

    public const int FirstPair = 13;
    public const int Levels = 11;

    /// <summary>Letters that announce the fields, in order.</summary>
    public const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEF";

    /// <summary>The answers in order of their tokens; behind "normal" the kinds in the order of the simulator's FaultKind.</summary>
    public static readonly string[] Answers = ["normal", "spike", "drift", "shift", "stuck", "noise", "dropout", "oscillation", "gain", "pattern"];

    /// <summary>Token of a field at a level 0..9, or 10 = absent.</summary>
    public static int Pair(int field, int level) => FirstPair + (Levels * field) + level;
}
