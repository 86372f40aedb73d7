using Microsoft.EntityFrameworkCore;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Bends;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Sessions.Programmes;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Storage;
using SensorHub.Storage.History;
using SensorHub.Web.People;

namespace SensorHub.Web.Progress;

/// <summary>Makes a <see cref="ProgressReport"/> of what is stored and what was set for a person.</summary>
internal sealed class ProgressReader(SensorHubWebOptions options, IDbContextFactory<PeopleContext> database, TimeProvider time)
{
    /// <summary>Weeks shown: twice as long as it takes before a lasting gain is to be expected.</summary>
    public static readonly int Weeks = 2 * new ProgrammeOptions().WeeksBeforeGain;

    private static readonly string[] SetFields =
        ["session", "number", "contact_s", "in_band_s", "strokes", "mean_force_n", "mean_force_u_n", "impulse_n_s", "impulse_u_n_s", "source", "quality"];

    private static readonly string[] BendFields = ["trunk_deg", "pelvis_deg", "pelvis_u_deg", "share_max", "share_max_u", "quality", "calibration"];
    private static readonly string[] StepFields = ["session", "run", "side"];
    private static readonly string[] LegFields = ["pelvic_inclination_deg", "pelvic_inclination_u_deg", "upper_inclination_deg", "upper_inclination_u_deg", "phase"];

    /// <summary>A bend that shows how far one can: a shallower one says as little as it does in a calibration.</summary>
    private static readonly double FullBend = new BendOptions().CalibrationDepth;

    public DateOnly Today => Day(Timestamp.FromDateTimeOffset(time.GetUtcNow()));

