using System.Text;
using SensorHub.Core.Protocol;
using Profile = SensorHub.Core.Protocol.Gatt;

namespace SensorHub.Bluetooth.Virtual.Gatt;

/// <summary>
/// A sensor's GATT server, as firmware-protocol/README.md describes it: requests in, notifications and indications out.
/// It knows no radio and no thread; its only time is the device's ticks, given by <see cref="Advance"/>.
/// </summary>
/// <param name="descriptor">What the sensor says about itself.</param>
/// <param name="source">What measures.</param>
/// <param name="bootId">Random, not 0.</param>
public sealed class GattPeripheral(SensorDescriptor descriptor, ISampleSource source, uint bootId)
{
    /// <summary>Live frames that wait for the radio; when it takes none for longer, new ones are lost from the live stream.</summary>
    public const int QueueCapacity = 32;

    /// <summary>From taking a request to handing over its response, s.</summary>
    private const double ResponseSeconds = 150e-6;

    /// <summary>Room for the response to ExchangeTime.</summary>
    private const int TimeResponseMtu = 27 + Profile.AttOverhead;

    /// <summary>How long a stream goes on without a link, s.</summary>
    private const double BufferingSeconds = 600;

    /// <summary>What ZeroLoad takes the mean of: spacing and number of readings, s.</summary>
    private const double ZeroSpacing = 0.02;
    private const int ZeroReadings = 25;

    private readonly Queue<byte[]> _frames = new();
    private readonly HashSet<Guid> _enabled = [];
    private PeripheralStream[] _streams = Streams(descriptor);
    private SensorDescriptor _descriptor = descriptor;
    private Transfer? _transfer;
    private Zeroing? _zeroing;
    private byte[]? _response;
    private bool _awaitsConfirmation;
    private int? _mtu;
    private bool _encrypted;
    private ulong _unlinkedSince;

    public SensorDescriptor Descriptor => _descriptor;

    /// <summary>What is broken, for tests of the other end.</summary>
    public SensorFaults Faults { get; } = new();

    public uint BootId { get; private set; } = bootId != 0 ? bootId : throw new ArgumentOutOfRangeException(nameof(bootId), "A boot id is never 0.");

    /// <summary>Device ticks reached.</summary>
    public ulong Now { get; private set; }

    /// <summary>In its charger a sensor measures nothing: streams stop and cannot be started.</summary>
    public bool InCharger { get; private set; }

    /// <summary>When the LED goes out, in ticks.</summary>
    public ulong IdentifyUntil { get; private set; }

    /// <summary>Live frames lost because <see cref="QueueCapacity"/> was reached.</summary>
    public long FramesDropped { get; private set; }

    /// <summary>What the streams do, in the order of the descriptor.</summary>
    public IEnumerable<StreamProgress> Progress => _streams.Select(s => new StreamProgress(s.Descriptor, s.State != StreamState.Off, s.Ring.Next));

    /// <param name="mtu">ATT MTU, once exchanged; to be called again when it is.</param>
    /// <param name="encrypted">Whether control, data and backlog may be used.</param>
    public void Connect(int mtu, bool encrypted = true)
    {
        (_mtu, _encrypted) = (mtu, encrypted);
        Faults.Connected();
    }

    /// <summary>The link is gone. Streams that are on go on sampling into their rings; what was about to be sent is dropped.</summary>
    public void Disconnect()
    {
        foreach (var stream in _streams)
            stream.Buffer();
        _mtu = null;
        _unlinkedSince = Now;
        _zeroing = null;
        _enabled.Clear();
        _frames.Clear();
        _transfer = null;
        _response = null;
        _awaitsConfirmation = false;
    }

    /// <summary>A battery pulled, a watchdog: the ticks begin at 0, sequences too, and nothing is on.</summary>
    public void Reboot(uint newBootId)
    {
        ArgumentOutOfRangeException.ThrowIfZero(newBootId);
        Disconnect();
        BootId = newBootId;
        Now = 0;
        IdentifyUntil = 0;
        _streams = Streams(_descriptor);
    }

    public AttError Read(Guid characteristic, out byte[] value)
    {
        value = [];
        if (characteristic == Profile.Descriptor)
            value = Faults.Describe(SensorDescriptorCodec.Encode(_descriptor));
        else if (DeviceInformation(characteristic) is { } text)
            value = Encoding.UTF8.GetBytes(text);
        else if (characteristic == StandardServices.BatteryLevel && BatteryLevel() is { } level)
            value = [level];
        else
            return IsOurs(characteristic) ? AttError.ReadNotPermitted : AttError.InvalidHandle;
        return AttError.None;
    }

