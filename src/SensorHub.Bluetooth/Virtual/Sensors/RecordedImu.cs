using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core;
using SensorHub.Core.Recordings;

namespace SensorHub.Bluetooth.Virtual.Sensors;

/// <summary>The even grid of times that the rows of a recording lie on. Missing rows are holes in it.</summary>
internal sealed class RecordedGrid
{
    private readonly int[] _rows;

    /// <summary>A gap of more samples than this (28 h at 100 Hz) is a time in another unit, or a damaged one.</summary>
    private const double LongestGap = 10e6;

    /// <summary>Of all rows and gaps.</summary>
    private const double MostPlaces = 100e6;

    /// <exception cref="UserException">The rows are not evenly spaced, or closer than a sensor's ticks.</exception>
    public RecordedGrid(ImuCsv csv)
    {
        var seconds = csv.Seconds;
        var steps = new double[seconds.Count - 1];
        for (var i = 0; i < steps.Length; i++)
            steps[i] = seconds[i + 1] - seconds[i];
        var sorted = steps.Order().ToArray();
        var usual = sorted[sorted.Length / 2];

        var file = Path.GetFileName(csv.Path);
        if (usual * SensorModels.TickRate < 1)
            throw new UserException(FormattableString.Invariant(
                $"{file}: its rows are {usual:g3} s apart, and a sensor's clock ticks every {1.0 / SensorModels.TickRate:g3} s. Is t_s in seconds?"));
        if (Array.FindIndex(steps, step => step / usual > LongestGap) is >= 0 and var gap)
            throw new UserException(FormattableString.Invariant(
                $"{file}, row {gap + 2}: it is {steps[gap]:g3} s after the row before, in a file of samples every {usual:g3} s. Mend its time, or split the file there."));
        if ((seconds[^1] - seconds[0]) / usual > MostPlaces)
            throw new UserException(FormattableString.Invariant($"{file}: {seconds[^1] - seconds[0]:g3} s of samples every {usual:g3} s are too many for one file. Split it."));

        var places = new int[seconds.Count];
        for (var i = 0; i < steps.Length; i++)
            places[i + 1] = places[i] + Math.Max(1, (int)Math.Round(steps[i] / usual));
        First = seconds[0];
        Period = (seconds[^1] - seconds[0]) / places[^1];

        _rows = new int[places[^1] + 1];
        Array.Fill(_rows, -1);
        for (var i = 0; i < places.Length; i++)
        {
            if (Math.Abs(seconds[i] - First - places[i] * Period) > 0.75 * Period)
                throw new UserException(FormattableString.Invariant(
                    $"{file}, row {i + 1}: at {seconds[i]} s it is not one of samples every {Period:0.######} s. Resample the file evenly."));
            _rows[places[i]] = i;
        }
    }

    /// <summary>Time of the first row, s.</summary>
    public double First { get; }

    /// <summary>From one row to the next, s.</summary>
    public double Period { get; }

    /// <summary>Time of the last row, s.</summary>
    public double Last => First + (_rows.Length - 1) * Period;

    /// <summary>The row at a place of the grid, or −1.</summary>
    public int RowAt(double seconds)
    {
        var place = Math.Round((seconds - First) / Period);
        return place >= 0 && place < _rows.Length ? _rows[(int)place] : -1;
    }
}

/// <summary>One IMU of a recording, played from some second of the simulation on.</summary>
/// <param name="begin">Seconds of the simulation at which the recording's time is 0.</param>
internal sealed class RecordedImu(ImuRecording imu, RecordedGrid grid, double begin) : IImuSource
{
    public bool TryRead(double seconds, out ImuReading reading)
    {
        var row = grid.RowAt(seconds - begin);
        reading = row < 0 ? default : new ImuReading(imu.SpecificForce[row], imu.AngularRate[row]);
        return row >= 0;
    }
}
