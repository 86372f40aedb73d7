using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SensorHub.Web.Tests;

/// <summary>What the pages say to the operator: warnings and worse of our own.</summary>
internal sealed class SaidLines : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => new Listener(categoryName.StartsWith("SensorHub", StringComparison.Ordinal) ? _lines : null);

    public void Dispose()
    {
    }

    private sealed class Listener(ConcurrentQueue<string>? lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => lines is not null && logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                lines!.Enqueue(formatter(state, exception));
        }
    }
}