    /// <summary>Writes the client characteristic configuration: enables or disables notifications or indications.</summary>
    public AttError Configure(Guid characteristic, bool enable)
    {
        if (!IsOurs(characteristic))
            return AttError.InvalidHandle;
        if (characteristic == Profile.Descriptor)
            return AttError.RequestNotSupported;
        if (!_encrypted)
            return AttError.InsufficientAuthentication;
        Faults.Configured(characteristic, enable);
        if (enable)
            _enabled.Add(characteristic);
        else if (_enabled.Remove(characteristic) && characteristic == Profile.Data)
            foreach (var stream in _streams)
                stream.Buffer();
        return AttError.None;
    }

    /// <summary>A write with response. The control point's answer comes as an indication.</summary>
    public AttError Write(Guid characteristic, ReadOnlySpan<byte> value)
    {
        if (!IsOurs(characteristic))
            return AttError.InvalidHandle;
        if (characteristic != Profile.Control)
            return AttError.WriteNotPermitted;
        if (!_encrypted)
            return AttError.InsufficientAuthentication;
        if (value.Length > ControlCodec.MaxSize)
            return AttError.InvalidAttributeValueLength;
        var op = value.IsEmpty ? default : (ControlOp)value[0];
        if (!_enabled.Contains(Profile.Control) ||
            op == ControlOp.Start && !_enabled.Contains(Profile.Data) ||
            op == ControlOp.FetchBacklog && !_enabled.Contains(Profile.Backlog))
            return AttError.CccdImproperlyConfigured;
        if (_response is not null || _awaitsConfirmation || _zeroing is not null)
            return AttError.ProcedureAlreadyInProgress;
        var status = ControlCodec.Decode(value, out ControlRequest? request);
        if ((request is null ? new ControlResponse.Plain(op, status) : Answer(request)) is { } response)
            _response = ControlCodec.Encode(response);
        return AttError.None;
    }

    /// <summary>The central has confirmed the last indication.</summary>
    public void Confirm() => _awaitsConfirmation = false;

