using System.CommandLine;

namespace SensorHub.Commands;

/// <summary><c>sensorhub analyze</c>: estimates from a CSV of IMU samples into a CSV, without hub, broker or store.</summary>
public static class AnalyzeCommand
{
    public static Command Create() => new("analyze", "Estimate from a CSV of IMU samples into a CSV, offline.") { AnalyzeOrientation.Create(), AnalyzePosture.Create(), AnalyzeRolling.Create() };
}
