using SensorHub.Core.Orientation;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture.Alignment;

/// <summary>Gathers how one element turns while the person bends forward slowly, three times.</summary>
internal sealed class BendWindow(Timestamp start, TimeSpan duration, AlignmentOptions options)
{
    private readonly SampleWindow _window = new(start, duration, options);
    private readonly PrincipalAxis _axis = new();
    private readonly List<Vector3D> _ups = [];

    public void Add(in OrientationEstimate estimate)
    {
        if (!_window.Take(estimate.Time, out var dt))
            return;
        _axis.Add(estimate.AngularRate, dt.TotalSeconds);
        _ups.Add(estimate.Up);
    }

    /// <summary>The bends, or why there are none.</summary>
    /// <param name="element">As a sentence begins: "The lower element".</param>
    /// <param name="standing">Unit vector that pointed up in the stand, sensor frame.</param>
    /// <param name="trouble">What was wrong and what to do; null when there are bends.</param>
    public Bends? Result(string element, Vector3D standing, out string? trouble)
    {
        trouble = _window.Trouble(element);
        if (trouble is not null)
            return null;
        var (axis, explained) = _axis.Find();
        var turns = _ups.ConvertAll(up => Turn(axis, standing, up));
        var (lowest, highest) = (turns.Min(), turns.Max());
        // Forward is where the bends went.
        if (-lowest > highest)
            (axis, lowest, highest) = (-axis, -highest, -lowest);

        var limit = Math.Sin(double.DegreesToRadians(options.AxisTilt));
        if (highest < options.BendDepth)
            trouble = FormattableString.Invariant($"{element} turned by {Math.Max(0, highest):0}° only, {options.BendDepth:0}° are needed. Bend forward as far as is comfortable, three times.");
        else if (!(explained > options.AxisExplained))
            trouble = FormattableString.Invariant($"One axis explains {100 * explained:0} % of how {char.ToLowerInvariant(element[0])}{element[1..]} turned, more than {100 * options.AxisExplained:0} % are needed. Bend slower, straight forward, three times.");
        else if (-lowest > options.Backswing * highest)
            trouble = FormattableString.Invariant($"{element} turned by {highest:0}° one way and {-lowest:0}° the other, so forward cannot be told. Begin upright and bend forward only, three times.");
        else if (Math.Abs(Vector3D.Dot(axis, standing)) > limit)
            trouble = FormattableString.Invariant($"{element} turned about the vertical rather than forward. Stand, and bend straight forward, three times.");
        else if (Math.Abs(axis.Z) > limit)
            trouble = FormattableString.Invariant($"{element} bent to the side rather than forward. Bend straight forward, three times.");
        return trouble is null ? new Bends(axis, explained, highest) : null;
    }

    /// <summary>By how much a body has turned about an axis fixed in it since it stood, °.</summary>
    private static double Turn(Vector3D axis, Vector3D standing, Vector3D up)
    {
        // The body turns forward, so what is up turns backward in it.
        var sine = Vector3D.Dot(axis, Vector3D.Cross(up, standing));
        var cosine = Vector3D.Dot(up, standing) - Vector3D.Dot(axis, up) * Vector3D.Dot(axis, standing);
        return double.RadiansToDegrees(Math.Atan2(sine, cosine));
    }
}

/// <summary>How one element turned in forward bends.</summary>
/// <param name="Axis">Unit vector, sensor frame: forward is a positive turn about it, so it points to the left.</param>
/// <param name="Explained">Share of the variance of the angular rate that the axis explains.</param>
/// <param name="Depth">Largest forward turn since the stand, °.</param>
internal readonly record struct Bends(Vector3D Axis, double Explained, double Depth);
