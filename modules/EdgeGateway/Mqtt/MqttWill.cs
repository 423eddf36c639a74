using EdgeGateway.Stages;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;

namespace EdgeGateway.Mqtt;

/// <summary>A last will that is given up where the broker does not take it: it is worth less than the connection. Tried again with each new one.</summary>
internal sealed class MqttWill(string topic, byte[] payload, Accounting accounting, ILogger logger)
{
    private Form form;
    private bool isSaid;

    private enum Form { Retained, NotRetained, None }

    /// <summary>Puts it into the options of the next attempt.</summary>
    public void AddTo(MqttClientOptionsBuilder builder)
    {
        if (form != Form.None)
        {
            builder.WithWillTopic(topic).WithWillPayload(payload).WithWillRetain(form == Form.Retained).WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        }
    }

    /// <summary>The broker refused an attempt: where it may be for the will, the next one has another or none.</summary>
    public void Refused(MqttClientConnectResultCode code) => form = code switch
    {
        MqttClientConnectResultCode.RetainNotSupported => Form.NotRetained,
        MqttClientConnectResultCode.NotAuthorized or MqttClientConnectResultCode.QoSNotSupported => form == Form.None ? Form.Retained : Form.None,
        _ => form,
    };

    /// <summary>The broker accepted an attempt.</summary>
    public void Accepted()
    {
        if (form != Form.None)
        {
            form = Form.Retained;
            return;
        }

        form = Form.Retained;
        accounting.Of("status.no_will").Add();
        if (!isSaid)
        {
            isSaid = true;
            logger.WillRefused();
        }
    }
}
