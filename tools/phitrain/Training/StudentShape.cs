using EdgeGateway.Windows.Fields;

namespace EdgeGateway.PhiTrain.Training;

/// <summary>Shape and vocabulary of the sensor model (detection recipe, sections 4 and 5).</summary>
internal static class StudentShape
{
    public const int Hidden = 96;
    public const int Layers = 4;
    public const int Heads = 3;
    public const int HeadSize = 32;
    public const int Intermediate = 256;
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
