namespace EdgeGateway.Soak.Fuzzing;

/// <summary>A parser of foreign bytes, and what is thrown at it.</summary>
/// <param name="Input">Makes an input; the same random numbers give the same one.</param>
/// <param name="Accepts">Whether it took the input; false when it refused it in one of its documented ways. Whatever it throws is a crash.</param>
internal sealed record FuzzedParser(string Name, Func<Random, byte[]> Input, Func<byte[], bool> Accepts);
