using SensorHub.Core.Orientation;
using SensorHub.Core.Posture;
using SensorHub.Core.Rolling;

namespace SensorHub.Core.Tests;

public class ConstantAttributeTests
{
    public static TheoryData<object> AllDefaults => [new OrientationOptions(), new RestBiasOptions(), new VqfOptions(), new PostureOptions(), new PhaseOptions(), new RollingOptions()];

    [Theory]
    [MemberData(nameof(AllDefaults))]
    public void Every_number_and_duration_has_a_range_that_holds_its_default(object options)
    {
        foreach (var property in options.GetType().GetProperties().Where(p => p.PropertyType == typeof(double) || p.PropertyType == typeof(TimeSpan)))
            Assert.True(property.IsDefined(typeof(ConstantAttribute), false), $"{options.GetType().Name}.{property.Name} has no range");
        _ = options switch
        {
            OrientationOptions o => (object)Constants.Check(o),
            RestBiasOptions o => Constants.Check(o),
            VqfOptions o => Constants.Check(o),
            PostureOptions o => Constants.Check(o),
            PhaseOptions o => Constants.Check(o),
            RollingOptions o => Constants.Check(o),
            _ => throw new InvalidOperationException("an options record that this test does not know"),
        };
    }

    [Fact]
    public void A_value_out_of_range_is_refused_with_name_value_and_range()
    {
        var e = Assert.Throws<UserException>(() => new OrientationFilter(new OrientationOptions { AccelerometerTimeConstant = TimeSpan.FromSeconds(99) }));

        Assert.Equal("OrientationOptions.AccelerometerTimeConstant is 99; it takes 0.1 to 30 s.", e.Message);
    }

    [Fact]
    public void NaN_is_out_of_every_range() =>
        Assert.Throws<UserException>(() => Constants.Check(new RollingOptions { ContactOn = double.NaN }));
}
