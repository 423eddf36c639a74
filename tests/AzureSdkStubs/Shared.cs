// see Signatures.cs
namespace Microsoft.Azure.Devices.Shared;

public class Twin
{
    public TwinProperties Properties { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
}

public class TwinProperties
{
    public TwinCollection Desired { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public TwinCollection Reported { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
}

/// <summary>The second parameter stands for Newtonsoft's Formatting, which we never give.</summary>
public class TwinCollection
{
    public TwinCollection(string twinJson) => throw new NotSupportedException();

    public string ToJson(int formatting = default) => throw new NotSupportedException();
}
