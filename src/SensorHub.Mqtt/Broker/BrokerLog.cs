using Microsoft.Extensions.Logging;
using MQTTnet.Diagnostics.Logger;

namespace SensorHub.Mqtt.Broker;

/// <summary>MQTTnet's warnings and errors, as debug messages: most tell of clients that went without a word.</summary>
internal sealed class BrokerLog(ILogger logger) : IMqttNetLogger
{
    // MQTTnet writes about each packet: with this off it does not even make the arguments.
    public bool IsEnabled => logger.IsEnabled(LogLevel.Debug);

    public void Publish(MqttNetLogLevel logLevel, string source, string message, object[] parameters, Exception exception)
    {
        if (logLevel >= MqttNetLogLevel.Warning)
            logger.LogDebug(exception, "{Source}: {Message}", source, parameters is { Length: > 0 } ? string.Format(System.Globalization.CultureInfo.InvariantCulture, message, parameters) : message);
    }
}
