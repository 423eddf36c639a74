// see Signatures.cs
namespace Microsoft.Azure.Devices.Client.Exceptions;

public class IotHubException : Exception;

public sealed class MessageTooLargeException : IotHubException;

public sealed class IotHubThrottledException : IotHubException;

public sealed class QuotaExceededException : IotHubException;

public sealed class ServerBusyException : IotHubException;

public sealed class ServerErrorException : IotHubException;

public sealed class UnauthorizedException : IotHubException;
