using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Rights.Places;

namespace SensorHub.Rights.Erasing;

/// <summary>
/// Erases a person, or some sessions of theirs, from every place, and proves it: each place is looked at anew, and what was looked at, what was left and what could not be
/// reached is kept without a word of whom. While nobody else uses the data folder. Cut off anywhere, the same again comes to its end.
/// </summary>
/// <param name="say">Takes one line for whoever erases; it may name the person.</param>
internal sealed class Erasure(SubjectPlaces places, TimeProvider time, Action<string> say)
{
    /// <returns>What is kept of it.</returns>
    /// <exception cref="UserException">The note of what is to be erased cannot be written: nothing was erased.</exception>
    public async Task<ErasureRecord> RunAsync(SubjectScope asked, CancellationToken cancellationToken)
    {
        var failed = new Dictionary<string, NotReached>();
        var note = await BeginAsync(asked, failed, cancellationToken);
        var scope = note.Scope;
        var traces = new Traces(scope);

        foreach (var place in places.All)
            await TryAsync(place, async () =>
            {
                var erased = await place.EraseAsync(scope, say, cancellationToken);
                note = note with { Erased = Sum(note.Erased, place.Kind, erased) };
                note.Keep(places.Data);
            });
        if (!note.IsLogged)
            await TryAsync(places.People, () =>
            {
                places.People.Log(note.Id, time.GetUtcNow());
                note = note with { IsLogged = true };
                note.Keep(places.Data);
                return Task.CompletedTask;
            });

        Dictionary<string, long> scanned = [], left = [];
        foreach (var place in places.All)
            await TryAsync(place, async () =>
            {
                var scan = await place.ScanAsync(scope, traces, cancellationToken);
                foreach (var (what, count) in scan.Looked.Where(l => l.Key.Length > 0))
                    scanned = Sum(scanned, what, count);
                if (scan.Left.Count > 0)
                    left = Sum(left, place.Kind, scan.Left.Count);
                foreach (var line in scan.Left)
                    say($"Still there: {line}.");
            });

        var record = new ErasureRecord
        {
            Id = note.Id,
            Time = time.GetUtcNow(),
            Program = $"SensorHub {Program.Version}",
            Scope = scope.IsWhole ? "person" : "sessions",
            Complete = left.Count == 0 && failed.Count == 0,
            Erased = note.Erased,
            Names = scope.Sessions.Count + (scope.IsWhole ? 1 : 0),
            ShortNames = traces.HasShort,
            Scanned = scanned,
            Left = left,
            NotReached = [.. failed.Values],
            Limits = places.Limits,
        };
        record.Keep(places.Data);
        if (record.Complete)
            note.Remove(places.Data);
        return record;

        async Task TryAsync(ISubjectPlace place, Func<Task> work)
        {
            try
            {
                await work();
            }
            catch (UserException e)
            {
                // Said once: a place that cannot be erased cannot be looked at either.
                if (failed.TryAdd($"{place.Kind} {place.Where}", new NotReached(place.Kind, traces.Without(e.Message))))
                    say($"Not reached: {e.Message.ReplaceLineEndings(" ")}");
            }
        }
    }

    /// <summary>Notes whom it is about and which sessions are theirs, before anything of that goes.</summary>
    private async Task<ErasureNote> BeginAsync(SubjectScope asked, Dictionary<string, NotReached> failed, CancellationToken cancellationToken)
    {
        var note = ErasureNote.Find(places.Data).FirstOrDefault(n => n.Subject == asked.Subject.ToString() && n.IsWhole == asked.IsWhole) ?? ErasureNote.Begin(asked, time.GetUtcNow());
        note = note.With(asked.Sessions);
        if (asked.IsWhole)
            foreach (var place in places.All)
            {
                try
                {
                    note = note.With((await place.FindAsync(note.Scope, cancellationToken)).Sessions.Select(s => new SessionSpan(s, default, default)));
                }
                catch (UserException e)
                {
                    var said = new Traces(note.Scope).Without(e.Message);
                    if (failed.TryAdd($"{place.Kind} {place.Where}", new NotReached(place.Kind, said)))
                        say($"Not reached: {e.Message.ReplaceLineEndings(" ")}");
                }
            }
        note = note.With(await places.Recordings.SpansAsync(note.Scope, cancellationToken));
        note.Keep(places.Data);
        return note;
    }

    private static Dictionary<string, long> Sum(IReadOnlyDictionary<string, long> all, string kind, long count) =>
        new(all) { [kind] = all.GetValueOrDefault(kind) + count };
}
