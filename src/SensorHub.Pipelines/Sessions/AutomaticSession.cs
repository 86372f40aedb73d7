using System.Globalization;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Sessions;

/// <summary>
/// Begins a session with the first frame that a sensor sends, and ends it when none has come for <see cref="Idle"/>, so that nothing is
/// unrecorded because nobody said "begin". Who says begin or end is obeyed: after a spoken end, sensors that go on
/// streaming begin nothing; the next one that starts does.
/// </summary>
/// <param name="subject">Of the sessions that it begins.</param>
/// <param name="bodyMassKg">kg, when known.</param>
public sealed class AutomaticSession(Slug subject, double? bodyMassKg)
{
    private Mass? _mass = bodyMassKg is { } mass ? new Mass(mass) : null; // a reference, so that it is read whole

    /// <summary>Longer than a break between two sets or a walk to the phone with the roller left behind.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);

    /// <summary>A clip that is worn day and night gets a session, and a recording, of its own twice a day.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    private (Slug Name, Timestamp Began)? _open;
    private Timestamp _lastFrame;
    private bool _ended; // by a person

    /// <summary>Of sessions that begin from now on; kg, null = unknown. From any thread.</summary>
    public double? BodyMassKg
    {
        get => Volatile.Read(ref _mass)?.Value;
        set => Volatile.Write(ref _mass, value is { } kilograms ? new Mass(kilograms) : null);
    }

    /// <summary>Takes the next record; gives what has to be recorded before it, in order.</summary>
    public IEnumerable<SensorRecord> Before(SensorRecord record)
    {
        switch (record)
        {
            case SensorRecord.Marked { Marker: Marker.SessionBegan began }:
                (_open, _ended) = ((began.Session, record.At), false);
                _lastFrame = record.At;
                break;
            case SensorRecord.Marked { Marker: Marker.SessionEnded ended } when ended.Session == _open?.Name:
                (_open, _ended) = (null, true);
                break;
            case SensorRecord.Link { State: LinkState.Starting }:
                _ended = false;
                break;
            case SensorRecord.Frame when !_ended:
                if (EndAt(record.At) is { } end)
                    yield return end;
                _lastFrame = record.At;
                if (_open is null)
                {
                    _open = (Name(record.At), record.At);
                    yield return new SensorRecord.Marked(record.At, new Marker.SessionBegan(_open.Value.Name, subject, BodyMassKg));
                }
                break;
            default:
                break;
        }
    }

    /// <summary>The end of the session, when it is over by this time; null otherwise.</summary>
    public SensorRecord? EndAt(Timestamp now)
    {
        if (_open is not { } open || (now - _lastFrame < Idle && now - open.Began < Longest))
            return null;
        _open = null;
        return new SensorRecord.Marked(now, new Marker.SessionEnded(open.Name));
    }

    private static Slug Name(Timestamp at) => Slug.Parse(at.ToDateTimeOffset().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture));

    private sealed record Mass(double Value);
}
