namespace SensorHub.Mqtt;

/// <summary>How to reach a broker.</summary>
/// <param name="Password">Null with an anonymous broker.</param>
public sealed record MqttConnection(string Host, int Port, string? User, string? Password, bool Tls = false);