    /// <exception cref="OutputException">The store cannot be read.</exception>
    public async Task<ProgressReport> ReadAsync(Slug subject, CancellationToken cancellationToken)
    {
        var today = Today;
        var id = subject.ToString();
        Prescription? set = null, planned = null;
        List<ExerciseTick> ticks = [];
        if (!subject.IsNone)
        {
            using var people = await database.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            set = await NewestAsync(people, id, PrescriptionKind.Programme, cancellationToken).ConfigureAwait(false);
            planned = await NewestAsync(people, id, PrescriptionKind.Plan, cancellationToken).ConfigureAwait(false);
            ticks = await people.ExerciseTicks.Where(t => t.SubjectId == id).ToListAsync(cancellationToken).ConfigureAwait(false);
        }
        var plan = planned is null ? null : Try(() => PlanFile.Parse(planned.Json, "The plan"));
        var programme = set is null ? null : Try(() => ProgrammeFile.Parse(set.Json, "The programme"));
        var isSet = programme is not null;

        var oldest = today.AddDays(-7 * (Weeks + 1));
        var sets = await SetsAsync(subject, Midnight(oldest), cancellationToken).ConfigureAwait(false);
        programme ??= Programme.Default(plan?.Order is ReleaseOrder.B ? ReleaseOrder.B : ReleaseOrder.A);
        var start = isSet ? Day(Timestamp.FromDateTimeOffset(set!.At)) : sets.Select(s => Day(s.Time)).Append(today).Min();
        if (start > today)
            start = today;

        var tickDays = ticks.Select(t => t.Day).ToHashSet();
        var rollDays = sets.Select(s => Day(s.Time)).ToHashSet();
        var phases = programme.Phases.SelectMany(phase => Enumerable.Repeat(phase, phase.Weeks)).ToArray();
        // Where nothing is rolled, exercises are what is planned.
        var days = rollDays.Concat(tickDays.Where(day => PhaseAt(day) is { Plan: null })).Where(day => day <= today).Distinct().ToArray();

        var current = (today.DayNumber - start.DayNumber) / 7;
        var shown = Enumerable.Range(current - Weeks + 1, Weeks).ToArray();
        var (sides, sidesOn) = SidesOf(sets);
        return new ProgressReport(
            programme, isSet, start, ProgrammeProgress.Of(programme, start, days, today),
            [.. shown.Select(week => new ProgressWeek(First(week), days.Count(day => WeekOf(day) == week), week >= 0 && week < phases.Length ? phases[week].SessionsPerWeek : null))],
            Doses(),
            sides, sidesOn,
            [.. await BendTrendsAsync(subject, Midnight(oldest), cancellationToken).ConfigureAwait(false), .. await LegTrendsAsync(subject, Midnight(oldest), cancellationToken).ConfigureAwait(false)],
            ticks.Where(t => t.Day == today).Select(t => t.Exercise).ToHashSet());

        DateOnly First(int week) => start.AddDays(7 * week);
        int WeekOf(DateOnly day) => (int)Math.Floor((day.DayNumber - start.DayNumber) / 7.0);
        ProgrammePhase? PhaseAt(DateOnly day) => WeekOf(day) is var week && week >= 0 && week < phases.Length ? phases[week] : null;

        List<MuscleDose> Doses()
        {
            // A plan of one's own holds from the day it was set; before that, and without one, the programme's.
            RollingPlan? PlanOf(int week) => week < 0 || week >= phases.Length ? null
                : plan is not null && First(week).AddDays(6) >= Day(Timestamp.FromDateTimeOffset(planned!.At)) ? plan : phases[week].Plan;
            var items = shown.Select(PlanOf).OfType<RollingPlan>().Distinct().SelectMany(p => p.Items).Select(item => (item.Muscle, item.Side));
            return
            [
                .. items.Concat(sets.Select(s => (s.Muscle, s.Side))).Distinct().OrderBy(key => key.Muscle == Muscle.None).ThenBy(key => key.Muscle).ThenBy(key => key.Side)
                    .Select(key => new MuscleDose(key.Muscle, key.Side,
                        [.. shown.Select(week => Sum(key, week, s => s.ContactTime))], [.. shown.Select(week => Sum(key, week, s => s.TimeInBand))],
                        [.. shown.Select(week => PlanOf(week)?.Find(key.Muscle, key.Side) is { } item ? phases[week].SessionsPerWeek * item.Sets * item.SetDuration : (TimeSpan?)null)]))
                    .Where(dose => dose.Planned.Any(p => p is not null) || dose.Done.Any(d => d > TimeSpan.Zero)),
            ];

            TimeSpan Sum((Muscle, Side) key, int week, Func<RollingSet, TimeSpan> of) =>
                sets.Where(s => (s.Muscle, s.Side) == key && WeekOf(Day(s.Time)) == week).Aggregate(TimeSpan.Zero, (sum, s) => sum + of(s));
        }
    }

    private static async Task<Prescription?> NewestAsync(PeopleContext people, string subject, PrescriptionKind kind, CancellationToken cancellationToken) =>
        await people.Prescriptions.Where(p => p.SubjectId == subject && p.Kind == kind).OrderByDescending(p => p.At).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>What another version wrote and this one cannot read is as good as none.</summary>
    private static T? Try<T>(Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (UserException)
        {
            return null;
        }
    }

    /// <summary>Of the last session in which both sides of a muscle were rolled on load cells.</summary>
    private (IReadOnlyList<SideComparison> Sides, DateOnly? On) SidesOf(IReadOnlyList<RollingSet> sets)
    {
        foreach (var session in sets.GroupBy(s => (s.Session, Day(s.Time))).Reverse())
            if (SideComparison.OfRolling(session) is { Count: > 0 } sides)
                return (sides, session.Key.Item2);
        return ([], null);
    }

