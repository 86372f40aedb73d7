using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using SensorHub.Core.Protocol;
using static SensorHub.Core.Protocol.DecodeStatus;
using static SensorHub.Core.Tests.Protocol.SampleSensors;

namespace SensorHub.Core.Tests.Protocol;

/// <summary>
/// The cases of firmware-protocol/vectors. A good one starts from values, and its expectation is these values; a
/// malformed one is made by hand, and its expectation is what the specification says.
/// </summary>
public static class Cases
{
    public const string Frames = "frames.json";
    public const string Descriptors = "descriptors.json";
    public const string Requests = "requests.json";
    public const string Responses = "responses.json";

    private const uint Boot = 0xc0ffee01;

    public static readonly IReadOnlyDictionary<string, SensorDescriptor> Sensors = new Dictionary<string, SensorDescriptor>
    {
        ["roller"] = Roller,
        ["clip"] = Clip,
        ["roller_without_load"] = RollerWithoutLoad,
        ["strain_roller"] = StrainRoller,
        ["all_raw_types"] = AllTypes,
    };

    public static IReadOnlyDictionary<string, Vector[]> All { get; } = new Dictionary<string, Vector[]>
    {
        [Descriptors] = [.. GoodDescriptors(), .. MalformedDescriptors()],
        [Frames] = [.. GoodFrames(), .. MalformedFrames()],
        [Requests] = [.. GoodRequests(), .. MalformedRequests()],
        [Responses] = [.. GoodResponses(), .. MalformedResponses()],
    };

    // ---- Descriptors ----

    private static IEnumerable<Vector> GoodDescriptors()
    {
        foreach (var (name, sensor) in Sensors)
            yield return new(name, "An encoder gives these bytes for these values.", SensorDescriptorCodec.Encode(sensor),
                new JsonObject { ["status"] = 0, ["encode"] = true, ["descriptor"] = Json.Of(sensor) });

        var newer = Clip with
        {
            ProtocolMinor = 7,
            Elements = [new(1, ElementRole.Lower), new(3, (ElementRole)9)],
            Streams =
            [
                new(1, StreamKind.Imu, 1, 0, [328], [.. SixAxes, new((Quantity)77, 4, RawType.U8, 1, 0)]),
                new(2, (StreamKind)9, 3, 0, [], [new((Quantity)78, 0, RawType.U32, 1, 0)]),
                new(3, (StreamKind)9, 3, 0, [5], [new((Quantity)78, 0, RawType.U32, 1, 0)]),
            ],
        };
        yield return Read("newer_minor", "Minor 7: unknown role, stream kind and quantity are read; an unknown field, and bytes behind known ones, are skipped.", newer,
            Descriptor(1, 7,
            [
                (1, [2, 0xaa]),
                (2, Ascii(newer.Serial)),
                (200, [1, 2, 3]),
                (3, Ascii(newer.Firmware)),
                (4, [.. U32(32_768), 0xaa]),
                (201, []),
                (5, [1, 2, 0xaa, 0xaa]),
                (5, [3, 9]),
                (6, [.. Stream(newer.Streams[0]), 0xaa, 0xaa]),
                (6, Stream(newer.Streams[1])),
                (6, Stream(newer.Streams[2])),
            ]));
        yield return Read("fields_in_another_order", "Fields come in any order; a field of type 0 is unknown too.", RollerWithoutLoad,
            Descriptor(1, 0, [(8, RollerField(RollerWithoutLoad.Roller!)), (6, Stream(RollerWithoutLoad.Streams[0])), (5, [1, 1]), (0, []), (4, U32(1_000_000)), (2, Ascii("SH-R-000001")), (1, [1])]));
        yield return Read("longest", "512 bytes, the most an attribute holds.", Clip, Pad(SensorDescriptorCodec.Encode(Clip), 512));
        var spareCalibration = RollerWithoutLoad with { LoadCalibrations = [new(5, 1, 0, 0, 0)] };
        yield return Read("spare_calibration", "A calibration of a cell that is not there is not used.", spareCalibration, SensorDescriptorCodec.Encode(spareCalibration));
    }

    private static Vector Read(string name, string about, SensorDescriptor sensor, byte[] bytes) =>
        new(name, about, bytes, new JsonObject { ["status"] = 0, ["encode"] = false, ["descriptor"] = Json.Of(sensor) });

