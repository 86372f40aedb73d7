namespace SensorHub.Bluetooth.Virtual.Gatt;

/// <summary>Why a GATT server refuses: Core Specification, Vol 3 Part F §3.4.1.1, and the common profile errors of its Supplement, Part B.</summary>
public enum AttError : byte
{
    None = 0x00,
    InvalidHandle = 0x01,
    ReadNotPermitted = 0x02,
    WriteNotPermitted = 0x03,
    InsufficientAuthentication = 0x05,
    RequestNotSupported = 0x06,
    InvalidAttributeValueLength = 0x0d,

    /// <summary>Client characteristic configuration descriptor improperly configured: what would carry the answer is off.</summary>
    CccdImproperlyConfigured = 0xfd,

    /// <summary>The response to the request before has not been confirmed.</summary>
    ProcedureAlreadyInProgress = 0xfe,
}
