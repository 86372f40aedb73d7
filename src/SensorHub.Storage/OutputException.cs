using SensorHub.Core;

namespace SensorHub.Storage;

/// <summary>An output cannot take points now. The message is one line for a person: what, where and how to mend it.</summary>
public sealed class OutputException : UserException
{
    public OutputException(string message, OutputFault fault, Exception? inner = null, TimeSpan? retryAfter = null) : base(message, inner!)
    {
        Fault = fault;
        RetryAfter = retryAfter;
    }

    public OutputException()
    {
    }

    public OutputException(string message) : base(message)
    {
    }

    public OutputException(string message, Exception inner) : base(message, inner)
    {
    }

    public OutputFault Fault { get; }

    /// <summary>How long the output asked to be left alone, if it did.</summary>
    public TimeSpan? RetryAfter { get; }
}

public enum OutputFault : byte
{
    /// <summary>It may work again by itself: down, overloaded, no answer, disk full. Try again, with growing waits.</summary>
    Unavailable = 0,

    /// <summary>It stays so until a person mends it: password, database, permission, a broken file. Say so, and look again seldom.</summary>
    Misconfigured = 1,
}
