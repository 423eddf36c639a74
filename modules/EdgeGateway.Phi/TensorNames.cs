using System.Globalization;

namespace EdgeGateway.Phi;

/// <summary>What the graph's inputs and outputs are called; %d stands for the layer.</summary>
internal sealed record TensorNames(string InputIds, string AttentionMask, string Logits, string PastKeys, string PastValues, string PresentKeys, string PresentValues)
{
    public static TensorNames Read(JsonSection decoder)
    {
        var inputs = decoder.Section("inputs");
        var outputs = decoder.Section("outputs");
        return new TensorNames(
            inputs.Text("input_ids", "input_ids"),
            inputs.Text("attention_mask", "attention_mask"),
            outputs.Text("logits", "logits"),
            inputs.Text("past_key_names", "past_key_values.%d.key"),
            inputs.Text("past_value_names", "past_key_values.%d.value"),
            outputs.Text("present_key_names", "present.%d.key"),
            outputs.Text("present_value_names", "present.%d.value"));
    }

    public string PastKey(int layer) => OfLayer(PastKeys, layer);

    public string PastValue(int layer) => OfLayer(PastValues, layer);

    public string PresentKey(int layer) => OfLayer(PresentKeys, layer);

    public string PresentValue(int layer) => OfLayer(PresentValues, layer);

    private static string OfLayer(string pattern, int layer) => pattern.Replace("%d", layer.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
