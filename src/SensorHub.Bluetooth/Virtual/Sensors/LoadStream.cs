using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Virtual.Sensors;

/// <summary>
/// Load cells in counts, and their temperature. They warm up on the body, and their sensitivity changes with it as their
/// calibration says. Channels: one a cell, then the temperature in °C.
/// </summary>
internal sealed class LoadStream(VirtualPerson person, LoadArrangement arrangement, IReadOnlyList<LoadCalibration> cells, LoadErrors errors, Random random) : IStreamSource
{
    private const double Ambient = 22;
    private const double WarmedBy = 6;
    private const double WarmingSeconds = 180;

    private readonly double[] _seen = new double[cells.Count];
    private readonly Sway? _wander = errors.Wander > 0 ? new Sway(random, errors.Wander, 0.01, 0.2) : null;
    private double? _last;
    private double _crept;

    public bool TryRead(double seconds, Span<double> channels)
    {
        See(Distorted(person.Force(seconds), seconds), person.RollAngle(seconds).Value);
        var temperature = Ambient + WarmedBy * (1 - Math.Exp(-Math.Max(0, seconds) / WarmingSeconds));
        for (var cell = 0; cell < cells.Count; cell++)
        {
            var calibration = cells[cell];
            var newton = _seen[cell] * errors.Gains[cell] + errors.Zeros[cell];
            if (errors.Noise > 0)
                newton += errors.Noise * random.NextGaussian();
            var sensitivity = 1 + calibration.TemperatureCoefficient * (temperature - calibration.ReferenceTemperature);
            channels[cell] = calibration.Zero + newton / (calibration.Gain * sensitivity);
        }
        channels[cells.Count] = temperature;
        return true;
    }

    /// <summary>What each cell takes of a force, N (firmware-protocol/README.md §3.7).</summary>
    /// <param name="force">N.</param>
    /// <param name="angle">Turned by the roller, rad.</param>
    private void See(double force, double angle)
    {
        switch (arrangement)
        {
            case LoadArrangement.Ring:
                SeeAround(force, angle);
                break;
            case LoadArrangement.StrainPairs:
                // Bending of a turning tube: gauges 45° apart see it a quarter of its period, half a turn, apart.
                for (var cell = 0; cell < _seen.Length; cell += 2)
                {
                    var (sin, cos) = Math.SinCos(2 * angle);
                    var share = errors.Shares[cell] + errors.Shares[cell + 1];
                    (_seen[cell], _seen[cell + 1]) = (force * share * cos, force * share * sin);
                }
                break;
            default:
                for (var cell = 0; cell < _seen.Length; cell++)
                    _seen[cell] = force * errors.Shares[cell];
                break;
        }
    }

    /// <summary>Cells all round: those on top feel the body, those below the floor; each pressed spot spreads over a half, most in its middle.</summary>
    private void SeeAround(double force, double angle)
    {
        double Press(int cell, double at) => Math.Max(0, Math.Cos(angle + 2 * Math.PI * cell / _seen.Length - at)) is var c ? c * c : 0;
        double top = 0, bottom = 0;
        for (var cell = 0; cell < _seen.Length; cell++)
            (top, bottom) = (top + Press(cell, 0), bottom + Press(cell, Math.PI));
        for (var cell = 0; cell < _seen.Length; cell++)
            _seen[cell] = force * (Press(cell, 0) / top + Press(cell, Math.PI) / bottom);
    }

    /// <summary>With creep, which outlasts the load, and a gain that changes with load and place.</summary>
    private double Distorted(double force, double seconds)
    {
        var dt = Math.Max(0, seconds - (_last ?? seconds));
        _last = seconds;
        _crept += (1 - Math.Exp(-dt / errors.CreepSeconds)) * (force - _crept);
        var gain = 1 + errors.Curve * force / LoadErrors.CurvedAt + (_wander?.At(seconds).Value ?? 0);
        return gain * force + errors.Creep * _crept;
    }
}
