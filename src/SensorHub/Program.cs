using SensorHub.Commands;

return await CommandLine.RunAsync(args);

/// <summary>The program.</summary>
public partial class Program
{
    public static string Version { get; } = typeof(Program).Assembly.GetName().Version?.ToString(3) ?? "";
}
