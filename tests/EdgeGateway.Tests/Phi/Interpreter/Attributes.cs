using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Tests.Phi.Interpreter;

/// <summary>Attributes of a node by name. A number left out has the operator's own default, which the caller gives.</summary>
internal static class Attributes
{
    public static AttributeProto? Find(this NodeProto node, string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name);

    public static int Whole(this NodeProto node, string name, int? absent = null) =>
        (int?)node.Find(name)?.I ?? absent ?? throw new NotSupportedException($"{node.Name} has no {name}");

    public static float Real(this NodeProto node, string name, float absent) => node.Find(name)?.F ?? absent;

    public static string Text(this NodeProto node, string name, string absent) => node.Find(name)?.S.ToStringUtf8() ?? absent;
}
