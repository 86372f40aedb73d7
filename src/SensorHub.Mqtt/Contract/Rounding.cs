using SensorHub.Core.Units;

namespace SensorHub.Mqtt.Contract;

/// <summary>
/// Values are rounded once, here, where they leave the hub, to a digit well below what the sensors resolve; so page,
/// database and export show the same number. README.md lists the decimals.
/// </summary>
internal static class Rounding
{
    /// <summary>Angles, °.</summary>
    public static double Degrees(double value) => To(value, 3);

    /// <summary>Forces, N; pressures, kPa; shares, %; rates, Hz.</summary>
    public static double Hundredths(double value) => To(value, 2);

    /// <summary>s, ms, ppm and shares of lost samples.</summary>
    public static double Thousandths(double value) => To(value, 3);

    /// <summary>Ticks per second: what a second's worth of them needs to be right to a nanosecond.</summary>
    public static double Millionths(double value) => To(value, 6);

    /// <summary>Lengths, m; speeds, m/s.</summary>
    public static double Metres(double value) => To(value, 4);

    public static double Seconds(TimeSpan value) => To(value.TotalSeconds, 3);

    /// <summary>What is not a finite number is not a value.</summary>
    public static double? Value(Measured? measured, Func<double, double> round) =>
        measured is { } m && double.IsFinite(m.Value) ? round(m.Value) : null;

    /// <inheritdoc cref="Value"/>
    public static double? Uncertainty(Measured? measured, Func<double, double> round) =>
        measured is { } m && double.IsFinite(m.Value) && double.IsFinite(m.StandardUncertainty) ? round(m.StandardUncertainty) : null;

    public static double? Optional(double? value, Func<double, double> round) =>
        value is { } v && double.IsFinite(v) ? round(v) : null;

    // Adding zero turns −0 into 0, which JSON would show.
    private static double To(double value, int decimals) => Math.Round(value, decimals, MidpointRounding.ToEven) + 0.0;
}
