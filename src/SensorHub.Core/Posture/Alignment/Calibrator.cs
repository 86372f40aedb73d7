using System.Collections.Immutable;
using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture.Alignment;

/// <summary>
/// Makes the calibration of one clip from what markers ask the person to do, and ends it. Within one attachment a later
/// stand moves the zero and keeps the axis of the bends, unless the clip has shifted in between.
/// </summary>
internal sealed class Calibrator(Slug sensor, ImmutableArray<ElementRole> elements, AlignmentOptions options)
{
    private Window? _open;

    /// <summary>The calibration that holds; null = none.</summary>
    public PostureCalibration? Current { get; private set; }

    /// <summary>The wearing of the clip that was named last.</summary>
    public Slug Attachment { get; private set; }

    /// <summary>Takes a marker whose time has come; gives what follows from it at once.</summary>
    public IReadOnlyList<Feature> Mark(Timestamp at, Marker marker) => marker switch
    {
        Marker.StandCalibration m => Open(new Window(CalibrationStep.Stand, at, m.Duration, elements.Length, options)),
        Marker.BendCalibration m => Open(new Window(CalibrationStep.Bends, at, m.Duration, elements.Length, options)),
        Marker.SitCalibration m => Open(new Window(CalibrationStep.Sitting, at, m.Duration, elements.Length, options)),
        Marker.CalibrationGiven m when m.Calibration.Sensor == sensor => [Take(at, m.Calibration)],
        Marker.ClipAttached m => Attach(at, m.Attachment),
        Marker.SessionEnded => Interrupt(at),
        _ => [],
    };

    /// <summary>Takes how an element is held, in the order of time; gives the result of a window that it ends.</summary>
    public IReadOnlyList<Feature> Update(int element, in OrientationEstimate estimate)
    {
        if (Current is not null && estimate.Time - Current.Time > options.Expiry)
        {
            Current = null;
            return [Refuse(CalibrationStep.Ended, estimate.Time, FormattableString.Invariant($"The calibration is older than {options.Expiry.TotalHours:0.#} h. Stand again."))];
        }
        if (_open is not { } window)
            return [];
        if (estimate.Time <= window.End)
        {
            window.Add(element, estimate);
            return [];
        }
        return Close();
    }

    /// <summary>Ends the open window, if there is one: it has all its samples.</summary>
    public IReadOnlyList<Feature> Close()
    {
        if (_open is not { } window)
            return [];
        _open = null;
        return window.Step switch
        {
            CalibrationStep.Stand => Stand(window),
            CalibrationStep.Bends => [Bend(window)],
            _ => [Sit(window)],
        };
    }

    private IReadOnlyList<Feature> Open(Window window)
    {
        IReadOnlyList<Feature> before = Interrupt(window.Start);
        if (window.Step != CalibrationStep.Stand && Current is null)
            return [.. before, Refuse(window.Step, window.Start, "The stand comes first: stand still and upright, then go on.")];
        _open = window;
        return before;
    }

    private IReadOnlyList<Feature> Interrupt(Timestamp at)
    {
        if (_open is not { } window)
            return [];
        _open = null;
        return [Refuse(window.Step, at, "It was interrupted before its end. Repeat it.")];
    }

    private IReadOnlyList<Feature> Attach(Timestamp at, Slug attachment)
    {
        var before = Interrupt(at);
        if (attachment == Attachment)
            return before;
        Attachment = attachment;
        if (Current is null)
            return before;
        Current = null;
        return [.. before, Refuse(CalibrationStep.Ended, at, "The clip was put on anew. Stand again.")];
    }

    private CalibrationResult Take(Timestamp at, PostureCalibration given)
    {
        var reason = given.Attachment != Attachment ? "It belongs to another wearing of the clip. Stand again."
            : at - given.Time > options.Expiry ? FormattableString.Invariant($"It is older than {options.Expiry.TotalHours:0.#} h. Stand again.")
            : at < given.Time ? "It lies in the future. Stand again."
            : Array.Exists([ElementRole.Lower, ElementRole.Upper], role => given.Of(role) is null == elements.Contains(role)) ? "It has other elements than the clip. Stand again."
            : null;
        return reason is null ? Accept(CalibrationStep.Given, at, given, "") : Refuse(CalibrationStep.Given, at, reason);
    }

