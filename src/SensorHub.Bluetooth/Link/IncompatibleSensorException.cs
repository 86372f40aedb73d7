using SensorHub.Core;

namespace SensorHub.Bluetooth.Link;

/// <summary>The sensor's descriptor cannot be used: another protocol major, or bytes that break a rule. Trying again soon does not help.</summary>
public sealed class IncompatibleSensorException : UserException
{
    public IncompatibleSensorException(string message) : base(message)
    {
    }

    public IncompatibleSensorException(string message, Exception inner) : base(message, inner)
    {
    }

    public IncompatibleSensorException()
    {
    }
}
