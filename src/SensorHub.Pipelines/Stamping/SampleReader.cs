using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Pipelines.Stamping;

/// <summary>Reads the samples of one stream in physical units. It knows where the stream keeps what.</summary>
internal sealed class SampleReader
{
    private readonly StreamDescriptor _stream;
    private readonly int[] _imu;
    private readonly (int Channel, LoadCalibration Calibration)[] _cells;
    private readonly int _temperature;
    private readonly int _level;
    private readonly int _code, _argument, _offset;

    public SampleReader(StreamDescriptor stream, SensorDescriptor sensor)
    {
        _stream = stream;
        _imu = [.. from quantity in new[] { Quantity.Acceleration, Quantity.AngularRate }
            from axis in new byte[] { 0, 1, 2 }
            select stream.FindChannel(quantity, axis)];
        Element = sensor.Elements.FirstOrDefault(e => e.Id == stream.Element)?.Role;
        _cells = [.. from calibration in sensor.LoadCalibrations
            let channel = stream.FindChannel(Quantity.LoadCounts, calibration.Axis)
            where channel >= 0
            orderby calibration.Axis
            select (channel, calibration)];
        _temperature = stream.FindChannel(Quantity.Temperature);
        _level = stream.FindChannel(Quantity.BatteryLevel);
        _code = stream.FindChannel(Quantity.EventCode);
        _argument = stream.FindChannel(Quantity.EventArgument);
        _offset = stream.FindChannel(Quantity.TickOffset);
    }

    public ElementRole? Element { get; }

    public StreamDescriptor Stream => _stream;

    public bool HasImu => _stream.Kind == StreamKind.Imu && Element is not null && !_imu.Contains(-1);

    /// <summary>Cells without a calibration are left out: their counts mean nothing.</summary>
    public bool HasLoad => _stream.Kind == StreamKind.Load && _cells.Length > 0;

    public bool HasBattery => _stream.Kind == StreamKind.Battery && _level >= 0;

    public bool HasEvents => _stream.Kind == StreamKind.Events && _code >= 0;

    /// <summary>°C, or null when the stream has no such channel.</summary>
    public double? Temperature(in Frame frame, int sample) => _temperature >= 0 ? _stream.Read(frame.Samples, sample, _temperature) : null;

    public ImuSample Imu(in Frame frame, int sample, Timestamp time) => new(
        time,
        new Vector3D(Read(frame, sample, _imu[0]), Read(frame, sample, _imu[1]), Read(frame, sample, _imu[2])),
        new Vector3D(Read(frame, sample, _imu[3]), Read(frame, sample, _imu[4]), Read(frame, sample, _imu[5])));

    /// <param name="frame">A frame of this stream.</param>
    /// <param name="sample">Number of the sample in it.</param>
    /// <param name="time">When it was taken.</param>
    /// <param name="temperature">°C, of the cells; null = that of their calibration.</param>
    public LoadSample Load(in Frame frame, int sample, Timestamp time, double? temperature)
    {
        var newtons = new double[_cells.Length];
        for (var i = 0; i < newtons.Length; i++)
            newtons[i] = _cells[i].Calibration.ToNewton(Read(frame, sample, _cells[i].Channel), temperature);
        return new LoadSample(time, newtons);
    }

    /// <summary>%.</summary>
    public double Battery(in Frame frame, int sample) => Read(frame, sample, _level);

    public (EventCode Code, long Argument, ulong TickOffset) Event(in Frame frame, int sample) => (
        (EventCode)_stream.ReadRaw(frame.Samples, sample, _code),
        _argument >= 0 ? _stream.ReadRaw(frame.Samples, sample, _argument) : 0,
        _offset >= 0 ? (ulong)Math.Max(0, _stream.ReadRaw(frame.Samples, sample, _offset)) : 0);

    private double Read(in Frame frame, int sample, int channel) => _stream.Read(frame.Samples, sample, channel);
}
