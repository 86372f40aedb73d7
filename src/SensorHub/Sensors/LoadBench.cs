using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Timing;
using SensorHub.Web.Sensors;

namespace SensorHub.Sensors;

/// <summary>The load cells of one roller: what they read now, and the calibration with known weights as far as it is. Thread-safe.</summary>
/// <param name="options">How a weighing is made.</param>
internal sealed class LoadBench(LoadCellOptions options)
{
    /// <summary>Readings older than this against the newest are no longer "now".</summary>
    private static readonly TimeSpan Present = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<(Timestamp Time, double[] Cells)> _recent = new();
    private SensorDescriptor? _sensor;
    private StreamDescriptor? _stream;
    private LoadCellCalibration? _calibration;
    private Weighing? _weighing;
    private double? _zeroed;
    private IReadOnlyList<LoadCalibration> _before = [];
    private double _keptUncertainty;
    private LoadCheck? _check;

    /// <summary>The sensor said what it is.</summary>
    public void Describe(SensorDescriptor sensor)
    {
        lock (_gate)
        {
            var cellsBefore = _sensor?.LoadCalibrations.Count;
            _sensor = sensor;
            _stream = sensor.Streams.FirstOrDefault(s => s.Kind == StreamKind.Load);
            _recent.Clear(); // by the old calibration
            if (_calibration is null || cellsBefore != sensor.LoadCalibrations.Count)
                Restart();
        }
    }

