using SensorHub.Core;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Pipelines.Sessions;

namespace SensorHub.Pipelines.Tests.Sessions;

public sealed class CalibrationStoreTests : IDisposable
{
    private static readonly Slug Clip = Slug.Parse("clip-1");

    private readonly string _folder = Directory.CreateTempSubdirectory("calibrations").FullName;
    private readonly List<string> _warnings = [];

    private CalibrationStore Store => new(Path.Combine(_folder, "kept"), _warnings.Add);

    private string File => Path.Combine(_folder, "kept", "clip-1.calibration.json");

    [Fact]
    public void The_last_calibration_of_each_sensor_is_found_again()
    {
        Assert.Null(Store.Find(Clip));
        Store.Keep(Calibration(Clip, 1));
        Store.Keep(Calibration(Clip, 2));
        Store.Keep(Calibration(Slug.Parse("clip-2"), 3));

        Assert.Equal(Calibration(Clip, 2), Store.Find(Clip));
        Assert.Equal(["clip-1.calibration.json", "clip-2.calibration.json"], Directory.GetFiles(Path.Combine(_folder, "kept")).Select(Path.GetFileName).Order());
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_forgotten_one_is_not_found()
    {
        Store.Forget(Clip);
        Store.Keep(Calibration(Clip, 1));
        Store.Forget(Clip);

        Assert.Null(Store.Find(Clip));
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData("{\"schema\": 1, \"time")]
    [InlineData("")]
    [InlineData("{\"schema\": 9, \"time_unix_ns\": 0, \"sensor\": \"clip-1\", \"method\": \"Stand\"}")]
    public void A_damaged_file_gets_one_line_and_the_next_calibration_replaces_it(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, content);

        Assert.Null(Store.Find(Clip));
        var warning = Assert.Single(_warnings);
        Assert.Contains(File, warning, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', warning);

        Store.Keep(Calibration(Clip, 4));
        Assert.Equal(Calibration(Clip, 4), Store.Find(Clip));
    }

    [Fact]
    public void A_file_of_another_sensor_is_passed_over()
    {
        Store.Keep(Calibration(Slug.Parse("clip-2"), 1));
        System.IO.File.Move(Path.Combine(_folder, "kept", "clip-2.calibration.json"), File);

        Assert.Null(Store.Find(Clip));
        Assert.Contains("of clip-2, not of clip-1", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_gets_one_line()
    {
        System.IO.File.WriteAllText(Path.Combine(_folder, "kept"), "a file where the folder would be");
        Store.Keep(Calibration(Clip, 1));
        Assert.DoesNotContain('\n', Assert.Single(_warnings));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static PostureCalibration Calibration(Slug sensor, double inclination) => new()
    {
        Time = new Timestamp(1_700_000_000_123_456_789),
        Sensor = sensor,
        Method = CalibrationMethod.Stand,
        Lower = new ElementCalibration
        {
            Alignment = Rotation.Identity,
            Mounting = Mounting.Nominal,
            Up = Vector3D.UnitX,
            Standing = new Measured(inclination, 0.1),
            Sway = 0.3,
        },
    };
}