    private IReadOnlyList<Feature> Stand(Window window)
    {
        var stands = new StandStill[elements.Length];
        for (var i = 0; i < stands.Length; i++)
        {
            if (window.Stands[i].Result(Name(elements[i]), out var trouble) is not { } stand)
                return [Refuse(CalibrationStep.Stand, window.End, trouble!)];
            stands[i] = stand;
        }
        var shift = Current is null ? null : ShiftSince(Current, stands);
        var axes = Current is { Method: CalibrationMethod.StandAndBends } && shift is null ? Current : null;
        var calibration = new PostureCalibration
        {
            Time = window.Start,
            Sensor = sensor,
            Attachment = Attachment,
            Method = axes?.Method ?? CalibrationMethod.Stand,
            Lower = ElementOf(ElementRole.Lower),
            Upper = ElementOf(ElementRole.Upper),
        };
        calibration = calibration with { LooksSwapped = axes?.LooksSwapped ?? LordosisOf(calibration) < options.SwappedLordosis };
        var result = Accept(CalibrationStep.Stand, window.End, calibration, shift is null ? "" : shift.Reason);
        return shift is null ? [result] : [result, shift.Cue(window.End, sensor)];

        ElementCalibration? ElementOf(ElementRole role)
        {
            if (elements.IndexOf(role) is not (>= 0 and var i))
                return null;
            var (up, before) = (stands[i].Up, axes?.Of(role));
            return Element(before?.Alignment ?? SegmentFrame.OfStand(up), stands[i]) with
            {
                AxisExplained = before?.AxisExplained,
                BendDepth = before?.BendDepth,
            };
        }
    }

    private CalibrationResult Bend(Window window)
    {
        var bends = new Bends[elements.Length];
        for (var i = 0; i < bends.Length; i++)
        {
            if (window.Bends[i].Result(Name(elements[i]), Current!.Of(elements[i])!.Up, out var trouble) is not { } found)
                return Refuse(CalibrationStep.Bends, window.End, trouble!);
            bends[i] = found;
        }
        var calibration = Current! with
        {
            Time = window.Start,
            Method = CalibrationMethod.StandAndBends,
            Lower = ElementOf(ElementRole.Lower),
            Upper = ElementOf(ElementRole.Upper),
        };
        var turnsMore = calibration is { Lower.BendDepth: { } lower, Upper.BendDepth: { } upper } && lower - upper > options.SwappedBend;
        calibration = calibration with { LooksSwapped = turnsMore || LordosisOf(calibration) < options.SwappedLordosis };
        return Accept(CalibrationStep.Bends, window.End, calibration, "");

        ElementCalibration? ElementOf(ElementRole role)
        {
            if (elements.IndexOf(role) is not (>= 0 and var i))
                return null;
            var before = Current!.Of(role)!;
            var stand = new StandStill(before.Up, before.Sway, before.Standing.StandardUncertainty);
            return Element(SegmentFrame.OfBends(before.Up, bends[i].Axis), stand) with { AxisExplained = bends[i].Explained, BendDepth = bends[i].Depth };
        }
    }

    private CalibrationResult Sit(Window window)
    {
        var sitting = new Measured[elements.Length];
        for (var i = 0; i < sitting.Length; i++)
        {
            if (window.Stands[i].Result(Name(elements[i]), out var trouble) is not { } still)
                return Refuse(CalibrationStep.Sitting, window.End, trouble!);
            sitting[i] = new Measured(SegmentFrame.Inclination(Current!.Of(elements[i])!.Alignment.Rotate(still.Up)), still.Uncertainty);
        }
        return Accept(CalibrationStep.Sitting, window.End, Current! with { Lower = ElementOf(ElementRole.Lower), Upper = ElementOf(ElementRole.Upper) }, "");

        ElementCalibration? ElementOf(ElementRole role) =>
            elements.IndexOf(role) is >= 0 and var i ? Current!.Of(role)! with { Sitting = sitting[i] } : null;
    }

