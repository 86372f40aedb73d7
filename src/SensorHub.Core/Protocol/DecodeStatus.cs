namespace SensorHub.Core.Protocol;

/// <summary>What became of some bytes. Anything but <see cref="Ok"/> is counted and skipped; the numbers are those of the C codec.</summary>
public enum DecodeStatus
{
    Ok = 0,

    /// <summary>Fewer bytes than the fixed part needs.</summary>
    TooShort = 1,

    /// <summary>A protocol major version that this codec does not speak.</summary>
    UnknownMajor = 2,

    /// <summary>A stream that the descriptor does not name.</summary>
    UnknownStream = 3,

    /// <summary>The length does not fit the count of samples, or a field ends outside the bytes.</summary>
    LengthMismatch = 4,

    /// <summary>A field has a value that the specification forbids.</summary>
    BadValue = 5,

    /// <summary>A field or channel that the specification requires is missing (descriptor only).</summary>
    Missing = 6,
}
