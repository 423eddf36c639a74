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

    /// <summary>A file directly in the folder.</summary>
    public FileInfo File(string name, string namedBy)
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

        return file;
    }

    public override long Length(string name, string namedBy) => File(name, namedBy).Length;

    public override bool TryRead(string name, long offset, byte[] destination)
    {
        using var file = System.IO.File.OpenHandle(Path.Combine(path, name));
        for (var done = 0; done < destination.Length;)
        {
            var read = RandomAccess.Read(file, destination.AsSpan(done), offset + done);
            if (read == 0)
            {
                return false;
            }

            done += read;
        }

        return true;
    }

    public override void Attach(SessionOptions settings) => settings.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", path);

    public override string Cleaned(string message) => message.Replace(path, "", StringComparison.Ordinal);
}
