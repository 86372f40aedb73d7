using System.CommandLine;

namespace SensorHub.Commands;

/// <summary><c>sensorhub analyze</c>: estimates from files into a CSV, without hub, broker or store.</summary>
public static class AnalyzeCommand
{
    public static Command Create() => new("analyze", "Estimate from files into a CSV, offline: IMU samples, the outcome of a session, reliability, a study.")
    {
        AnalyzeOrientation.Create(), AnalyzePosture.Create(), AnalyzeRolling.Create(), AnalyzeOutcome.Create(), AnalyzeReliability.Create(), AnalyzeStudy.Create(),
    };
}
