using SensorHub.Core.Orientation;
using SensorHub.Core.Rolling;
using SensorHub.Testing;

namespace SensorHub.Core.Tests;

public class ConstantAttributeTests
{
    public static TheoryData<Type> AllOptions => [.. ConstantsDocument.OptionsTypes];

    [Theory]
    [MemberData(nameof(AllOptions))]
    public void Every_number_and_duration_of_an_options_record_has_a_range_that_holds_its_default(Type type)
    {
        foreach (var property in type.GetProperties().Where(p => p.PropertyType == typeof(double) || p.PropertyType == typeof(int) || p.PropertyType == typeof(TimeSpan)))
            Assert.True(property.IsDefined(typeof(ConstantAttribute), false), $"{type.Name}.{property.Name} has no range");

        var check = typeof(Constants).GetMethod(nameof(Constants.Check))!.MakeGenericMethod(type);
        check.Invoke(null, [Activator.CreateInstance(type)]);
    }

    [Fact]
    public void The_page_of_constants_lists_every_constant_with_its_default_range_source_and_meaning()
    {
        var file = Repository.PathOf("docs", "constants.md");
        var page = ConstantsDocument.Write();
        if (Repository.UpdatesGoldenFiles)
            File.WriteAllText(file, page);

        Assert.Equal(File.ReadAllText(file), page);
    }

    [Fact]
    public void A_value_out_of_range_is_refused_with_name_value_and_range()
    {
        var e = Assert.Throws<UserException>(() => new Vqf(TimeSpan.FromSeconds(0.01), new VqfOptions { AccelerometerTimeConstant = TimeSpan.FromSeconds(99) }));

        Assert.Equal("VqfOptions.AccelerometerTimeConstant is 99; it takes 0.1 to 30 s.", e.Message);
    }

    [Fact]
    public void NaN_is_out_of_every_range() =>
        Assert.Throws<UserException>(() => Constants.Check(new RollingOptions { ContactOn = double.NaN }));
}
