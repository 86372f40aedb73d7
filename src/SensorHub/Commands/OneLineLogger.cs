namespace SensorHub.Commands;

/// <summary>One line an entry: time, level, what happened. A stack trace only for what is our own fault (level error and above).</summary>
internal sealed class OneLineLogger(TimeProvider time) : ILogger, ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var level = logLevel switch { LogLevel.Warning => "warning: ", LogLevel.Error or LogLevel.Critical => "error: ", _ => "" };
        var line = $"{time.GetLocalNow():HH:mm:ss} {level}{formatter(state, exception).ReplaceLineEndings(" ")}";
        Terminal.Trouble(logLevel >= LogLevel.Error && exception is not null ? $"{line}{Environment.NewLine}{exception}" : line);
    }

    public void Dispose()
    {
    }
}
