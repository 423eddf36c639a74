using System.Security.Cryptography;
using EdgeGateway.Storage;
using TorchSharp.Modules;

namespace EdgeGateway.PhiTrain.Training;

/// <summary>
/// The state of one training in one file, written whole or not at all: training that goes on from it after a kill gives the same weights. Content (BinaryWriter's form):
/// "PHICKPT2", identity, steps done, mean loss, then student, averaged student and optimizer in TorchSharp's own form, SHA-256 of all bytes before. Random numbers need no state here: each step has a
/// stream of its own.
/// </summary>
/// <param name="identity">Names data, seed, sizes and part; a checkpoint of another identity is refused.</param>
internal sealed class Checkpoint(string path, string identity)
{
    private const string Magic = "PHICKPT2";

    /// <summary>Replaces the file.</summary>
    public void Save(TrainingState state, Student student, Student average, AdamW optimizer) => DurableFile.Replace(path, stream =>
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write(Magic);
        writer.Write(identity);
        writer.Write(state.Step);
        writer.Write(state.Loss);
        student.save(writer);
        average.save(writer);
        optimizer.save_state_dict(writer);
        writer.Write(SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
        buffer.WriteTo(stream);
    });

    /// <summary>Looks whether the file, when there is one, belongs here.</summary>
    /// <exception cref="InvalidDataException">It belongs to other data or settings, or is cut off or damaged.</exception>
    public void Verify() => Open()?.Dispose();

    /// <summary>Fills all three from the file; the state before the first step when there is none.</summary>
    public TrainingState Load(Student student, Student average, AdamW optimizer)
    {
        using var reader = Open();
        if (reader is null)
        {
            return new TrainingState(0, 0);
        }

        var state = new TrainingState(reader.ReadInt32(), reader.ReadDouble());
        student.load(reader);
        average.load(reader);
        optimizer.load_state_dict(reader);
        return state;
    }

    private BinaryReader? Open()
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var bytes = File.ReadAllBytes(path);
        var content = bytes.AsSpan(0, Math.Max(0, bytes.Length - SHA256.HashSizeInBytes));
        if (content.IsEmpty || !SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(content.Length)))
        {
            throw new InvalidDataException($"{path} is cut off or damaged, or of an earlier version; copy it again, or delete it and this part of the training starts anew.");
        }

        var reader = new BinaryReader(new MemoryStream(bytes));
        return reader.ReadString() == Magic && reader.ReadString() == identity ? reader
            : throw new InvalidDataException($"{path} belongs to other data or other settings; give the ones that it was made with, delete it, or name another folder with --work.");
    }
}

/// <summary>How far a training is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">Exponential mean of the loss.</param>
internal readonly record struct TrainingState(int Step, double Loss)
{
    private const double Memory = .98;

    /// <summary>After one more step.</summary>
    public TrainingState Next(double loss) => new(Step + 1, Step == 0 ? loss : (Memory * Loss) + ((1 - Memory) * loss));
}