    private async Task<IReadOnlyList<RollingSet>> SetsAsync(Slug subject, Timestamp from, CancellationToken cancellationToken)
    {
        var sets = new List<RollingSet>();
        foreach (var series in await QueryAsync("rolling_set", SetFields, subject, from, null, [], cancellationToken).ConfigureAwait(false))
        {
            if (!EnumNames.TryParse<Muscle>(series.Tags.GetValueOrDefault("muscle"), out var muscle) || !EnumNames.TryParse<Side>(series.Tags.GetValueOrDefault("side"), out var side)
                || !Slug.TryParse(series.Tags.GetValueOrDefault("sensor") ?? "", out var sensor))
                continue;
            foreach (var row in series.Rows)
            {
                var v = row.Values;
                if (Number(v[2]) is not { } contact)
                    continue;
                sets.Add(new RollingSet
                {
                    Time = row.Time, Subject = subject, Session = Slug.TryParse(Text(v[0]) ?? "", out var session) ? session : default, Sensor = sensor, Muscle = muscle, Side = side,
                    Number = (int)(Number(v[1]) ?? 0), Start = row.Time, ContactTime = TimeSpan.FromSeconds(contact), TimeInBand = TimeSpan.FromSeconds(Number(v[3]) ?? 0),
                    Strokes = (int)(Number(v[4]) ?? 0), MeanForce = Measured(v[5], v[6]), Impulse = Measured(v[7], v[8]), Dwells = 0, LongestDwell = TimeSpan.Zero,
                    Source = EnumNames.TryParse<ForceSource>(Text(v[9]), out var source) ? source : ForceSource.None,
                    Quality = EnumNames.TryParse<Quality>(Text(v[10]), out var quality) ? quality : Quality.NotObservable,
                });
            }
        }
        sets.Sort((a, b) => a.Time.CompareTo(b.Time));
        return sets;
    }

    /// <summary>Mean of a day's full bends: how far the pelvis turned, and the lumbar share.</summary>
    private async Task<IEnumerable<Trend>> BendTrendsAsync(Slug subject, Timestamp from, CancellationToken cancellationToken)
    {
        var series = await QueryAsync("bend", BendFields, subject, from, null, [], cancellationToken).ConfigureAwait(false);
        var bends = series.SelectMany(s => s.Rows).Where(r => Text(r.Values[5]) == EnumNames.Of(Quality.Good) && Number(r.Values[0]) >= FullBend).OrderBy(r => r.Time).ToList();
        var days = bends.GroupBy(row => Day(row.Time)).ToList();
        return
        [
            TrendOf(Measure.PelvicRotation, Side.None, [.. days.Select(day => Mean(Measure.PelvicRotation, day, row => Measured(row.Values[1], row.Values[2]))).OfType<MeasureValue>()]),
            TrendOf(Measure.LumbarShare, Side.None, [.. days.Select(day => Mean(Measure.LumbarShare, day, row => Measured(row.Values[3], row.Values[4]) is { } share
                ? new Measured(100 * share.Value, 100 * share.StandardUncertainty) : null)).OfType<MeasureValue>()]),
        ];
    }

    /// <summary>What repetitions have in common, and what they scatter by.</summary>
    private static MeasureValue? Mean(Measure measure, IEnumerable<HistoryRow> day, Func<HistoryRow, Measured?> of)
    {
        var rows = day.Where(row => of(row) is not null).ToList();
        if (rows.Count == 0)
            return null;
        var values = rows.Select(row => of(row)!.Value).ToList();
        var mean = values.Average(v => v.Value);
        var scatter = values.Count < 2 ? 0 : Math.Sqrt(values.Sum(v => (v.Value - mean) * (v.Value - mean)) / (values.Count - 1) / values.Count);
        var value = new Measured(mean, double.Hypot(values.Average(v => v.StandardUncertainty), scatter));
        return new MeasureValue
        {
            Measure = measure, Value = value, ToCompare = value, Repetitions = values.Count, Method = "mean-of-bends", Quality = Quality.Good, At = rows[^1].Time,
            Calibration = Text(rows[^1].Values[6]),
        };
    }

