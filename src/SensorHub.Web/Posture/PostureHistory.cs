using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Reminders;
using SensorHub.Core.Timing;
using SensorHub.Storage;
using SensorHub.Storage.History;

namespace SensorHub.Web.Posture;

/// <summary>Days and calibrations out of what was stored.</summary>
internal sealed class PostureHistory(SensorHubWebOptions options, TimeProvider time)
{
    private static readonly ReminderOptions Reminders = new();

    /// <summary>From the finest: old days are kept by the minute only.</summary>
    private static readonly TimeSpan[] Steps = [TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)];

    private static readonly string[] MinuteFields = ["reminders", "corrections", "time_to_correct_s", "sitting_without_break_s", "breaks"];
    private static readonly string[] CalibrationFields = ["accepted", "calibration", "method"];

    /// <summary>The day that it is for the person, as far as this computer knows.</summary>
    public DateOnly Today => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time.GetUtcNow(), time.LocalTimeZone).DateTime);

    public string Clock(Timestamp at) => TimeZoneInfo.ConvertTime(at.ToDateTimeOffset(), time.LocalTimeZone).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);

    /// <returns>A day without bouts when nothing is stored of it.</returns>
    /// <exception cref="OutputException">The store cannot be read.</exception>
    public async Task<PostureDay> DayAsync(Slug subject, DateOnly date, CancellationToken cancellationToken)
    {
        var (begin, end) = (Midnight(date), Midnight(date.AddDays(1)));
        IReadOnlyList<Bout> bouts = [];
        PostureMinutes? minutes = null;
        if (options.History is { } history && !subject.IsNone)
        {
            var tags = new Dictionary<string, string> { ["subject"] = subject.ToString() };
            foreach (var step in Steps)
            {
                if (bouts.Count > 0)
                    break;
                var series = await history.QueryAsync(
                    new HistoryQuery("posture", ["phase"], begin, end) { Tags = tags, Window = new Window(step, Aggregate.Last) }, cancellationToken).ConfigureAwait(false);
                bouts = Bouts(series, step);
            }
            var totals = await history.QueryAsync(new HistoryQuery("posture_totals", MinuteFields, begin, end) { Tags = tags }, cancellationToken).ConfigureAwait(false);
            minutes = Minutes([.. totals.SelectMany(s => s.Rows)]);
        }
        return new PostureDay(date, begin, end, bouts, minutes);
    }

    /// <summary>The last accepted calibration of a clip of theirs that may still hold; null for none.</summary>
    /// <exception cref="OutputException">The store cannot be read.</exception>
    public async Task<(string Id, Timestamp At, string Method)?> CalibrationAsync(Slug subject, CancellationToken cancellationToken)
    {
        if (options.History is not { } history || subject.IsNone)
            return null;
        var now = Timestamp.FromDateTimeOffset(time.GetUtcNow());
        var series = await history.QueryAsync(
            new HistoryQuery("calibration", CalibrationFields, now - TimeSpan.FromDays(1), now + TimeSpan.FromMinutes(1)) { Tags = new Dictionary<string, string> { ["subject"] = subject.ToString() } },
            cancellationToken).ConfigureAwait(false);
        var last = series.SelectMany(s => s.Rows).Where(r => r.Values[0] is { HasValue: true } accepted && accepted.AsBoolean() && r.Values[1].HasValue)
            .OrderBy(r => r.Time).LastOrDefault();
        return last.Values is null ? null : (last.Values[1].AsString(), last.Time, last.Values[2].HasValue ? last.Values[2].AsString() : "");
    }

    /// <summary>
    /// Stretches of one phase. What comes between for no longer than it takes to leave a bout of slouching ends none, whether it was something else or not seen.
    /// </summary>
    internal static IReadOnlyList<Bout> Bouts(IReadOnlyList<HistorySeries> series, TimeSpan step)
    {
        var seen = new SortedDictionary<Timestamp, Phase>();
        foreach (var row in series.SelectMany(s => s.Rows))
            // Of two clips, or two methods, at one time: what knows more.
            if (EnumNames.TryParse<Phase>(row.Values[0].AsString(), out var phase) && (phase != Phase.Unknown || !seen.ContainsKey(row.Time)))
                seen[row.Time] = phase;
        var bouts = new List<Bout>();
        var open = new Dictionary<Phase, int>();
        foreach (var (at, phase) in seen)
        {
            if (open.TryGetValue(phase, out var index) && at - bouts[index].To <= Reminders.Leave)
            {
                bouts[index] = bouts[index] with { To = at + step, Duration = bouts[index].Duration + step };
                continue;
            }
            open[phase] = bouts.Count;
            bouts.Add(new Bout(phase, at, at + step, step));
        }
        return bouts;
    }

    private static PostureMinutes? Minutes(IReadOnlyList<HistoryRow> rows)
    {
        if (rows.Count == 0)
            return null;
        var corrections = (int)Sum(1);
        return new PostureMinutes(
            (int)Sum(0), corrections, corrections == 0 ? null : TimeSpan.FromSeconds(Sum(2) / corrections),
            TimeSpan.FromSeconds(rows.Max(r => Number(r, 3))), (int)Sum(4));

        double Sum(int field) => rows.Sum(r => Number(r, field));
        static double Number(HistoryRow row, int field) => row.Values[field].HasValue ? row.Values[field].AsDouble() : 0;
    }

    private Timestamp Midnight(DateOnly date)
    {
        var local = date.ToDateTime(TimeOnly.MinValue);
        var zone = time.LocalTimeZone;
        if (zone.IsInvalidTime(local))
            local = local.AddHours(1); // clocks that go forward at midnight
        return Timestamp.FromDateTimeOffset(new DateTimeOffset(local, zone.GetUtcOffset(local)));
    }
}