    private static IEnumerable<Vector> MalformedDescriptors()
    {
        // A clip of which each case breaks one thing.
        (byte, byte[]) kind = (1, [2]), serial = (2, Ascii("A")), rate = (4, U32(1000)), element = (5, [1, 2]);
        (byte, byte[]) imu = (6, Stream(new(1, StreamKind.Imu, 1, 0, [10], SixAxes)));
        byte[] good = Descriptor(1, 0, [kind, serial, rate, element, imu]);
        (byte, byte[]) geometry = (8, RollerField(Roller.Roller!));
        (byte, byte[]) noLoad = (8, RollerField(RollerWithoutLoad.Roller!));
        (byte, byte[]) calibration = (7, Calibration(0, 1));

        yield return Refused("empty", TooShort, []);
        yield return Refused("one_byte", TooShort, [1]);
        yield return Refused("major_0", UnknownMajor, [0, .. good[1..]]);
        yield return Refused("major_2", UnknownMajor, [2, .. good[1..]]);
        yield return Refused("version_only", Missing, [1, 0]);
        yield return Refused("longer_than_an_attribute", LengthMismatch, Pad(good, 513));
        yield return Refused("field_without_length", LengthMismatch, [.. good, 9]);
        yield return Refused("field_ends_behind_the_end", LengthMismatch, [.. good, 9, 3, 0, 0]);
        yield return Refused("cut_by_one_byte", LengthMismatch, good[..^1]);

        yield return Refused("kind_empty", LengthMismatch, Descriptor(1, 0, [(1, [])]));
        yield return Refused("serial_empty", LengthMismatch, Descriptor(1, 0, [kind, (2, [])]));
        yield return Refused("firmware_empty", LengthMismatch, Descriptor(1, 0, [kind, serial, (3, [])]));
        yield return Refused("tick_rate_of_3_bytes", LengthMismatch, Descriptor(1, 0, [kind, serial, (4, [1, 0, 0])]));
        yield return Refused("element_of_1_byte", LengthMismatch, Descriptor(1, 0, [kind, serial, rate, (5, [1])]));
        yield return Refused("stream_of_8_bytes", LengthMismatch, Descriptor(1, 0, [kind, serial, rate, (6, new byte[8])]));
        yield return Refused("calibration_of_16_bytes", LengthMismatch, Descriptor(1, 0, [kind, serial, rate, (7, new byte[16])]));
        yield return Refused("roller_of_9_bytes", LengthMismatch, Descriptor(1, 0, [kind, serial, rate, (8, new byte[9])]));

        yield return Refused("kind_twice", BadValue, Descriptor(1, 0, [kind, kind, serial, rate, element, imu]));
        yield return Refused("serial_twice", BadValue, Descriptor(1, 0, [kind, serial, serial, rate, element, imu]));
        yield return Refused("firmware_twice", BadValue, Descriptor(1, 0, [kind, serial, (3, Ascii("1")), (3, Ascii("2")), rate, element, imu]));
        yield return Refused("tick_rate_twice", BadValue, Descriptor(1, 0, [kind, serial, rate, rate, element, imu]));
        yield return Refused("roller_twice", BadValue, Descriptor(1, 0, [(1, [1]), serial, rate, element, imu, noLoad, noLoad]));
        yield return Refused("5_elements", BadValue, Descriptor(1, 0, [kind, serial, rate, element, (5, [2, 3]), (5, [3, 4]), (5, [4, 5]), (5, [5, 6]), imu]));
        yield return Refused("9_streams", BadValue, Descriptor(1, 0, [kind, serial, rate, .. Enumerable.Range(1, 9).Select(i => ((byte)6, Stream(new((byte)i, (StreamKind)9, 0, 0, [], [Temperature]))))]));
        yield return Refused("9_calibrations", BadValue, Descriptor(1, 0, [kind, serial, rate, .. Enumerable.Range(0, 9).Select(i => ((byte)7, Calibration((byte)i, 1))), element, imu]));

        yield return Refused("without_kind", Missing, Descriptor(1, 0, [serial, rate, element, imu]));
        yield return Refused("without_serial", Missing, Descriptor(1, 0, [kind, rate, element, imu]));
        yield return Refused("without_tick_rate", Missing, Descriptor(1, 0, [kind, serial, element, imu]));
        yield return Refused("without_stream", Missing, Descriptor(1, 0, [kind, serial, rate, element]));
        yield return Refused("kind_0", BadValue, Descriptor(1, 0, [(1, [0]), serial, rate, element, imu]));
        yield return Refused("kind_3", BadValue, Descriptor(1, 0, [(1, [3]), serial, rate, element, imu]));
        yield return Refused("tick_rate_0", BadValue, Descriptor(1, 0, [kind, serial, (4, U32(0)), element, imu]));
        yield return Refused("serial_of_33_characters", BadValue, Descriptor(1, 0, [kind, (2, Ascii(new string('A', 33))), rate, element, imu]));
        yield return Refused("serial_with_a_control_character", BadValue, Descriptor(1, 0, [kind, (2, Ascii("A\n")), rate, element, imu]));
        yield return Refused("firmware_not_ascii", BadValue, Descriptor(1, 0, [kind, serial, (3, [0xc3, 0xa4]), rate, element, imu]));

        yield return Refused("element_id_0", BadValue, Descriptor(1, 0, [kind, serial, rate, element, (5, [0, 3]), imu]));
        yield return Refused("element_role_0", BadValue, Descriptor(1, 0, [kind, serial, rate, element, (5, [2, 0]), imu]));
        yield return Refused("element_id_twice", BadValue, Descriptor(1, 0, [kind, serial, rate, element, (5, [1, 3]), imu]));
        yield return Refused("element_role_twice", BadValue, Descriptor(1, 0, [kind, serial, rate, element, (5, [2, 2]), imu]));

        yield return Refused("calibration_of_cell_8", BadValue, Descriptor(1, 0, [kind, serial, rate, element, imu, (7, Calibration(8, 1))]));
        yield return Refused("calibration_twice", BadValue, Descriptor(1, 0, [kind, serial, rate, element, imu, calibration, calibration]));
        yield return Refused("calibration_gain_0", BadValue, Descriptor(1, 0, [kind, serial, rate, element, imu, (7, Calibration(0, 0))]));
        yield return Refused("calibration_gain_negative_0", BadValue, Descriptor(1, 0, [kind, serial, rate, element, imu, (7, Calibration(0, -0f))]));
        yield return Refused("calibration_gain_nan", BadValue, Descriptor(1, 0, [kind, serial, rate, element, imu, (7, Calibration(0, float.NaN))]));
        yield return Refused("calibration_zero_infinite", BadValue, Descriptor(1, 0, [kind, serial, rate, element, imu, (7, Calibration(0, 1, zero: float.PositiveInfinity))]));

        yield return Refused("calibration_coefficient_nan", BadValue, Descriptor(1, 0, [kind, serial, rate, element, imu, (7, [0, .. F32(1), .. F32(0), .. F32(float.NaN), .. F32(25)])]));
        yield return Refused("calibration_reference_infinite", BadValue, Descriptor(1, 0, [kind, serial, rate, element, imu, (7, [0, .. F32(1), .. F32(0), .. F32(0), .. F32(float.PositiveInfinity)])]));

        yield return Refused("roller_without_geometry", Missing, Descriptor(1, 0, [(1, [1]), serial, rate, element, imu]));
        yield return Refused("clip_with_geometry", BadValue, Descriptor(1, 0, [kind, serial, rate, element, imu, noLoad]));
        yield return Refused("roller_radius_0", BadValue, Descriptor(1, 0, [(1, [1]), serial, rate, element, imu, (8, RollerField(RollerWithoutLoad.Roller! with { Radius = 0 }))]));
        yield return Refused("roller_radius_nan", BadValue, Descriptor(1, 0, [(1, [1]), serial, rate, element, imu, (8, RollerField(RollerWithoutLoad.Roller! with { Radius = float.NaN }))]));
        yield return Refused("roller_length_negative", BadValue, Descriptor(1, 0, [(1, [1]), serial, rate, element, imu, (8, RollerField(RollerWithoutLoad.Roller! with { Length = -0.3f }))]));
        yield return Refused("roller_firmness_2", BadValue, Descriptor(1, 0, [(1, [1]), serial, rate, element, imu, (8, [.. noLoad.Item2[..8], 2, 0])]));
        yield return Refused("roller_arrangement_5", BadValue, Descriptor(1, 0, [(1, [1]), serial, rate, element, imu, (8, [.. noLoad.Item2[..8], 0, 5])]));

        StreamDescriptor Imu(byte id = 1, byte element = 1, uint[]? periods = null, ChannelDescriptor[]? channels = null) => new(id, StreamKind.Imu, element, 0, periods ?? [10], channels ?? SixAxes);
        byte[] With(params StreamDescriptor[] streams) => Descriptor(1, 0, [kind, serial, rate, element, (5, [2, 3]), .. streams.Select(s => ((byte)6, Stream(s)))]);
        yield return Refused("stream_kind_0", BadValue, With(new StreamDescriptor(1, 0, 0, 0, [10], [Temperature])));
        yield return Refused("stream_id_twice", BadValue, With(Imu(), Imu(element: 2)));
        yield return Refused("stream_of_an_element_twice", BadValue, With(Imu(), Imu(id: 2)));
        yield return Refused("stream_of_an_undeclared_element", BadValue, With(Imu(element: 3)));
        yield return Refused("imu_without_element", BadValue, With(Imu(element: 0)));
        yield return Refused("battery_of_an_element", BadValue, With(new StreamDescriptor(1, StreamKind.Battery, 1, 0, [10], [new(Quantity.BatteryLevel, 0, RawType.U8, 1, 0)])));
        yield return Refused("imu_without_period", BadValue, With(Imu(periods: [])));
        yield return Refused("events_with_a_period", BadValue, With(new StreamDescriptor(1, StreamKind.Events, 0, 0, [10], EventChannels)));
        yield return Refused("period_0", BadValue, With(Imu(periods: [0, 10])));
        yield return Refused("periods_fall", BadValue, With(Imu(periods: [20, 10])));
        yield return Refused("period_twice", BadValue, With(Imu(periods: [10, 10])));
        yield return Refused("9_periods", BadValue, With(Imu(periods: [1, 2, 3, 4, 5, 6, 7, 8, 9])));
        yield return Refused("periods_end_behind_the_stream", LengthMismatch, Descriptor(1, 0, [kind, serial, rate, (6, [1, 1, 1, 0, 0, 0, 0, 2, 10, 0, 0, 0, 11])]));
        yield return Refused("stream_without_number_of_channels", LengthMismatch, Descriptor(1, 0, [kind, serial, rate, (6, [1, 1, 1, 0, 0, 0, 0, 1, 10, 0, 0, 0])]));
        yield return Refused("channels_end_behind_the_stream", LengthMismatch, Descriptor(1, 0, [kind, serial, rate, (6, Stream(Imu())[..^1])]));
        yield return Refused("no_channels", BadValue, With(Imu(channels: [])));
        yield return Refused("17_channels", BadValue, With(Imu(channels: [.. Enumerable.Range(0, 17).Select(i => Temperature with { Axis = (byte)i })])));
        yield return Refused("raw_type_0", BadValue, With(Imu(channels: [.. SixAxes, Temperature with { Type = 0 }])));
        yield return Refused("raw_type_7", BadValue, With(Imu(channels: [.. SixAxes, Temperature with { Type = (RawType)7 }])));
        yield return Refused("scale_0", BadValue, With(Imu(channels: [.. SixAxes, Temperature with { Scale = 0 }])));
        yield return Refused("scale_nan", BadValue, With(Imu(channels: [.. SixAxes, Temperature with { Scale = float.NaN }])));
        yield return Refused("offset_infinite", BadValue, With(Imu(channels: [.. SixAxes, Temperature with { Offset = float.NegativeInfinity }])));
        yield return Refused("channel_twice", BadValue, With(Imu(channels: [.. SixAxes, SixAxes[5]])));
        yield return Refused("imu_without_rate_about_z", Missing, With(Imu(channels: SixAxes[..5])));
        yield return Refused("imu_without_acceleration_along_x", Missing, With(Imu(channels: SixAxes[1..])));
        yield return Refused("battery_without_level", Missing, With(new StreamDescriptor(1, StreamKind.Battery, 0, 0, [10], [Temperature])));
        yield return Refused("events_without_code", Missing, With(new StreamDescriptor(1, StreamKind.Events, 0, 0, [], EventChannels[1..])));
        yield return Refused("events_without_tick_offset", Missing, With(new StreamDescriptor(1, StreamKind.Events, 0, 0, [], EventChannels[..2])));
        yield return Refused("event_code_scaled", BadValue, With(new StreamDescriptor(1, StreamKind.Events, 0, 0, [], [EventChannels[0] with { Scale = 2 }, EventChannels[2]])));

        byte[] Loaded(ChannelDescriptor[] channels, LoadArrangement arrangement, int calibrations) => Descriptor(1, 0,
        [
            (1, [1]), serial, rate, element, imu,
            (6, Stream(new(2, StreamKind.Load, 0, 0, [20], channels))),
            .. Enumerable.Range(0, calibrations).Select(i => ((byte)7, Calibration((byte)i, 1))),
            (8, RollerField(Roller.Roller! with { Arrangement = arrangement })),
        ]);
        yield return Refused("load_without_cells", Missing, Loaded([Temperature], LoadArrangement.Direct, 0));
        yield return Refused("load_cells_not_from_0", Missing, Loaded(Cells(3, RawType.U16)[1..], LoadArrangement.Direct, 3));
        yield return Refused("load_cell_without_calibration", Missing, Loaded(Cells(3, RawType.U16), LoadArrangement.Direct, 2));
        yield return Refused("9_load_cells", BadValue, Loaded(Cells(9, RawType.U16), LoadArrangement.Direct, 8));
        yield return Refused("load_counts_with_an_offset", BadValue, Loaded([Cells(1, RawType.U16)[0] with { Offset = 1 }], LoadArrangement.Direct, 1));
        yield return Refused("3_strain_gauges", BadValue, Loaded(Cells(3, RawType.U16), LoadArrangement.StrainPairs, 3));
        yield return Refused("load_without_arrangement", BadValue, Loaded(Cells(1, RawType.U16), LoadArrangement.None, 1));
        yield return Refused("load_with_arrangement_5", BadValue, Loaded(Cells(1, RawType.U16), (LoadArrangement)5, 1));
        yield return Refused("arrangement_without_load", BadValue, Descriptor(1, 0, [(1, [1]), serial, rate, element, imu, geometry]));
    }

