using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Recordings;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Rolling;

/// <summary>What a recording of a roller is about.</summary>
/// <param name="Roller">Its body. Without load columns in the recording the arrangement has to be <see cref="LoadArrangement.None"/>.</param>
/// <param name="Radius">Measured with a tape; null = by the body.</param>
/// <param name="BodyMassKg">Null when not known.</param>
public sealed record RolledMuscle(RollerGeometry Roller, RadiusCalibration? Radius, Muscle Muscle, Side Side, double? BodyMassKg);

/// <summary>
/// Rolling from a recording: the same <see cref="RollingEstimator"/> as live, over rows with an IMU and up to eight load channels
/// <c>load1_n</c> … <c>load8_n</c>, or one <c>force_n</c>. Rows whose load cells are empty have a sample of the IMU alone.
/// </summary>
public sealed class RecordedRolling
{
    private static readonly Slug Roller = Slug.Parse("roller");
    private static readonly Slug Session = Slug.Parse("recording");

    private RecordedRolling(IReadOnlyList<Feature> features) => Features = features;

    /// <summary>In the order in which they became certain. <see cref="Feature.Time"/> is the recording's t_s after 1970-01-01.</summary>
    public IReadOnlyList<Feature> Features { get; }

    /// <summary>Names of the columns with load that a recording may have.</summary>
    public static IReadOnlyList<string> LoadColumns { get; } = [.. Enumerable.Range(1, 8).Select(cell => FormattableString.Invariant($"load{cell}_n")), "force_n"];

    /// <param name="csv">Read with <see cref="LoadColumns"/>.</param>
    /// <param name="imu">Of the roller's core.</param>
    /// <param name="rolled">What it is about.</param>
    /// <param name="options">Null = defaults.</param>
    /// <exception cref="UserException">The load columns do not fit together.</exception>
    public static RecordedRolling Of(ImuCsv csv, ImuRecording imu, RolledMuscle rolled, RollingOptions? options = null)
    {
        Check(csv, rolled.Roller.Arrangement);
        var estimator = new RollingEstimator(Roller, rolled.Roller, options, rolled.Radius);
        var features = new List<Feature>();
        var begin = At(csv.Seconds[0]);
        estimator.Mark(begin, new Marker.SessionBegan(Session, Session, rolled.BodyMassKg));
        estimator.Mark(begin, new Marker.MuscleChosen(rolled.Muscle, rolled.Side));
        for (var row = 0; row < csv.Seconds.Count; row++)
        {
            var time = At(csv.Seconds[row]);
            features.AddRange(estimator.Update(new ImuPacket(Roller, ElementRole.Core, [new ImuSample(time, imu.SpecificForce[row], imu.AngularRate[row])], 0)));
            if (Load(csv, row) is { } cells)
                features.AddRange(estimator.Update(new LoadPacket(Roller, [new LoadSample(time, cells)], 0)));
        }
        features.AddRange(estimator.Mark(At(csv.Seconds[^1]), new Marker.SessionEnded(Session)));
        return new RecordedRolling(features);
    }

    /// <summary>Null where this row has no load.</summary>
    private static double[]? Load(ImuCsv csv, int row)
    {
        if (csv.Others.Count == 0 || double.IsNaN(csv.Others[0].Values[row]) && csv.Others.All(column => double.IsNaN(column.Values[row])))
            return null;
        var cells = csv.Others.Select(column => column.Values[row]).ToArray();
        if (Array.FindIndex(cells, double.IsNaN) is >= 0 and var empty)
            throw new UserException($"{csv.Place(row, csv.Others[empty].Name)}: it is empty, and other load columns are not. Leave all of a row empty, or none.");
        return cells;
    }

    private static void Check(ImuCsv csv, LoadArrangement arrangement)
    {
        var file = Path.GetFileName(csv.Path);
        var names = csv.Others.Select(column => column.Name).ToArray();
        if (names.Length == 0 != (arrangement == LoadArrangement.None))
            throw new UserException(names.Length == 0
                ? $"{file} has no load columns (load1_n … load8_n, or force_n), and an arrangement of load cells is asked for."
                : $"{file} has load columns ({string.Join(", ", names)}): say how the cells are arranged.");
        if (names.Length > 1 && names.Contains("force_n"))
            throw new UserException($"{file} has force_n and {names[0]}: keep one, the whole force or its channels.");
        for (var cell = 0; cell < names.Length; cell++)
            if (names[cell] != LoadColumns[cell] && names[cell] != "force_n")
                throw new UserException($"{file} has a column {names[cell]} and no {LoadColumns[cell]}: number the load channels from 1 without a hole.");
        if (arrangement == LoadArrangement.StrainPairs && names.Length % 2 != 0)
            throw new UserException($"{file} has {names.Length} load columns; strain gauges come in pairs.");
    }

    private static Timestamp At(double seconds) => new((long)Math.Round(seconds * 1e9));
}
