using CsCheck;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Units;

public class RotationTests
{
    private static readonly Gen<double> Component = Gen.Double[-1, 1];

    private static readonly Gen<Vector3D> Vector = Gen.Select(Component, Component, Component, (x, y, z) => new Vector3D(x, y, z));

    private static readonly Gen<Vector3D> Axis = Vector.Where(v => v.Norm > 0.1).Select(v => v.Normalized());

    private static readonly Gen<Rotation> AnyRotation = Gen.Select(Axis, Gen.Double[-10, 10], (axis, angle) => Rotation.FromAxisAngle(axis, Angle.FromRadians(angle)));

    [Fact]
    public void Rotating_keeps_lengths_and_angles() =>
        Gen.Select(AnyRotation, Vector, Vector).Sample((q, a, b) =>
            Math.Abs(Vector3D.Dot(q.Rotate(a), q.Rotate(b)) - Vector3D.Dot(a, b)) < 1e-12);

    [Fact]
    public void A_product_rotates_by_its_right_factor_first() =>
        Gen.Select(AnyRotation, AnyRotation, Vector).Sample((p, q, v) => Near((p * q).Rotate(v), p.Rotate(q.Rotate(v))));

    [Fact]
    public void The_inverse_undoes_it() =>
        Gen.Select(AnyRotation, Vector).Sample((q, v) => Near(q.Inverse.Rotate(q.Rotate(v)), v));

    [Fact]
    public void Its_axis_stays_and_its_angle_is_the_one_asked_for() =>
        Gen.Select(Axis, Gen.Double[0, Math.PI]).Sample((axis, angle) =>
        {
            var q = Rotation.FromAxisAngle(axis, Angle.FromRadians(angle));
            return Near(q.Rotate(axis), axis) && Math.Abs(q.Angle.Radians - angle) < 1e-7;
        });

    [Fact]
    public void A_rotation_vector_of_any_length_is_axis_times_angle() =>
        Gen.Select(Axis, Gen.Double[-12, 0.5], Vector).Sample((axis, exponent, v) =>
        {
            var angle = Math.Pow(10, exponent);
            return Near(Rotation.FromRotationVector(angle * axis).Rotate(v), Rotation.FromAxisAngle(axis, Angle.FromRadians(angle)).Rotate(v));
        });

    [Fact]
    public void Inclination_is_the_angle_between_the_vertical_axes() =>
        AnyRotation.Sample(q => Math.Abs(Math.Cos(q.Inclination.Radians) - q.Rotate(Vector3D.UnitZ).Z) < 1e-12);

    [Fact]
    public void Turning_about_the_vertical_has_no_inclination() =>
        Gen.Double[-10, 10].Sample(angle => Rotation.FromAxisAngle(Vector3D.UnitZ, Angle.FromRadians(angle)).Inclination.Radians < 1e-9);

    [Fact]
    public void A_quarter_turn_about_x_takes_y_to_z() =>
        Assert.True(Near(Rotation.FromAxisAngle(Vector3D.UnitX, Angle.FromDegrees(90)).Rotate(Vector3D.UnitY), Vector3D.UnitZ));

    private static bool Near(Vector3D a, Vector3D b) => (a - b).Norm < 1e-11;

    [Fact]
    public void As_text_it_is_its_four_components() => Assert.Equal("(0.5, -0.5, 0.5, 0.5)", new Rotation(0.5, -0.5, 0.5, 0.5).ToString());
}