    /// <summary>Lets the device's time pass: takes the samples that come due, and fills frames.</summary>
    public void Advance(ulong ticks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ticks, Now);
        if (_mtu is null && ticks - _unlinkedSince >= Ticks(BufferingSeconds))
            foreach (var stream in _streams)
                AdvanceTo(stream, _unlinkedSince + Ticks(BufferingSeconds), thenStop: true);
        foreach (var stream in _streams)
            AdvanceTo(stream, ticks, thenStop: false);
        Now = ticks;
        if (_zeroing is { } zeroing && zeroing.Until <= ticks)
        {
            _zeroing = null;
            _response = ControlCodec.Encode(new ControlResponse.Plain(ControlOp.ZeroLoad, Zero(zeroing)));
        }
    }

    /// <summary>Something happened to the sensor, now.</summary>
    public void Report(EventCode code, byte argument)
    {
        if (code is EventCode.ChargerConnected or EventCode.ChargerRemoved)
            InCharger = code == EventCode.ChargerConnected;
        foreach (var stream in _streams)
        {
            if (stream.Descriptor.Kind != StreamKind.Events || stream.State == StreamState.Off)
                continue;
            var slot = stream.Ring.Slot;
            slot.Clear();
            stream.Descriptor.WriteRaw(slot, 0, stream.Descriptor.FindChannel(Quantity.EventCode), (byte)code);
            if (stream.Descriptor.FindChannel(Quantity.EventArgument) is >= 0 and var channel)
                stream.Descriptor.WriteRaw(slot, 0, channel, argument);
            Take(stream, Now, SampleOutcome.Taken);
        }
        if (!InCharger)
            return;
        foreach (var stream in _streams)
            if (stream.State != StreamState.Off && !stream.Descriptor.IsIrregular)
                Stop(stream);
    }

    /// <summary>What the radio sends next: a response, else a live frame, else a frame of the backlog.</summary>
    /// <param name="withBacklog">False = the backlog has to wait.</param>
    public bool TryTake(out GattValue value, bool withBacklog = true)
    {
        if (_response is { } response && !_awaitsConfirmation)
        {
            _response = null;
            _awaitsConfirmation = true;
            value = new GattValue(Profile.Control, response);
            return true;
        }
        while (_frames.TryDequeue(out var frame))
            if (Sent(new GattValue(Profile.Data, frame), out value))
                return true;
        while (withBacklog && _transfer is not null && _response is null && _enabled.Contains(Profile.Backlog))
            if (Sent(new GattValue(Profile.Backlog, NextOfBacklog(_transfer)), out value))
                return true;
        value = default;
        return false;
    }

    private bool Sent(GattValue frame, out GattValue value)
    {
        var bytes = Faults.Send(frame);
        value = new GattValue(frame.Characteristic, bytes ?? []);
        return bytes is not null;
    }

    /// <summary>Null when the answer comes later.</summary>
    private ControlResponse? Answer(ControlRequest request) => Faults.Refuse(request) is { } refusal ? Plain(request, refusal) : request switch
    {
        ControlRequest.GetStatus => new ControlResponse.State(BootId, Now, Streaming()),
        ControlRequest.Start r => Start(r),
        ControlRequest.Stop r => WithStream(r.Stream, r, stream => Plain(r, Stop(stream))),
        ControlRequest.ExchangeTime r => _mtu < TimeResponseMtu ? Plain(r, ControlStatus.MtuTooSmall) : new ControlResponse.Time(r.Cookie, BootId, Now, Now + Ticks(ResponseSeconds)),
        ControlRequest.FetchBacklog r => WithStream(r.Stream, r, stream => Fetch(stream, r)),
        ControlRequest.AbortBacklog r => Plain(r, Abort()),
        ControlRequest.GetRange r => WithStream(r.Stream, r, stream =>
            new ControlResponse.Range(r.Stream, BootId, stream.Available.Sequence, stream.Available.Count)),
        ControlRequest.Identify r => Plain(r, Identify(r.Seconds)),
        ControlRequest.ZeroLoad r => ZeroLoad(r),
        ControlRequest.SetLoadCalibration r => Plain(r, SetCalibration(r.Calibration)),
        _ => Plain(request, ControlStatus.UnknownOp),
    };

    private static ControlResponse.Plain Plain(ControlRequest request, ControlStatus status) => new(request.Op, status);

    private ControlResponse WithStream(byte id, ControlRequest request, Func<PeripheralStream, ControlResponse> answer) =>
        Array.Find(_streams, s => s.Descriptor.Id == id) is { } stream ? answer(stream) : Plain(request, ControlStatus.UnknownStream);

    private ControlResponse Start(ControlRequest.Start request) => WithStream(request.Stream, request, stream =>
    {
        if (stream.Descriptor.IsIrregular ? request.Period != 0 : !stream.Descriptor.Periods.Contains(request.Period))
            return Plain(request, ControlStatus.UnsupportedPeriod);
        if (InCharger)
            return Plain(request, ControlStatus.InCharger);
        if (stream.State == StreamState.Streaming)
            return Plain(request, ControlStatus.AlreadyInState);
        var samples = SamplesPerFrame(stream.Descriptor, request.Period, request.LatencyMilliseconds);
        if (samples == 0)
            return Plain(request, ControlStatus.MtuTooSmall);
        stream.Start(request.Period, request.LatencyMilliseconds, samples, Now);
        return new ControlResponse.Started(request.Stream, request.Period, (byte)samples, stream.Ring.Next);
    });

    private ControlStatus Stop(PeripheralStream stream)
    {
        if (stream.State == StreamState.Off)
            return ControlStatus.AlreadyInState;
        SendPending(stream);
        stream.Stop();
        return ControlStatus.Ok;
    }

    private ControlResponse Fetch(PeripheralStream stream, ControlRequest.FetchBacklog request)
    {
        if (stream.Descriptor.BufferDepth == 0)
            return Plain(request, ControlStatus.NotAvailable);
        if (request.BootId != BootId)
            return Plain(request, ControlStatus.WrongBoot);
        if (_transfer is not null)
            return Plain(request, ControlStatus.Busy);
        var perFrame = SamplesPerFrame(stream.Descriptor, period: 0, latencyMilliseconds: 0);
        if (perFrame == 0)
            return Plain(request, ControlStatus.MtuTooSmall);

        var (oldest, kept) = stream.Available;
        var (first, count) = request.Intersect(oldest, kept);
        var overwritten = unchecked((int)(request.Sequence - oldest)) < 0;
        _transfer = new Transfer(stream, perFrame, first, count, overwritten);
        return new ControlResponse.Backlog(request.Stream, first, count);
    }

    private ControlStatus Abort()
    {
        if (_transfer is null)
            return ControlStatus.AlreadyInState;
        _transfer.Skip(_transfer.Left); // an empty frame with End will follow
        return ControlStatus.Ok;
    }

    private ControlStatus Identify(byte seconds)
    {
        IdentifyUntil = Now + Ticks(seconds);
        return ControlStatus.Ok;
    }

    private ControlResponse.Plain? ZeroLoad(ControlRequest.ZeroLoad request)
    {
        if (Array.Find(_streams, s => s.Descriptor.Kind == StreamKind.Load) is not { } load)
            return Plain(request, ControlStatus.NotAvailable);
        var known = _descriptor.LoadCalibrations.Aggregate(0, (mask, c) => mask | 1 << c.Axis);
        if ((request.Cells & ~known) != 0)
            return Plain(request, ControlStatus.BadParameter);
        _zeroing = new Zeroing(load.Descriptor, request.Cells, Now, Now + Ticks(ZeroSpacing * ZeroReadings));
        return null;
    }

    private ControlStatus Zero(Zeroing zeroing)
    {
        var sample = new byte[zeroing.Load.SampleSize];
        var sums = new double[SensorDescriptorCodec.MaxCells];
        for (var i = 1; i <= ZeroReadings; i++)
        {
            if (source.Measure(zeroing.Load, zeroing.From + Ticks(i * ZeroSpacing), sample) == SampleOutcome.Absent)
                return ControlStatus.NotAvailable;
            foreach (var calibration in _descriptor.LoadCalibrations)
                if (zeroing.Load.FindChannel(Quantity.LoadCounts, calibration.Axis) is >= 0 and var channel)
                    sums[calibration.Axis] += zeroing.Load.ReadRaw(sample, 0, channel);
        }
        foreach (var calibration in _descriptor.LoadCalibrations.Where(c => (zeroing.Cells & 1 << c.Axis) != 0).ToArray())
            SetCalibration(calibration with { Zero = (float)(sums[calibration.Axis] / ZeroReadings) });
        return ControlStatus.Ok;
    }

    private ControlStatus SetCalibration(LoadCalibration calibration)
    {
        if (_descriptor.LoadCalibrations.Count == 0)
            return ControlStatus.NotAvailable;
        if (!_descriptor.LoadCalibrations.Any(c => c.Axis == calibration.Axis))
            return ControlStatus.BadParameter;
        _descriptor = _descriptor with
        {
            LoadCalibrations = [.. _descriptor.LoadCalibrations.Select(c => c.Axis == calibration.Axis ? calibration : c)],
        };
        return ControlStatus.Ok;
    }

    private void AdvanceTo(PeripheralStream stream, ulong ticks, bool thenStop)
    {
        while (stream.NextTicks is { } due && due <= ticks)
        {
            Take(stream, due, source.Measure(stream.Descriptor, due, stream.Ring.Slot));
            stream.Advance();
        }
        if (stream.Descriptor.IsIrregular && stream.HasPending && stream.PendingFor(ticks) >= Ticks(stream.LatencyMilliseconds * 1e-3))
            SendPending(stream);
        if (thenStop)
            stream.Stop();
    }

    private void Take(PeripheralStream stream, ulong ticks, SampleOutcome outcome)
    {
        if (stream.HasPending && outcome == SampleOutcome.Absent)
            SendPending(stream);
        stream.Ring.Add(new SampleRing.Entry(ticks, stream.Period, outcome));
        if (outcome == SampleOutcome.Absent)
            stream.DropPending();
        else if (stream.PendingCount >= stream.SamplesPerFrame)
            SendPending(stream);
    }

    private void SendPending(PeripheralStream stream)
    {
        if (!stream.HasPending)
            return;
        if (stream.State != StreamState.Streaming)
            stream.DropPending();
        else if (_frames.Count < QueueCapacity)
            _frames.Enqueue(stream.TakeFrame(BootId));
        else
        {
            stream.DropPending();
            FramesDropped++;
        }
    }

    private byte[] NextOfBacklog(Transfer transfer)
    {
        var (stream, flags) = (transfer.Stream, FrameFlags.Backlog);

        // The ring goes on: what it has overwritten since the request cannot be sent.
        var behind = unchecked((int)(stream.Available.Sequence - transfer.Next));
        if (transfer.Left > 0 && behind > 0)
        {
            transfer.Skip(Math.Min((uint)behind, transfer.Left));
            transfer.Overwritten = true;
        }
        while (transfer.Left > 0 && stream.Ring[transfer.Next].Outcome == SampleOutcome.Absent)
            transfer.Skip(1);
        if (transfer.Overwritten)
            flags |= FrameFlags.Overflow;
        transfer.Overwritten = false;

        if (transfer.Left == 0)
        {
            _transfer = null;
            var empty = new byte[FrameHeader.Size];
            var period = stream.Descriptor.IsIrregular ? 0 : stream.Period != 0 ? stream.Period : stream.Descriptor.Periods[0];
            FrameCodec.Encode(new FrameHeader(FrameCodec.Minor, stream.Descriptor.Id, flags | FrameFlags.End, 0, BootId, transfer.Next, Now, period), [], empty);
            return empty;
        }

        var first = transfer.Next;
        var limit = (int)Math.Min((uint)transfer.PerFrame, transfer.Left);
        var frame = stream.Build(BootId, first, limit, flags, out var count);
        transfer.Skip((uint)count);
        if (transfer.Left == 0)
        {
            frame[2] |= (byte)FrameFlags.End;
            _transfer = null;
        }
        return frame;
    }

    private byte Streaming()
    {
        byte mask = 0;
        for (var i = 0; i < _streams.Length; i++)
            if (_streams[i].State != StreamState.Off)
                mask |= (byte)(1 << i);
        return mask;
    }

    private int SamplesPerFrame(StreamDescriptor stream, uint period, ushort latencyMilliseconds) =>
        FrameCodec.SamplesPerFrame(stream, _descriptor.TickRate, period, _mtu ?? 0, latencyMilliseconds);

    private ulong Ticks(double seconds) => (ulong)Math.Round(seconds * _descriptor.TickRate);

    private string? DeviceInformation(Guid characteristic) =>
        characteristic == StandardServices.ManufacturerName ? "SensorHub (simulated)" :
        characteristic == StandardServices.ModelNumber ? _descriptor.Kind.ToString() :
        characteristic == StandardServices.SerialNumber ? _descriptor.Serial :
        characteristic == StandardServices.HardwareRevision ? "1" :
        characteristic == StandardServices.FirmwareRevision ? _descriptor.Firmware : null;

    private byte? BatteryLevel()
    {
        if (_descriptor.Streams.FirstOrDefault(s => s.Kind == StreamKind.Battery) is not { } battery)
            return null;
        var sample = new byte[battery.SampleSize];
        return source.Measure(battery, Now, sample) == SampleOutcome.Absent
            ? null
            : (byte)Math.Clamp(Math.Round(battery.Read(sample, 0, battery.FindChannel(Quantity.BatteryLevel))), 0, 100);
    }

    private static bool IsOurs(Guid characteristic) =>
        characteristic == Profile.Descriptor || characteristic == Profile.Control || characteristic == Profile.Data || characteristic == Profile.Backlog;

    private static PeripheralStream[] Streams(SensorDescriptor descriptor) => [.. descriptor.Streams.Select(s => new PeripheralStream(s))];

    /// <summary>A ZeroLoad whose readings are being taken.</summary>
    private sealed record Zeroing(StreamDescriptor Load, ushort Cells, ulong From, ulong Until);

    /// <summary>A backlog request that is being answered.</summary>
    private sealed class Transfer(PeripheralStream stream, int perFrame, uint first, uint count, bool overwritten)
    {
        public PeripheralStream Stream => stream;

        public int PerFrame => perFrame;

        public uint Next { get; private set; } = first;

        public uint Left { get; private set; } = count;

        public bool Overwritten { get; set; } = overwritten;

        public void Skip(uint samples)
        {
            Next = unchecked(Next + samples);
            Left -= samples;
        }
    }
}

/// <summary>A value for the central, on the characteristic it comes from.</summary>
public readonly record struct GattValue(Guid Characteristic, byte[] Bytes)
{
    /// <summary>An indication waits for <see cref="GattPeripheral.Confirm"/>; the others are notifications.</summary>
    public bool IsIndication => Characteristic == Profile.Control;
}

/// <param name="IsOn">Samples are taken, sent or not.</param>
/// <param name="Next">Number of the next sample; as many were taken since boot, modulo 2³².</param>
public readonly record struct StreamProgress(StreamDescriptor Descriptor, bool IsOn, uint Next);
