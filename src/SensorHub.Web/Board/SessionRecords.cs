using SensorHub.Core;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Storage;
using SensorHub.Storage.History;

namespace SensorHub.Web.Board;

/// <summary>One session of somebody, as it was stored.</summary>
/// <param name="End">When it ended.</param>
/// <param name="PainStart">First and last pain that was said in it, 0 to 10; null when none was.</param>
/// <param name="Sets">In their order.</param>
/// <param name="Cues">What was said by the program: each code, how often.</param>
/// <param name="Messages">What somebody said.</param>
internal sealed record SessionRecord(
    Slug Session, Timestamp End, TimeSpan Duration, double? PainStart, double? Pain, IReadOnlyList<RollingSet> Sets,
    IReadOnlyDictionary<string, int> Cues, IReadOnlyList<(Timestamp At, string Text, string By)> Messages)
{
    public Timestamp Begin => End - Duration;

    public TimeSpan Contact => Sets.Aggregate(TimeSpan.Zero, (sum, set) => sum + set.ContactTime);

    public TimeSpan InBand => Sets.Aggregate(TimeSpan.Zero, (sum, set) => sum + set.TimeInBand);

    public IEnumerable<(Muscle Muscle, Side Side)> Muscles => Sets.Select(s => (s.Muscle, s.Side)).Where(m => m.Muscle != Muscle.None).Distinct();

    public IReadOnlyList<SideComparison> Sides { get; } = SideComparison.OfRolling(Sets);
}

/// <summary>The sessions of somebody, from what is stored.</summary>
internal sealed class SessionRecords(SensorHubWebOptions options)
{
    /// <summary>Whether there is anything to ask.</summary>
    public bool IsThere => options.History is not null;

    /// <param name="from">Sessions that ended since.</param>
    /// <returns>The newest first.</returns>
    /// <exception cref="OutputException">The store cannot be asked; the message says why.</exception>
    public async Task<IReadOnlyList<SessionRecord>> OfAsync(Slug subject, Timestamp from, Timestamp to, CancellationToken cancellationToken)
    {
        if (options.History is not { } history)
            return [];
        var about = new Dictionary<string, string> { ["subject"] = subject.ToString() };
        var ended = await history.QueryAsync(
            new HistoryQuery("session", ["session", "duration_s", "pain_start_nrs", "pain_nrs"], from, to) { Tags = new Dictionary<string, string>(about) { ["event"] = EnumNames.Of(SessionEvent.Ended) } },
            cancellationToken).ConfigureAwait(false);
        var sets = await history.QueryAsync(new HistoryQuery("rolling_set", SetFields, from - Longest, to) { Tags = about }, cancellationToken).ConfigureAwait(false);
        var cues = await history.QueryAsync(new HistoryQuery("cue", ["session", "text", "said_by"], from - Longest, to) { Tags = about }, cancellationToken).ConfigureAwait(false);
        var setsOf = sets.SelectMany(series => series.Rows.Select(row => (Session: Text(row.Values[0]), Set: ToSet(series.Tags, row)))).ToLookup(s => s.Session, s => s.Set);
        var cuesOf = cues.SelectMany(series => series.Rows.Select(row => (Session: Text(row.Values[0]), Code: series.Tags.GetValueOrDefault("code", ""), Row: row))).ToLookup(c => c.Session);
        var message = EnumNames.Of(CueCode.Message);
        return
        [
            .. from series in ended
               from row in series.Rows
               let name = Text(row.Values[0])
               where Slug.TryParse(name, out _)
               group row by name into rows
               let last = rows.MaxBy(r => r.Time)
               orderby last.Time descending
               select new SessionRecord(
                   Slug.Parse(rows.Key), last.Time, TimeSpan.FromSeconds(Number(last.Values[1]) ?? 0), Number(last.Values[2]), Number(last.Values[3]),
                   [.. setsOf[rows.Key].OrderBy(s => s.Time)],
                   cuesOf[rows.Key].Where(c => c.Code != message).GroupBy(c => c.Code).ToDictionary(g => g.Key, g => g.Count()),
                   [.. cuesOf[rows.Key].Where(c => c.Code == message).OrderBy(c => c.Row.Time).Select(c => (c.Row.Time, Text(c.Row.Values[1]), Text(c.Row.Values[2])))]),
        ];
    }

    /// <summary>A session that ended in the range may have begun so long before it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    private static readonly string[] SetFields =
    [
        "session", "number", "contact_s", "in_band_s", "strokes", "tempo_s", "mean_force_n", "mean_force_u_n", "body_weight_pct", "body_weight_u_pct", "impulse_n_s", "impulse_u_n_s", "source", "quality",
    ];

    private static RollingSet ToSet(IReadOnlyDictionary<string, string> tags, HistoryRow row)
    {
        var v = row.Values;
        return new RollingSet
        {
            Time = row.Time,
            Start = row.Time - TimeSpan.FromSeconds(Number(v[2]) ?? 0),
            Sensor = Slug.TryParse(tags.GetValueOrDefault("sensor"), out var sensor) ? sensor : default,
            Muscle = EnumNames.TryParse<Muscle>(tags.GetValueOrDefault("muscle"), out var muscle) ? muscle : Muscle.None,
            Side = EnumNames.TryParse<Side>(tags.GetValueOrDefault("side"), out var side) ? side : Side.None,
            Number = (int)(Number(v[1]) ?? 0),
            ContactTime = TimeSpan.FromSeconds(Number(v[2]) ?? 0),
            TimeInBand = TimeSpan.FromSeconds(Number(v[3]) ?? 0),
            Strokes = (int)(Number(v[4]) ?? 0),
            Tempo = Number(v[5]),
            MeanForce = Measured(v[6], v[7]),
            BodyWeightPercent = Measured(v[8], v[9]),
            Impulse = Measured(v[10], v[11]),
            Source = EnumNames.TryParse<ForceSource>(Text(v[12]), out var source) ? source : ForceSource.None,
            Quality = EnumNames.TryParse<Quality>(Text(v[13]), out var quality) ? quality : Quality.NotObservable,
            Dwells = 0,
            LongestDwell = TimeSpan.Zero,
        };
    }

    private static Measured? Measured(FieldValue value, FieldValue uncertainty) => Number(value) is { } number ? new Measured(number, Number(uncertainty) ?? 0) : null;

    private static double? Number(FieldValue value) => value.HasValue ? value.AsDouble() : null;

    private static string Text(FieldValue value) => value.HasValue ? value.AsString() : "";
}
