namespace SensorHub.Health;

/// <summary>How bad a finding of the doctor is.</summary>
public enum Verdict : byte
{
    Ok = 0,

    /// <summary>Nothing that this hub needs.</summary>
    Note,

    /// <summary>It works now, and will not for long, or not as well as it could.</summary>
    Warning,

    /// <summary>It does not work until somebody mends it.</summary>
    Failed,
}

/// <param name="Text">One line: what is, and unless that is well, what to do.</param>
public readonly record struct Finding(Verdict Verdict, string Text)
{
    public static Finding Ok(string text) => new(Verdict.Ok, text);

    public static Finding Warning(string text) => new(Verdict.Warning, text);

    public static Finding Failed(string text) => new(Verdict.Failed, text);
}
