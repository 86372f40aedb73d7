using SensorHub.Core.Recordings;
using SensorHub.Testing;

namespace SensorHub.Core.Tests.Recordings;

public class ImuUnitsTests
{
    [Theory]
    [InlineData("lower_back/mobgap_HA001_Test5_Trial1.csv.gz")]
    [InlineData("lower_back/mobgap_HA002_Test5_Trial1.csv.gz")]
    [InlineData("lower_back/mobgap_HA002_Test5_Trial2.csv.gz")]
    [InlineData("two_imu_joint/joint_1D_02.csv.gz")]
    [InlineData("two_imu_joint/joint_3D_02.csv.gz")]
    [InlineData("lumbar/fullbody_hip_lowerback_upperback.csv.gz")]
    public void Real_recordings_pass_and_are_recognized_when_their_rates_are_in_degrees(string file)
    {
        var path = Require.Recording(file);
        foreach (var name in NamesIn(path))
        {
            var csv = ImuCsv.Read(path, name);
            var imu = csv.Imus[0];
            ImuUnits.Check(csv, imu);
            var inDegrees = imu with { AngularRate = [.. imu.AngularRate.Select(rate => 180 / Math.PI * rate)] };

            Assert.EndsWith("multiply by π/180.", Assert.Throws<UserException>(() => ImuUnits.Check(csv, inDegrees)).Message, StringComparison.Ordinal);
            // Slow motion has no rate that is too fast by itself: how fast gravity turns tells.
            var slow = imu with { AngularRate = [.. imu.AngularRate.Select(rate => 180 / Math.PI * rate).Select(rate => rate.Norm > 60 ? 60 / rate.Norm * rate : rate)] };
            Assert.Contains("as fast as gravity does", Assert.Throws<UserException>(() => ImuUnits.Check(csv, slow)).Message, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> NamesIn(string path)
    {
        try
        {
            return ImuCsv.Read(path).Names;
        }
        catch (UserException e) when (e.Message.Contains("say which of ", StringComparison.Ordinal))
        {
            return e.Message[(e.Message.IndexOf("say which of ", StringComparison.Ordinal) + 13)..].TrimEnd('.').Split(", ");
        }
    }
}
