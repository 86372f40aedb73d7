using SensorHub.Core.Protocol;

namespace SensorHub.Core.Tests.Protocol;

/// <summary>Sensors that the cases are about.</summary>
public static class SampleSensors
{
    private const float Acceleration4G = (float)(4 * 9.80665 / 32768);
    private const float Rate1000Dps = (float)(1000 * Math.PI / 180 / 32768);

    public static readonly ChannelDescriptor Temperature = new(Quantity.Temperature, 0, RawType.I16, 1 / 256f, 25);

    public static readonly ChannelDescriptor[] SixAxes =
    [
        new(Quantity.Acceleration, 0, RawType.I16, Acceleration4G, 0),
        new(Quantity.Acceleration, 1, RawType.I16, Acceleration4G, 0),
        new(Quantity.Acceleration, 2, RawType.I16, Acceleration4G, 0),
        new(Quantity.AngularRate, 0, RawType.I16, Rate1000Dps, 0),
        new(Quantity.AngularRate, 1, RawType.I16, Rate1000Dps, 0),
        new(Quantity.AngularRate, 2, RawType.I16, Rate1000Dps, 0),
    ];

    public static readonly ChannelDescriptor[] EventChannels =
    [
        new(Quantity.EventCode, 0, RawType.U8, 1, 0),
        new(Quantity.EventArgument, 0, RawType.U8, 1, 0),
        new(Quantity.TickOffset, 0, RawType.U32, 1, 0),
    ];

    /// <summary>A clock in microseconds; four load cells, directly under the shell.</summary>
    public static readonly SensorDescriptor Roller = new(1, 0, SensorKind.Roller, "SH-R-000123", "1.0.0", 1_000_000,
        [new(1, ElementRole.Core)],
        [
            new(1, StreamKind.Imu, 1, 6000, [5_000, 10_000, 20_000], [.. SixAxes, Temperature]),
            new(2, StreamKind.Load, 0, 3000, [20_000], [.. Cells(4, RawType.I32), Temperature]),
            new(3, StreamKind.Battery, 0, 0, [60_000_000],
                [new(Quantity.BatteryLevel, 0, RawType.U8, 1, 0), new(Quantity.BatteryVoltage, 0, RawType.U16, 0.001f, 0)]),
            new(4, StreamKind.Events, 0, 64, [], EventChannels),
        ],
        [
            new(0, 0.00125f, -8400, -0.0002f, 25),
            new(1, 0.00127f, 12010, -0.0002f, 25),
            new(2, 0.00124f, 310, -0.0002f, 25),
            new(3, 0.00126f, -5995, -0.0002f, 25),
        ],
        new RollerGeometry(0.0725f, 0.33f, Firm: false, LoadArrangement.Direct));

    /// <summary>A clock of 32 768 Hz; two elements that share it.</summary>
    public static readonly SensorDescriptor Clip = new(1, 0, SensorKind.Clip, "SH-C-000042", "1.0.0", 32_768,
        [new(1, ElementRole.Lower), new(2, ElementRole.Upper)],
        [
            new(1, StreamKind.Imu, 1, 6000, [164, 328], SixAxes),
            new(2, StreamKind.Imu, 2, 6000, [164, 328], SixAxes),
            new(3, StreamKind.Battery, 0, 0, [1_966_080], [new(Quantity.BatteryLevel, 0, RawType.U8, 1, 0)]),
            new(4, StreamKind.Events, 0, 64, [], EventChannels),
        ],
        [], null);

    public static readonly SensorDescriptor RollerWithoutLoad = Roller with
    {
        Serial = "SH-R-000001",
        Firmware = "",
        Streams = [Roller.Streams[0]],
        LoadCalibrations = [],
        Roller = new RollerGeometry(0.05f, 0.3f, Firm: true, LoadArrangement.None),
    };

    /// <summary>Eight strain-gauge cells, as many as there may be.</summary>
    public static readonly SensorDescriptor StrainRoller = Roller with
    {
        Serial = "SH-R-000008",
        Streams = [new(9, StreamKind.Load, 0, 3000, [10_000, 20_000], Cells(8, RawType.I16)), new(7, StreamKind.Imu, 1, 0, [10_000], SixAxes)],
        LoadCalibrations = [.. Enumerable.Range(0, 8).Select(i => new LoadCalibration((byte)i, 0.05f + 0.001f * i, i, 0, 20))],
        Roller = new RollerGeometry(0.0725f, 0.33f, Firm: true, LoadArrangement.StrainPairs),
    };

    /// <summary>A battery stream with a channel of each raw type; quantities above 10 are of a version to come.</summary>
    public static readonly SensorDescriptor AllTypes = Clip with
    {
        Serial = "every raw type",
        Elements = [],
        Streams =
        [
            new(255, StreamKind.Battery, 0, 1, [1, uint.MaxValue],
            [
                new(Quantity.BatteryLevel, 0, RawType.U8, 0.5f, 0),
                new((Quantity)200, 0, RawType.I8, -2, 1),
                new((Quantity)200, 1, RawType.U16, 0.1f, -40),
                new((Quantity)200, 2, RawType.I16, 1e-6f, 0),
                new((Quantity)200, 3, RawType.U32, 1e30f, -1e30f),
                new((Quantity)200, 255, RawType.I32, float.Epsilon, 3),
            ]),
        ],
    };

    public static ChannelDescriptor[] Cells(int count, RawType type) =>
        [.. Enumerable.Range(0, count).Select(i => new ChannelDescriptor(Quantity.LoadCounts, (byte)i, type, 1, 0))];
}