    /// <summary>Raised legs, measured in the stored posture of the protocol's steps as in a recording.</summary>
    private async Task<IEnumerable<Trend>> LegTrendsAsync(Slug subject, Timestamp from, CancellationToken cancellationToken)
    {
        var values = new List<MeasureValue>();
        var tags = new Dictionary<string, string> { ["step"] = EnumNames.Of(ProtocolStep.StraightLegRaise) };
        var steps = (await QueryAsync("protocol", StepFields, subject, from, null, tags, cancellationToken).ConfigureAwait(false)).SelectMany(s => s.Rows)
            .Where(r => Text(r.Values[1]) == EnumNames.Of(ProtocolRun.Before) && SideOf(r) != Side.None)
            .GroupBy(r => (Session: Text(r.Values[0]), Day: Day(r.Time), Side: SideOf(r)));
        foreach (var step in steps)
        {
            var side = step.Key.Side;
            var (begin, end) = (step.Min(r => r.Time), step.Max(r => r.Time));
            var protocol = new RecordedProtocol();
            protocol.Mark(begin, new Marker.StepBegan(ProtocolRun.Before, ProtocolStep.StraightLegRaise, side));
            foreach (var series in await QueryAsync("posture", LegFields, subject, begin, end + TimeSpan.FromSeconds(1), [], cancellationToken).ConfigureAwait(false))
                if (Slug.TryParse(series.Tags.GetValueOrDefault("sensor") ?? "", out var sensor))
                    foreach (var row in series.Rows)
                        protocol.Update(new PostureEstimate
                        {
                            Time = row.Time, Sensor = sensor, PelvicInclination = Measured(row.Values[0], row.Values[1]), UpperInclination = Measured(row.Values[2], row.Values[3]),
                            Phase = EnumNames.TryParse<Phase>(Text(row.Values[4]), out var phase) ? phase : Phase.Unknown, Method = "", Quality = Quality.Good,
                        });
            values.AddRange(protocol.Measure().Values.SelectMany(v => v).Where(v => v.Measure == Measure.StraightLegRaise));
        }
        return ((Side[])[Side.Left, Side.Right]).Select(side => TrendOf(Measure.StraightLegRaise, side, [.. values.Where(v => v.Side == side).OrderBy(v => v.At)]));

        static Side SideOf(HistoryRow row) => EnumNames.TryParse<Side>(Text(row.Values[2]), out var side) ? side : Side.None;
    }

    private static Trend TrendOf(Measure measure, Side side, IReadOnlyList<MeasureValue> values)
    {
        var between = DetectableChanges.Published.Find(measure, Comparison.NewAttachment);
        var change = values.Count < 2 ? null : SessionOutcome.Compare([values[0]], [values[^1]]).First(c => (c.Measure, c.Side) == (measure, side));
        return new Trend(measure, side, values, between ?? DetectableChanges.Published.Find(measure, Comparison.SameAttachment), between is null, change);
    }

    private async Task<IReadOnlyList<HistorySeries>> QueryAsync(
        string measurement, string[] fields, Slug subject, Timestamp from, Timestamp? to, Dictionary<string, string> tags, CancellationToken cancellationToken)
    {
        if (options.History is not { } history || subject.IsNone)
            return [];
        return await history.QueryAsync(
            new HistoryQuery(measurement, fields, from, to ?? Timestamp.FromDateTimeOffset(time.GetUtcNow()) + TimeSpan.FromMinutes(1))
            {
                Tags = new Dictionary<string, string>(tags) { ["subject"] = subject.ToString() },
            },
            cancellationToken).ConfigureAwait(false);
    }

    private DateOnly Day(Timestamp at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at.ToDateTimeOffset(), time.LocalTimeZone).DateTime);

    private Timestamp Midnight(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        return Timestamp.FromDateTimeOffset(new DateTimeOffset(local, time.LocalTimeZone.GetUtcOffset(local)));
    }

    private static double? Number(FieldValue value) => value.HasValue ? value.AsDouble() : null;

    private static string? Text(FieldValue value) => value.HasValue ? value.AsString() : null;

    private static Measured? Measured(FieldValue value, FieldValue uncertainty) => value.HasValue ? new Measured(value.AsDouble(), Number(uncertainty) ?? 0) : null;
}
