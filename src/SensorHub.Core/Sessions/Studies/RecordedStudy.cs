using SensorHub.Core.Timing;

namespace SensorHub.Core.Sessions.Studies;

/// <summary>What the markers of a session say of a study: which one, who, and which tasks were done when. Takes markers in the order of their times.</summary>
public sealed class RecordedStudy
{
    private readonly List<RecordedTask> _tasks = [];

    /// <summary>Null: the session is of no study.</summary>
    public Marker.StudyJoined? Joined { get; private set; }

    /// <summary>In their order. One that was not ended ends with the next one or with the session.</summary>
    public IReadOnlyList<RecordedTask> Tasks => _tasks;

    /// <summary>The task that is being done; null = none.</summary>
    public RecordedTask? Current => _tasks is [.., { To: null } last] ? last : null;

    public void Take(Timestamp at, Marker marker)
    {
        switch (marker)
        {
            case Marker.SessionBegan:
                Joined = null;
                _tasks.Clear();
                break;
            case Marker.StudyJoined joined:
                Joined = joined;
                break;
            case Marker.TaskBegan task:
                End(at);
                _tasks.Add(new RecordedTask(task.Task, task.Run, at, null));
                break;
            case Marker.TaskEnded ended when Current?.Task == ended.Task:
            case Marker.SessionEnded:
                End(at);
                break;
            default:
                break;
        }
    }

    private void End(Timestamp at)
    {
        if (Current is { } current)
            _tasks[^1] = current with { To = at };
    }
}

/// <param name="Run">Which time it is done in this session, from 1.</param>
/// <param name="To">Null: it is not over.</param>
public sealed record RecordedTask(Slug Task, int Run, Timestamp From, Timestamp? To);
