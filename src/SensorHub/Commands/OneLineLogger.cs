namespace SensorHub.Commands;

/// <summary>One line an entry: time, level, what happened; not the same again and again. A stack trace only for what is our own fault (level error and above).</summary>
internal sealed class OneLineLogger(TimeProvider time) : ILogger, ILoggerProvider
{
    private readonly Repetition _repetition = new(time);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var level = logLevel switch { LogLevel.Warning => "warning: ", LogLevel.Error or LogLevel.Critical => "error: ", _ => "" };
        var text = formatter(state, exception).ReplaceLineEndings(" ");
        if (logLevel < LogLevel.Error && _repetition.Pass(text) is var passed)
        {
            if (passed is null)
                return;
            text = passed;
        }
        var line = $"{time.GetLocalNow():HH:mm:ss} {level}{text}";
        Terminal.Trouble(logLevel >= LogLevel.Error && exception is not null ? $"{line}{Environment.NewLine}{exception}" : line);
    }

    public void Dispose()
    {
    }
}
