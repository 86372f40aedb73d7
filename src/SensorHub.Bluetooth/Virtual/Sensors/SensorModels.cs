using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Virtual.Sensors;

/// <summary>The virtual roller and clip: their descriptors, and sensors made from a person and a seed.</summary>
internal static class SensorModels
{
    public const uint TickRate = 1_000_000;
    public const string Firmware = "1.0.0-sim";

    private const byte ImuId = 1, UpperImuId = 2, LoadId = 3, BatteryId = 4, EventsId = 5;

    private const uint OneMinuteAt100Hz = 6000;

    /// <summary>IMU of the roller from its axis, m.</summary>
    private const double CoreRadius = 0.008;

    public static readonly RollerGeometry Roller = new(Radius: 0.075f, Length: 0.33f, Firm: true, LoadArrangement.Direct);

    /// <summary>Core: ±4 g, ±1000 dps, 100 Hz; load cells at 50 Hz.</summary>
    public static SensorDescriptor RollerDescriptor(string serial, RollerBuild? build = null)
    {
        build ??= new RollerBuild();
        IEnumerable<StreamDescriptor> load = build.Cells > 0 ? [Load(build.Cells)] : [];
        return new(
            FrameCodec.Major, FrameCodec.Minor, SensorKind.Roller, serial, Firmware, TickRate,
            [new ElementDescriptor(1, ElementRole.Core)],
            [Imu(ImuId, 1, 4, 1000, [10_000, 20_000]), .. load, Battery(), Events()],
            [.. Enumerable.Range(0, build.Cells).Select(cell => new LoadCalibration((byte)cell, Gain: 0.02f, Zero: 8000 + 250 * cell, TemperatureCoefficient: 0.0005f, ReferenceTemperature: 25))],
            build.Geometry);
    }

    /// <summary>Two elements: ±4 g, ±500 dps, 100 Hz.</summary>
    public static SensorDescriptor ClipDescriptor(string serial) => new(
        FrameCodec.Major, FrameCodec.Minor, SensorKind.Clip, serial, Firmware, TickRate,
        [new ElementDescriptor(1, ElementRole.Lower), new ElementDescriptor(2, ElementRole.Upper)],
        [Imu(ImuId, 1, 4, 500, [10_000, 20_000]), Imu(UpperImuId, 2, 4, 500, [10_000, 20_000]), Battery(), Events()],
        [], null);

    /// <param name="ideal">Without noise, bias and drift, for tests of what is downstream.</param>
    public static VirtualSensor CreateRoller(VirtualPerson person, RollerBuild build, int seed, bool ideal)
    {
        var descriptor = RollerDescriptor(Serial(seed, "roller"), build);
        var random = Noise.Fork(seed, "roller");
        var imu = ideal ? ImuErrors.None : build.Imu ?? ImuErrors.Draw(random);
        var load = ideal ? LoadErrors.None(build.Cells) : build.Load ?? LoadErrors.Draw(random, build.Cells);
        return new VirtualSensor(descriptor, Clock(random, ideal), new Dictionary<byte, IStreamSource>
        {
            [ImuId] = new ImuStream(new ModelledImu(t => person.Core(t, CoreRadius).Read()), imu, Noise.Fork(seed, "roller imu")),
            [LoadId] = new LoadStream(person, build.Geometry.Arrangement, descriptor.LoadCalibrations, load, Noise.Fork(seed, "roller load")),
            [BatteryId] = new BatteryStream(60 + 35 * random.NextDouble(), 4),
        }, Noise.Fork(seed, "roller boots"));
    }

    /// <param name="ideal">Without noise, bias and drift, for tests of what is downstream.</param>
    public static VirtualSensor CreateClip(VirtualPerson person, ClipBuild build, int seed, bool ideal)
    {
        var descriptor = ClipDescriptor(Serial(seed, "clip"));
        var random = Noise.Fork(seed, "clip");
        var lower = ideal ? ImuErrors.None : build.Lower ?? ImuErrors.Draw(random);
        var upper = ideal ? ImuErrors.None : build.Upper ?? ImuErrors.Draw(random);
        return new VirtualSensor(descriptor, Clock(random, ideal), new Dictionary<byte, IStreamSource>
        {
            [ImuId] = new ImuStream(new ModelledImu(t => person.Back(ElementRole.Lower, t).Read()), lower, Noise.Fork(seed, "lower imu")),
            [UpperImuId] = new ImuStream(new ModelledImu(t => person.Back(ElementRole.Upper, t).Read()), upper, Noise.Fork(seed, "upper imu")),
            [BatteryId] = new BatteryStream(60 + 35 * random.NextDouble(), 2),
        }, Noise.Fork(seed, "clip boots"));
    }

    public static StreamDescriptor Imu(byte id, byte element, double rangeG, double rangeDps, uint[] periods)
    {
        var force = (float)(rangeG * ImuReading.Gravity / 32768);
        var rate = (float)(double.DegreesToRadians(rangeDps) / 32768);
        return new StreamDescriptor(id, StreamKind.Imu, element, OneMinuteAt100Hz, periods,
        [
            new(Quantity.Acceleration, 0, RawType.I16, force, 0), new(Quantity.Acceleration, 1, RawType.I16, force, 0), new(Quantity.Acceleration, 2, RawType.I16, force, 0),
            new(Quantity.AngularRate, 0, RawType.I16, rate, 0), new(Quantity.AngularRate, 1, RawType.I16, rate, 0), new(Quantity.AngularRate, 2, RawType.I16, rate, 0),
        ]);
    }

    /// <summary>A reading every 10 s.</summary>
    public static StreamDescriptor Battery() => new(BatteryId, StreamKind.Battery, 0, 64, [10_000_000],
        [new(Quantity.BatteryLevel, 0, RawType.U8, 0.5f, 0), new(Quantity.BatteryVoltage, 0, RawType.U16, 0.001f, 0)]);

    private static StreamDescriptor Events() => new(EventsId, StreamKind.Events, 0, 64, [],
        [new(Quantity.EventCode, 0, RawType.U8, 1, 0), new(Quantity.EventArgument, 0, RawType.U8, 1, 0), new(Quantity.TickOffset, 0, RawType.U32, 1, 0)]);

    private static StreamDescriptor Load(int cells) => new(LoadId, StreamKind.Load, 0, OneMinuteAt100Hz / 2, [20_000],
        [
            .. Enumerable.Range(0, cells).Select(cell => new ChannelDescriptor(Quantity.LoadCounts, (byte)cell, RawType.I32, 1, 0)),
            new(Quantity.Temperature, 0, RawType.I16, 0.01f, 0),
        ]);

    /// <summary>Booted up to an hour ago; a crystal of ±40 ppm.</summary>
    private static DeviceClock Clock(Random random, bool ideal) =>
        new(-(10 + 3600 * random.NextDouble()), TickRate, ideal ? 0 : 40 * (2 * random.NextDouble() - 1));

    /// <summary>SIM and five digits that the seed gives, so that the sensors of two simulations do not share a name.</summary>
    private static string Serial(int seed, string kind) => FormattableString.Invariant($"SIM{Noise.Fork(seed, kind + " serial").Next(100_000):00000}");
}
