namespace SensorHub.Core;

/// <summary>
/// Something a person can mend: a port in use, a wrong password, a broken file. The message is one line that says what,
/// where and how to mend it; the program prints it, without a stack trace, and ends with exit code 1.
/// </summary>
public class UserException : Exception
{
    public UserException(string message) : base(message)
    {
    }

    public UserException(string message, Exception inner) : base(message, inner)
    {
    }

    public UserException()
    {
    }
}
