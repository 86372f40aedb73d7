using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace SensorHub.Commands;

/// <summary>One line an entry: time, level, what happened. A stack trace only for what is our own fault (level error and above).</summary>
internal sealed class OneLineFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "one-line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var time = TimeProvider.System.GetLocalNow().ToString("HH:mm:ss", null);
        var level = logEntry.LogLevel switch { LogLevel.Warning => "warning: ", LogLevel.Error or LogLevel.Critical => "error: ", _ => "" };
        textWriter.WriteLine($"{time} {level}{logEntry.Formatter(logEntry.State, logEntry.Exception).ReplaceLineEndings(" ")}");
        if (logEntry is { LogLevel: >= LogLevel.Error, Exception: { } exception })
            textWriter.WriteLine(exception);
    }
}
