namespace SensorHub.Core.Units;

/// <summary>A plane angle, kept in radians. Not wrapped: 370° and 10° differ. <c>default</c> is zero.</summary>
public readonly record struct Angle : IComparable<Angle>
{
    public static readonly Angle Zero;

    private Angle(double radians) => Radians = radians;

    public double Radians { get; }

    public double Degrees => Radians * (180 / Math.PI);

    public static Angle FromRadians(double radians) => new(radians);

    public static Angle FromDegrees(double degrees) => new(degrees * (Math.PI / 180));

    /// <summary>The same direction in (−180°, 180°].</summary>
    public Angle Wrapped()
    {
        var wrapped = Math.IEEERemainder(Radians, 2 * Math.PI);
        return new Angle(wrapped <= -Math.PI ? wrapped + 2 * Math.PI : wrapped);
    }

    public static Angle operator +(Angle a, Angle b) => new(a.Radians + b.Radians);

    public static Angle operator -(Angle a, Angle b) => new(a.Radians - b.Radians);

    public static Angle operator -(Angle a) => new(-a.Radians);

    public static Angle operator *(double factor, Angle a) => new(factor * a.Radians);

    public static bool operator <(Angle a, Angle b) => a.Radians < b.Radians;

    public static bool operator >(Angle a, Angle b) => a.Radians > b.Radians;

    public static bool operator <=(Angle a, Angle b) => a.Radians <= b.Radians;

    public static bool operator >=(Angle a, Angle b) => a.Radians >= b.Radians;

    public int CompareTo(Angle other) => Radians.CompareTo(other.Radians);

    public override string ToString() => FormattableString.Invariant($"{Degrees:0.###}°");
}
