namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>
/// A scalar of time with its first and second derivative. Kinematics written in jets give position, velocity and
/// acceleration that agree exactly, with no differencing.
/// </summary>
/// <param name="Value">x.</param>
/// <param name="Rate">dx/dt, per second.</param>
/// <param name="Acceleration">d²x/dt², per second squared.</param>
internal readonly record struct Jet(double Value, double Rate, double Acceleration)
{
    public static Jet operator +(Jet a, Jet b) => new(a.Value + b.Value, a.Rate + b.Rate, a.Acceleration + b.Acceleration);

    public static Jet operator -(Jet a, Jet b) => new(a.Value - b.Value, a.Rate - b.Rate, a.Acceleration - b.Acceleration);

    public static Jet operator *(double k, Jet a) => new(k * a.Value, k * a.Rate, k * a.Acceleration);

    public static Jet operator *(Jet a, Jet b) => new(
        a.Value * b.Value,
        a.Rate * b.Value + a.Value * b.Rate,
        a.Acceleration * b.Value + 2 * a.Rate * b.Rate + a.Value * b.Acceleration);

    public static Jet Constant(double value) => new(value, 0, 0);

    public static Jet Sin(Jet a)
    {
        var (sin, cos) = Math.SinCos(a.Value);
        return new Jet(sin, cos * a.Rate, cos * a.Acceleration - sin * a.Rate * a.Rate);
    }

    public static Jet Cos(Jet a)
    {
        var (sin, cos) = Math.SinCos(a.Value);
        return new Jet(cos, -sin * a.Rate, -sin * a.Acceleration - cos * a.Rate * a.Rate);
    }
}
