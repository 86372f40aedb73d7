using SensorHub.Bluetooth.Virtual.Person;

namespace SensorHub.Bluetooth.Virtual.Sensors;

/// <summary>What an ideal IMU in some place would read: a model's kinematics, or a recording.</summary>
internal interface IImuSource
{
    /// <param name="seconds">Since the simulation began.</param>
    /// <param name="reading">In sensor axes.</param>
    /// <returns>False when there is no sample at that time.</returns>
    bool TryRead(double seconds, out ImuReading reading);
}

/// <summary>An IMU source that is a function of time.</summary>
internal sealed class ModelledImu(Func<double, ImuReading> read) : IImuSource
{
    public bool TryRead(double seconds, out ImuReading reading)
    {
        reading = read(seconds);
        return true;
    }
}
