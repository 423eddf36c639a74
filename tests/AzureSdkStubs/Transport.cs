using System.Net.Security;

// see Signatures.cs
namespace Microsoft.Azure.Devices.Client.Transport.Mqtt;

public class MqttTransportSettings : ITransportSettings
{
    public MqttTransportSettings(TransportType transportType) => throw new NotSupportedException();

    public bool CleanSession { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public int KeepAliveInSeconds { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public RemoteCertificateValidationCallback RemoteCertificateValidationCallback { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
}