    private ElementCalibration Element(Rotation alignment, StandStill stand) => new()
    {
        Alignment = alignment,
        Mounting = SegmentFrame.MountingOf(alignment, options.MountingTolerance),
        Up = stand.Up,
        Standing = new Measured(SegmentFrame.Inclination(alignment.Rotate(stand.Up)), stand.Uncertainty),
        Sway = stand.Sway,
    };

    /// <summary>How the elements lie against each other now, against the stand before; null = much as then.</summary>
    private ClipShift? ShiftSince(PostureCalibration before, StandStill[] now)
    {
        double inclination = 0, lean = 0;
        for (var i = 0; i < now.Length; i++)
        {
            var element = before.Of(elements[i])!;
            var (then, up) = (element.Alignment.Rotate(element.Up), element.Alignment.Rotate(now[i].Up));
            var sign = elements[i] == ElementRole.Upper ? -1 : 1;
            inclination += sign * (SegmentFrame.Inclination(up) - SegmentFrame.Inclination(then));
            lean += sign * (SegmentFrame.Lean(up) - SegmentFrame.Lean(then));
        }
        var limit = now.Length > 1 ? options.ShiftLordosis : options.ShiftInclination;
        return Math.Abs(inclination) >= limit ? new ClipShift(Math.Abs(inclination), limit)
            : Math.Abs(lean) >= options.ShiftSideways ? new ClipShift(Math.Abs(lean), options.ShiftSideways)
            : null;
    }

    private static double? LordosisOf(PostureCalibration calibration) =>
        calibration is { Lower: { } lower, Upper: { } upper } ? lower.Standing.Value - upper.Standing.Value : null;

    private CalibrationResult Accept(CalibrationStep step, Timestamp time, PostureCalibration calibration, string reason)
    {
        Current = calibration;
        var notes = new List<string>();
        if (reason.Length > 0)
            notes.Add(reason);
        foreach (var role in elements)
            if (Describe(calibration.Of(role)!.Mounting) is { } worn)
                notes.Add($"{Name(role)} is worn {worn}; that is taken into account.");
        if (calibration.LooksSwapped)
            notes.Add("Lower and upper element look swapped: check which one is on the sacrum.");
        return Result(step, time, accepted: true, string.Join(' ', notes));
    }

    private CalibrationResult Refuse(CalibrationStep step, Timestamp time, string reason) => Result(step, time, accepted: false, reason);

    private CalibrationResult Result(CalibrationStep step, Timestamp time, bool accepted, string reason) => new()
    {
        Time = time,
        Sensor = sensor,
        Step = step,
        Accepted = accepted,
        Reason = reason,
        Calibration = Current,
    };

    private string Name(ElementRole role) => elements.Length == 1 ? "The element" : role == ElementRole.Lower ? "The lower element" : "The upper element";

    private static string? Describe(Mounting mounting) => mounting switch
    {
        Mounting.UpsideDown => "upside down",
        Mounting.SidewaysLeft => "sideways, its upper end to the left",
        Mounting.SidewaysRight => "sideways, its upper end to the right",
        Mounting.BackToFront => "back to front",
        Mounting.Unclear => "askew",
        _ => null,
    };

    /// <summary>What a marker has opened and sample time will close.</summary>
    private sealed class Window(CalibrationStep step, Timestamp start, TimeSpan duration, int elements, AlignmentOptions options)
    {
        public CalibrationStep Step => step;

        public Timestamp Start => start;

        public Timestamp End => start + duration;

        public StandWindow[] Stands { get; } = step == CalibrationStep.Bends ? [] : [.. Enumerable.Range(0, elements).Select(_ => new StandWindow(start, duration, options))];

        public BendWindow[] Bends { get; } = step == CalibrationStep.Bends ? [.. Enumerable.Range(0, elements).Select(_ => new BendWindow(start, duration, options))] : [];

        public void Add(int element, in OrientationEstimate estimate)
        {
            if (step == CalibrationStep.Bends)
                Bends[element].Add(estimate);
            else
                Stands[element].Add(estimate);
        }
    }
}
