namespace EdgeGateway.Phi; internal static class Placeholder { }
