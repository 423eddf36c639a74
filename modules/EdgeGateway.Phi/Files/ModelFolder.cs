using Microsoft.ML.OnnxRuntime;

namespace EdgeGateway.Phi.Files;

/// <summary>The files of one folder, not even a link of which leads out of it.</summary>
internal sealed class ModelFolder : ModelFiles
{
    private readonly string path;

    public ModelFolder(string path)
    {
        this.path = Path.GetFullPath(path);
        if (!Directory.Exists(this.path))
        {
            throw new ModelRefusedException(RefusalReason.FileMissing, $"The folder {path} does not exist; give the folder of a model or an adapter.");
        }
    }

    /// <summary>The folder that the file of this path lies in.</summary>
    public static ModelFolder Of(string path) => new(Path.GetDirectoryName(Path.GetFullPath(path)) ?? path);

    public override long Length(string name, string namedBy)
    {
        if (!IsPlain(name))
        {
            throw NotPlain(name, namedBy);
        }

        var file = new FileInfo(Path.Combine(path, name));
        if (!file.Exists)
        {
            throw Missing(name, namedBy);
        }

        if (file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is var target && Path.GetDirectoryName(target?.FullName) != path)
        {
            throw new ModelRefusedException(RefusalReason.PathEscapes, $"{name} is a link to a file outside the folder; copy the file itself.");
        }

        return file.Length;
    }

    public override void Attach(SessionOptions settings) => settings.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", path);

    public override string Cleaned(string message) => message.Replace(path, "", StringComparison.Ordinal);

    protected override bool TryRead(string name, long offset, Span<byte> destination)
    {
        using var file = File.OpenHandle(Path.Combine(path, name));
        for (var done = 0; done < destination.Length;)
        {
            var read = RandomAccess.Read(file, destination[done..], offset + done);
            if (read == 0)
            {
                return false;
            }

            done += read;
        }

        return true;
    }
}