    // ---- Frames ----

    private static IEnumerable<Vector> GoodFrames()
    {
        yield return Frame("imu", "Two samples of the roller's IMU at rest, z up, 26.5 °C.", "roller", new(0, 1, 0, 2, Boot, 700, 7_000_000, 10_000),
            [[12, -7, 8192, 3, -2, 0, 384], [11, -9, 8190, 4, -2, 1, 384]]);
        yield return Frame("imu_clip", "One sample of the clip's upper element.", "clip", new(0, 2, 0, 1, Boot, 0, 1, 328), [[8100, 20, -1200, 0, 15, -15]]);
        yield return Frame("load", "Three samples of four cells and their temperature.", "roller", new(0, 2, 0, 3, Boot, 350, 7_000_000, 20_000),
            [[71600, 92010, 80310, 74005, 0], [71700, 92110, 80410, 74105, 0], [-8400, 12010, 310, -5995, -1]]);
        yield return Frame("battery", "One sample: 87 %, 3.912 V.", "roller", new(0, 3, 0, 1, Boot, 4, 240_000_123, 60_000_000), [[87, 3912]]);
        yield return Frame("events", "A double tap, and button 1 half a second later.", "roller", new(0, 4, 0, 2, Boot, 9, 8_000_000, 0), [[1, 2, 0], [2, 1, 500_000]]);
        yield return Frame("event_of_a_later_version", "Code 200 is read, and ignored.", "roller", new(0, 4, 0, 1, Boot, 11, 9_000_000, 0), [[200, 255, uint.MaxValue]]);
        yield return Frame("sequence_before_wrap", "The last numbers before the wrap.", "clip", new(0, 1, 0, 2, Boot, uint.MaxValue - 1, 1_400_000_000_000, 328), [[0, 0, 8192, 0, 0, 0], [0, 0, 8192, 0, 0, 0]]);
        yield return Frame("sequence_after_wrap", "No gap: the number after 4294967295 is 0.", "clip", new(0, 1, 0, 1, Boot, 0, 1_400_000_000_656, 328), [[0, 0, 8192, 0, 0, 0]]);
        yield return Frame("sequence_wraps_within", "Samples 4294967295, 0 and 1.", "clip", new(0, 1, 0, 3, Boot, uint.MaxValue, 5, 328), [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12], [13, 14, 15, 16, 17, 18]]);
        yield return Frame("largest_numbers", "All bits of the header's numbers; a minor version to come; all flags, also reserved ones.", "clip",
            new(15, 1, (FrameFlags)255, 1, uint.MaxValue, uint.MaxValue, ulong.MaxValue, uint.MaxValue), [[-1, -1, -1, -1, -1, -1]]);
        yield return Frame("saturated", "The accelerometer at both ends of its range.", "clip", new(0, 1, FrameFlags.Saturated, 1, Boot, 3, 984, 328), [[32767, -32768, 0, 0, 0, 0]]);
        yield return Frame("backlog", "From the ring buffer; samples before it had been overwritten.", "roller", new(0, 2, FrameFlags.Backlog | FrameFlags.Overflow, 1, Boot, 100, 2_000_000, 20_000), [[1, 2, 3, 4, 5]]);
        yield return Frame("backlog_end", "The last frame of an answer.", "roller", new(0, 2, FrameFlags.Backlog | FrameFlags.End, 2, Boot, 101, 2_020_000, 20_000), [[1, 2, 3, 4, 5], [-1, -2, -3, -4, -5]]);
        yield return Frame("backlog_empty", "The answer when what was asked for has been overwritten.", "roller", new(0, 2, FrameFlags.Backlog | FrameFlags.End | FrameFlags.Overflow, 0, Boot, 101, 9_000_000, 20_000), []);
        yield return Frame("backlog_empty_events", "The answer when there is nothing yet; events have the period 0.", "roller", new(0, 4, FrameFlags.Backlog | FrameFlags.End, 0, Boot, 2, 9_000_000, 0), []);
        yield return Frame("measured_period", "A period that is not on offer: the IMU's own oscillator is 1.3 % fast.", "roller", new(0, 1, 0, 1, Boot, 1, 2, 9_870), [[0, 0, 0, 0, 0, 0, 0]]);
        yield return Frame("strain_gauges", "Eight cells, at the ends of their range.", "strain_roller", new(0, 9, 0, 1, Boot, 1, 2, 10_000), [[-32768, 32767, -32767, 32766, 0, 1, -1, 2]]);
        yield return Frame("raw_types_lowest", "The lowest number of each raw type.", "all_raw_types", new(0, 255, 0, 1, 1, 0, 0, 1), [[0, -128, 0, -32768, 0, -2147483648]]);
        yield return Frame("raw_types_highest", "The highest.", "all_raw_types", new(0, 255, 0, 1, 1, 0, 0, 1), [[255, 127, 65535, 32767, 4294967295, 2147483647]]);
        yield return Frame("255_samples", "As many samples as a frame can count.", "clip", new(0, 3, 0, 255, Boot, 0, 0, 1), [.. Enumerable.Range(0, 255).Select(i => new long[] { i })]);
    }

    private static Vector Frame(string name, string about, string sensor, FrameHeader header, long[][] raw)
    {
        var stream = Sensors[sensor].FindStream(header.Stream)!;
        var samples = new byte[raw.Length * stream.SampleSize];
        for (var i = 0; i < raw.Length; i++)
            for (var c = 0; c < stream.Channels.Count; c++)
                stream.WriteRaw(samples, i, c, raw[i][c]);
        var bytes = new byte[FrameHeader.Size + samples.Length];
        FrameCodec.Encode(header, samples, bytes);
        return new(name, about, bytes, new JsonObject
        {
            ["sensor"] = sensor,
            ["decode"] = 0,
            ["status"] = 0,
            ["header"] = Json.Of(header),
            ["raw"] = Json.Array(raw, s => Json.Array(s, r => r)),
            ["physical"] = Json.Array(raw, s => Json.Array(s.Zip(stream.Channels), r => r.First * (double)r.Second.Scale + r.Second.Offset)),
        });
    }

    private static IEnumerable<Vector> MalformedFrames()
    {
        var good = GoodFrames().First().Bytes;
        var battery = GoodFrames().Single(v => v.Name == "battery").Bytes;
        var events = GoodFrames().Single(v => v.Name == "events").Bytes;
        var empty = GoodFrames().Single(v => v.Name == "backlog_empty").Bytes;

        Vector Undecodable(string name, DecodeStatus status, byte[] bytes) =>
            new(name, "Refused.", bytes, new JsonObject { ["sensor"] = "roller", ["decode"] = (int)status, ["status"] = (int)status });
        Vector NotOfTheSensor(string name, DecodeStatus status, byte[] bytes) =>
            new(name, "Decodes, and is none of this sensor's.", bytes, new JsonObject { ["sensor"] = "roller", ["decode"] = 0, ["status"] = (int)status });

        yield return Undecodable("empty", TooShort, []);
        yield return Undecodable("version_only", TooShort, [0x10]);
        yield return Undecodable("23_bytes", TooShort, good[..23]);
        yield return Undecodable("major_0", UnknownMajor, [0x00, .. good[1..]]);
        yield return Undecodable("major_2", UnknownMajor, [0x20, .. good[1..]]);
        yield return Undecodable("major_2_alone", UnknownMajor, [0x20]);
        yield return Undecodable("boot_id_0", BadValue, [.. good[..4], 0, 0, 0, 0, .. good[8..]]);
        yield return Undecodable("count_0", BadValue, [.. empty[..2], 0, .. empty[3..]]);
        yield return Undecodable("count_0_backlog", BadValue, [.. empty[..2], 1, .. empty[3..]]);
        yield return Undecodable("count_0_end", BadValue, [.. empty[..2], 2, .. empty[3..]]);

        yield return NotOfTheSensor("stream_5", UnknownStream, [good[0], 5, .. good[2..]]);
        yield return NotOfTheSensor("header_only", LengthMismatch, good[..24]);
        yield return NotOfTheSensor("one_byte_short", LengthMismatch, good[..^1]);
        yield return NotOfTheSensor("one_byte_long", LengthMismatch, [.. good, 0]);
        yield return NotOfTheSensor("one_sample_short", LengthMismatch, [.. good[..3], 3, .. good[4..]]);
        yield return NotOfTheSensor("one_sample_long", LengthMismatch, [.. good[..3], 1, .. good[4..]]);
        yield return NotOfTheSensor("empty_answer_with_a_sample", LengthMismatch, [.. empty, .. new byte[18]]);
        yield return NotOfTheSensor("sample_of_another_stream", LengthMismatch, [battery[0], 4, .. battery[2..]]);
        yield return NotOfTheSensor("period_0", BadValue, [.. good[..20], 0, 0, 0, 0, .. good[24..]]);
        yield return NotOfTheSensor("events_with_a_period", BadValue, [.. events[..20], 1, 0, 0, 0, .. events[24..]]);
    }

    // ---- Control point ----

    private static (string Name, ControlRequest Request)[] Asked =>
    [
        ("get_status", new ControlRequest.GetStatus()),
        ("start", new ControlRequest.Start(1, 10_000, 60)),
        ("start_events", new ControlRequest.Start(4, 0, 0)),
        ("start_largest", new ControlRequest.Start(255, uint.MaxValue, ushort.MaxValue)),
        ("stop", new ControlRequest.Stop(1)),
        ("exchange_time", new ControlRequest.ExchangeTime(17)),
        ("fetch_backlog", new ControlRequest.FetchBacklog(2, Boot, 100, 3)),
        ("fetch_backlog_over_the_wrap", new ControlRequest.FetchBacklog(2, Boot, uint.MaxValue, int.MaxValue)),
        ("abort_backlog", new ControlRequest.AbortBacklog()),
        ("get_range", new ControlRequest.GetRange(2)),
        ("identify", new ControlRequest.Identify(5)),
        ("zero_load", new ControlRequest.ZeroLoad(0b1111)),
        ("set_load_calibration", new ControlRequest.SetLoadCalibration(new(3, 0.00126f, -5995, -0.0002f, 25))),
    ];

    private static IEnumerable<Vector> GoodRequests()
    {
        foreach (var (name, request) in Asked)
            yield return new(name, "", ControlCodec.Encode(request), new JsonObject { ["status"] = 0, ["encode"] = true, ["request"] = Json.Of(request) });
    }

    private static IEnumerable<Vector> MalformedRequests()
    {
        Vector Answered(string name, ControlStatus status, byte[] bytes) =>
            new(name, "Answered with this status.", bytes, new JsonObject { ["status"] = (int)status });

        yield return Answered("empty", ControlStatus.BadLength, []);
        yield return Answered("op_0", ControlStatus.UnknownOp, [0]);
        yield return Answered("op_11", ControlStatus.UnknownOp, [11, 1, 2, 3]);
        yield return Answered("op_255", ControlStatus.UnknownOp, [255]);
        foreach (var (name, request) in Asked.DistinctBy(a => a.Request.Op))
        {
            var bytes = ControlCodec.Encode(request);
            if (bytes.Length > 1)
                yield return Answered(name + "_one_byte_short", ControlStatus.BadLength, bytes[..^1]);
            yield return Answered(name + "_one_byte_long", ControlStatus.BadLength, [.. bytes, 0]);
        }
        yield return Answered("fetch_backlog_count_0", ControlStatus.BadParameter, ControlCodec.Encode(new ControlRequest.FetchBacklog(2, Boot, 100, 0)));
        yield return Answered("fetch_backlog_count_2147483648", ControlStatus.BadParameter, ControlCodec.Encode(new ControlRequest.FetchBacklog(2, Boot, 100, 1u << 31)));
        yield return Answered("zero_load_no_cell", ControlStatus.BadParameter, ControlCodec.Encode(new ControlRequest.ZeroLoad(0)));
        yield return Answered("zero_load_cell_8", ControlStatus.BadParameter, ControlCodec.Encode(new ControlRequest.ZeroLoad(1 << 8)));
        yield return Answered("set_load_calibration_cell_8", ControlStatus.BadParameter, [0x0a, .. Calibration(8, 1)]);
        yield return Answered("set_load_calibration_gain_0", ControlStatus.BadParameter, [0x0a, .. Calibration(0, 0)]);
        yield return Answered("set_load_calibration_gain_nan", ControlStatus.BadParameter, [0x0a, .. Calibration(0, float.NaN)]);
        yield return Answered("set_load_calibration_zero_infinite", ControlStatus.BadParameter, [0x0a, .. Calibration(0, 1, float.NegativeInfinity)]);
    }

    private static (string Name, ControlResponse Response)[] Told =>
    [
        ("state", new ControlResponse.State(Boot, 7_012_345, 0b0011)),
        ("started", new ControlResponse.Started(1, 10_000, 7, 700)),
        ("started_largest", new ControlResponse.Started(255, uint.MaxValue, 255, uint.MaxValue)),
        ("stopped", new ControlResponse.Plain(ControlOp.Stop, ControlStatus.Ok)),
        ("time", new ControlResponse.Time(17, Boot, 7_020_100, 7_020_350)),
        ("backlog", new ControlResponse.Backlog(2, 100, 3)),
        ("backlog_empty", new ControlResponse.Backlog(2, 101, 0)),
        ("backlog_aborted", new ControlResponse.Plain(ControlOp.AbortBacklog, ControlStatus.Ok)),
        ("range", new ControlResponse.Range(2, Boot, 100, 3000)),
        ("range_empty", new ControlResponse.Range(3, Boot, 4, 0)),
        ("identified", new ControlResponse.Plain(ControlOp.Identify, ControlStatus.Ok)),
        ("unsupported_period", new ControlResponse.Plain(ControlOp.Start, ControlStatus.UnsupportedPeriod)),
        ("wrong_boot", new ControlResponse.Plain(ControlOp.FetchBacklog, ControlStatus.WrongBoot)),
        ("unknown_op", new ControlResponse.Plain((ControlOp)11, ControlStatus.UnknownOp)),
        ("status_of_a_later_version", new ControlResponse.Plain(ControlOp.Start, (ControlStatus)200)),
        ("op_of_a_later_version", new ControlResponse.Plain((ControlOp)200, ControlStatus.Ok)),
    ];

    private static IEnumerable<Vector> GoodResponses()
    {
        foreach (var (name, response) in Told)
            yield return Answer(name, "", true, response, ControlCodec.Encode(response));
        yield return Answer("time_longer", "Bytes that a later minor version added are ignored.", false, Told[4].Response, [.. ControlCodec.Encode(Told[4].Response), 1, 2, 3]);
        yield return Answer("refused_with_bytes", "The same behind a refusal.", false, Told[11].Response, [.. ControlCodec.Encode(Told[11].Response), 9]);

        static Vector Answer(string name, string about, bool encode, ControlResponse response, byte[] bytes) =>
            new(name, about, bytes, new JsonObject { ["status"] = 0, ["encode"] = encode, ["response"] = Json.Of(response) });
    }

    private static IEnumerable<Vector> MalformedResponses()
    {
        yield return Refused("empty", TooShort, []);
        yield return Refused("two_bytes", TooShort, [0xf0, 1]);
        yield return Refused("mark_e0", BadValue, [0xe0, 1, 0]);
        foreach (var (name, response) in Told.Where(t => t.Name is "state" or "started" or "time" or "backlog" or "range"))
        {
            var bytes = ControlCodec.Encode(response);
            yield return Refused(name + "_one_byte_short", LengthMismatch, bytes[..^1]);
            yield return Refused(name + "_without_body", LengthMismatch, bytes[..3]);
        }
        yield return Refused("state_boot_id_0", BadValue, ControlCodec.Encode(new ControlResponse.State(0, 1, 1)));
        yield return Refused("started_no_samples", BadValue, ControlCodec.Encode(new ControlResponse.Started(1, 10_000, 0, 0)));
        yield return Refused("time_boot_id_0", BadValue, ControlCodec.Encode(new ControlResponse.Time(1, 0, 1, 1)));
        yield return Refused("range_boot_id_0", BadValue, ControlCodec.Encode(new ControlResponse.Range(2, 0, 1, 1)));
    }

    // ---- Bytes by hand ----

    private static Vector Refused(string name, DecodeStatus status, byte[] bytes) =>
        new(name, "Refused.", bytes, new JsonObject { ["status"] = (int)status });

    private static byte[] Descriptor(byte major, byte minor, IEnumerable<(byte Type, byte[] Value)> fields) =>
        [major, minor, .. fields.SelectMany(f => (byte[])[f.Type, (byte)f.Value.Length, .. f.Value])];

    private static byte[] Stream(StreamDescriptor s) =>
    [
        s.Id, (byte)s.Kind, s.Element, .. U32(s.BufferDepth), (byte)s.Periods.Count, .. s.Periods.SelectMany(U32),
        (byte)s.Channels.Count, .. s.Channels.SelectMany(c => (byte[])[(byte)c.Quantity, c.Axis, (byte)c.Type, .. F32(c.Scale), .. F32(c.Offset)]),
    ];

    private static byte[] Calibration(byte cell, float gain, float zero = 0) => [cell, .. F32(gain), .. F32(zero), .. F32(0), .. F32(25)];

    private static byte[] RollerField(RollerGeometry r) => [.. F32(r.Radius), .. F32(r.Length), r.Firm ? (byte)1 : (byte)0, (byte)r.Arrangement];

    /// <summary>Unknown fields up to that length.</summary>
    private static byte[] Pad(byte[] bytes, int length)
    {
        while (length - bytes.Length is var missing and > 0)
        {
            var field = Math.Min(missing == 258 ? 100 : missing, 257);
            bytes = [.. bytes, 99, (byte)(field - 2), .. new byte[field - 2]];
        }
        return bytes;
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] U32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] F32(float value) => U32(BitConverter.SingleToUInt32Bits(value));
}