    /// <summary>A live frame of the sensor.</summary>
    /// <returns>Whether it was one of the load cells.</returns>
    public bool Take(Timestamp at, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_stream is null || _sensor is null || bytes.Length < 2 || bytes[1] != _stream.Id ||
                FrameCodec.Decode(bytes, out var frame) != DecodeStatus.Ok || FrameCodec.Check(frame, _sensor, out _) != DecodeStatus.Ok ||
                frame.Header.Flags.HasFlag(FrameFlags.Backlog))
                return false;
            var temperature = _stream.FindChannel(Quantity.Temperature);
            for (var i = 0; i < frame.Header.Count; i++)
            {
                double? warmth = temperature >= 0 ? _stream.Read(frame.Samples, i, temperature) : null;
                var cells = new double[_sensor.LoadCalibrations.Count];
                for (var c = 0; c < cells.Length; c++)
                    if (_stream.FindChannel(Quantity.LoadCounts, _sensor.LoadCalibrations[c].Axis) is >= 0 and var channel)
                        cells[c] = _sensor.LoadCalibrations[c].ToNewton(_stream.Read(frame.Samples, i, channel), warmth);
                _recent.Enqueue((at, cells));
                _weighing?.Take(cells);
            }
            while (_recent.Peek().Time < at - Present)
                _recent.Dequeue();
            return true;
        }
    }

    /// <summary>The link is gone, and with it what the cells read.</summary>
    public void Lose()
    {
        lock (_gate)
            _recent.Clear();
    }

    /// <returns>Null for a sensor without load cells.</returns>
    public DeskLoad? State
    {
        get
        {
            lock (_gate)
            {
                if (_sensor?.Roller is not { Arrangement: not LoadArrangement.None } roller || _calibration is null)
                    return null;
                double[] cells = _recent.Count == 0 ? [] : Mean();
                return new DeskLoad
                {
                    Arrangement = roller.Arrangement,
                    Calibrations = _sensor.LoadCalibrations,
                    Cells = cells,
                    Force = cells.Length == 0 ? null : _calibration.Force(cells),
                    Zeroed = _zeroed,
                    Weighing = _weighing is not null,
                    Placements = [.. _calibration.Placements],
                    Result = _calibration.Result,
                    Before = _before,
                    Check = _check,
                };
            }
        }
    }

    /// <summary>The bits of the cells, for a ZeroLoad.</summary>
    /// <exception cref="UserException">There are none, or something moves on the roller.</exception>
    public (ushort Cells, double Force) BeginZero()
    {
        lock (_gate)
        {
            var calibration = Ready();
            if (_recent.Count == 0)
                throw new UserException("Nothing comes from the load cells: wait until the roller streams.");
            var forces = _recent.Select(r => calibration.Force(r.Cells)).ToArray();
            var mean = forces.Average();
            if (Math.Sqrt(forces.Average(f => (f - mean) * (f - mean))) > options.Stillness)
                throw new UserException("The roller is not at rest. Take everything off it, let go of it, and try again.");
            return ((ushort)_sensor!.LoadCalibrations.Aggregate(0, (mask, c) => mask | 1 << c.Axis), mean);
        }
    }

    /// <param name="taken">N, which read as load before.</param>
    public void EndZero(double taken)
    {
        lock (_gate)
        {
            _zeroed = taken;
            Restart();
        }
    }

    /// <summary>Collects the samples of a weighing from now on.</summary>
    /// <exception cref="UserException">There is nothing to weigh with.</exception>
    public Weighing BeginWeighing(int? cell)
    {
        lock (_gate)
        {
            Ready();
            if (cell is < 0 || cell >= _sensor!.LoadCalibrations.Count)
                throw new UserException("The roller has no such cell.");
            if (_weighing is not null)
                throw new UserException("A weighing is running: wait until it has ended.");
            var period = (double)_stream!.Periods[0] / _sensor!.TickRate;
            return _weighing = new Weighing((int)Math.Ceiling(options.WeighingTime.TotalSeconds / period));
        }
    }

    /// <summary>Makes a placement, or a check, of what was collected.</summary>
    /// <param name="samples">Of <see cref="Weighing.Samples"/>; null = it was given up.</param>
    /// <exception cref="UserException">The weight moved.</exception>
    public void EndWeighing(double kilograms, int? cell, IReadOnlyList<double[]>? samples)
    {
        lock (_gate)
        {
            _weighing = null;
            if (samples is null)
                return;
            var calibration = Ready();
            var placement = calibration.Weigh(kilograms, cell, samples);
            if (_before.Count > 0 && calibration.Placements.Count == 0 && _check is null)
                _check = new LoadCheck(kilograms, calibration.Force(placement.Cells), calibration.Agrees(placement, _keptUncertainty));
            else
            {
                calibration.Add(placement);
                _check = null;
            }
        }
    }

    /// <summary>The calibrations that the placements lead to.</summary>
    /// <exception cref="UserException">They lead to none that could be trusted.</exception>
    public IReadOnlyList<LoadCalibration> Wanted()
    {
        lock (_gate)
            return Ready().Result is { Verdict: LoadVerdict.Good } result
                ? [.. _sensor!.LoadCalibrations.Select((c, i) => c with { Gain = (float)(c.Gain * result.Factors[i]) })]
                : throw new UserException("There are no gains to keep: weigh a known weight first.");
    }

    /// <summary>The sensor has them now.</summary>
    public void Keep(IReadOnlyList<LoadCalibration> before)
    {
        lock (_gate)
        {
            var uncertainty = _calibration?.Result?.Uncertainty ?? 0;
            Restart();
            (_before, _keptUncertainty) = (before, uncertainty);
        }
    }

    public IReadOnlyList<LoadCalibration> Calibrations
    {
        get
        {
            lock (_gate)
                return _sensor?.LoadCalibrations ?? [];
        }
    }

    public void Drop()
    {
        lock (_gate)
            Restart();
    }

    private LoadCellCalibration Ready() =>
        _calibration is { } calibration && _stream is not null ? calibration : throw new UserException("This sensor has no load cells, or has not said yet what it is.");

    private void Restart()
    {
        _calibration = _sensor?.Roller is { Arrangement: not LoadArrangement.None } roller ? new LoadCellCalibration(roller.Arrangement, options) : null;
        (_before, _check) = ([], null);
    }

    private double[] Mean()
    {
        var mean = new double[_recent.Peek().Cells.Length];
        foreach (var (_, cells) in _recent)
            for (var i = 0; i < mean.Length; i++)
                mean[i] += cells[i] / _recent.Count;
        return mean;
    }

    /// <summary>Samples of a weight at rest.</summary>
    internal sealed class Weighing(int count)
    {
        private readonly List<double[]> _samples = [];
        private readonly TaskCompletionSource<IReadOnlyList<double[]>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Ends when there are enough.</summary>
        public Task<IReadOnlyList<double[]>> Samples => _done.Task;

        public void Take(double[] cells)
        {
            if (_samples.Count < count)
                _samples.Add(cells);
            if (_samples.Count == count)
                _done.TrySetResult(_samples);
        }
    }
}
