using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Studies;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Sessions;

/// <summary>
/// Follows the session by its markers: gives each feature its session and subject, and says how the session goes in
/// <see cref="SessionState"/>.
/// </summary>
internal sealed class SessionTracker
{
    private Session? _current;
    private Session? _before;

    /// <summary>Takes what a record gave; gives the same, within its session, and the session's own states.</summary>
    /// <param name="at">Time of the record.</param>
    /// <param name="marker">Null when it is of another kind.</param>
    /// <param name="features">What became certain by it.</param>
    public IReadOnlyList<Feature> Update(Timestamp at, Marker? marker, IReadOnlyList<Feature> features)
    {
        var output = new List<Feature>();
        if (marker is Marker.SessionBegan begin)
        {
            End(at, output);
            _current = new Session(begin.Session, begin.Subject, at);
            output.Add(_current.State(SessionEvent.Began, at));
        }
        output.AddRange(Attach(features));
        if (marker is Marker.MuscleChosen chosen && _current is not null)
            (_current.Muscle, _current.Side) = (chosen.Muscle, chosen.Side);
        if (marker is Marker.PainReported pain && _current is not null)
            (_current.Pain, _current.PainAtStart) = (pain.Level, _current.PainAtStart ?? pain.Level);
        if (marker is not null)
            _current?.TakeOfStudy(at, marker, output);
        if (marker is Marker.Said said && (said.Subject.IsNone || said.Subject == _current?.Subject))
        {
            output.Add(new Cue
            {
                Time = at, Session = _current?.Name ?? default, Subject = _current?.Subject ?? default,
                Sensor = default, Code = CueCode.Message, Level = said.Level, Text = said.Text, SaidBy = said.From,
            });
        }
        if (_current?.NextSecond(at) is { } second)
            output.Add(_current.State(SessionEvent.Running, second));
        if (marker is Marker.SessionEnded ended && ended.Session == _current?.Name)
            End(at, output);
        return output;
    }

    /// <summary>Gives each feature its session, and what it says about the session.</summary>
    public IReadOnlyList<Feature> Attach(IReadOnlyList<Feature> features)
    {
        var output = new List<Feature>(features.Count);
        foreach (var feature in features)
        {
            var session = At(feature.Time);
            output.Add(session is null ? feature : feature with { Session = session.Name, Subject = session.Subject });
            if (session?.Follow(feature) == true && session == _current)
                output.Add(session.State(SessionEvent.PhaseChanged, feature.Time));
        }
        return output;
    }

    /// <summary>The session of an event time; what comes late still belongs to the session in which it happened.</summary>
    private Session? At(Timestamp time) =>
        time >= _current?.Began ? _current : time >= _before?.Began && time <= _before.Ended ? _before : null;

    private void End(Timestamp at, List<Feature> output)
    {
        if (_current is null)
            return;
        output.Add(_current.State(SessionEvent.Ended, at));
        _current.Ended = at;
        (_before, _current) = (_current, null);
    }

    private sealed class Session(Slug name, Slug subject, Timestamp began)
    {
        /// <summary>A roller alone: how long after the last contact it still counts as rolling.</summary>
        private static readonly TimeSpan Hold = TimeSpan.FromSeconds(2);

        private readonly RecordedStudy _study = new();
        private Phase _phase;
        private bool _hasPosture;
        private Timestamp? _contact;
        private long _seconds;

        public Slug Name => name;

        public Slug Subject => subject;

        public Timestamp Began => began;

        public Timestamp? Ended { get; set; }

        /// <summary>Tasks and events of a study are states of the session.</summary>
        public void TakeOfStudy(Timestamp at, Marker marker, List<Feature> output)
        {
            var before = _study.Current;
            if (before is not null && (marker is Marker.TaskBegan || marker is Marker.TaskEnded task && task.Task == before.Task || marker is Marker.SessionEnded session && session.Session == name))
                output.Add(State(SessionEvent.TaskEnded, at));
            _study.Take(at, marker);
            switch (marker)
            {
                case Marker.StudyJoined:
                    output.Add(State(SessionEvent.StudyJoined, at));
                    break;
                case Marker.TaskBegan:
                    output.Add(State(SessionEvent.TaskBegan, at));
                    break;
                case Marker.EventMarked marked:
                    output.Add(State(SessionEvent.Marked, at) with { Label = marked.Label, Value = marked.Value });
                    break;
                default:
                    break;
            }
        }

        public Muscle Muscle { get; set; }

        public Side Side { get; set; }

        public double? Pain { get; set; }

        public double? PainAtStart { get; set; }

        /// <summary>True when the feature changes the phase. The clip says it; without one, the roller.</summary>
        public bool Follow(Feature feature)
        {
            var phase = _phase;
            switch (feature)
            {
                case PostureEstimate posture:
                    _hasPosture = true;
                    phase = posture.Phase;
                    break;
                case RollingEstimate rolling when !_hasPosture:
                    if (rolling.InContact)
                        _contact = rolling.Time;
                    phase = rolling.Time - _contact < Hold ? Phase.Rolling : Phase.Unknown;
                    break;
                default:
                    break;
            }
            var changes = phase != _phase;
            _phase = phase;
            return changes;
        }

        /// <summary>The newest whole second of the session, when it has not been said.</summary>
        public Timestamp? NextSecond(Timestamp now)
        {
            var seconds = (now - began).Ticks / TimeSpan.TicksPerSecond;
            if (seconds <= _seconds)
                return null;
            _seconds = seconds;
            return began + TimeSpan.FromSeconds(seconds);
        }

        public SessionState State(SessionEvent what, Timestamp at) => new()
        {
            Time = at,
            Session = name,
            Subject = subject,
            Event = what,
            Duration = at - began,
            Phase = _phase,
            Muscle = Muscle,
            Side = Side,
            Pain = Pain,
            PainAtStart = PainAtStart,
            Study = _study.Joined?.Study ?? default,
            Visit = _study.Joined?.Visit ?? default,
            Task = _study.Current?.Task ?? default,
            Run = _study.Current?.Run,
        };
    }
}
