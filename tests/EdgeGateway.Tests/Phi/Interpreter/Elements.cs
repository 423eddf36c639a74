namespace EdgeGateway.Tests.Phi.Interpreter;

/// <summary>Operators that treat each number apart.</summary>
internal static class Elements
{
    public static Tensor Each(Tensor x, Converter<float, float> function) => x with { Data = Array.ConvertAll(x.Data, function) };

    /// <summary>The second operand has the shape of the first or of its last dimensions, and then serves for each of the others.</summary>
    public static Tensor Pair(Tensor x, Tensor y, Func<float, float, float> function)
    {
        if (!x.Shape.AsSpan().EndsWith(y.Shape))
        {
            throw new NotSupportedException($"[{string.Join(", ", x.Shape)}] with [{string.Join(", ", y.Shape)}]");
        }

        return x with { Data = [.. x.Data.Select((number, i) => function(number, y.Data[i % y.Data.Length]))] };
    }

    public static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    /// <summary>The approximation of GELU that Phi-2 was trained with (gelu_new).</summary>
    public static float TanhGelu(float x) => 0.5f * x * (1 + MathF.Tanh(MathF.Sqrt(2 / MathF.PI) * (x + (0.044715f * x * x * x))));
}
