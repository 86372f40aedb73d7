namespace SensorHub.Core.Sessions.Guided;

/// <summary>When the person is measured.</summary>
public enum ProtocolRun : byte
{
    Before = 1,

    /// <summary>Two minutes after rolling.</summary>
    AfterTwoMinutes = 2,

    /// <summary>Ten minutes after rolling.</summary>
    AfterTenMinutes = 3,
}

/// <summary>What the person does.</summary>
public enum ProtocolStep : byte
{
    /// <summary>Puts the clip on. It stays on until all runs are done.</summary>
    Attach = 1,

    /// <summary>Moves as usual, so that clip and skin settle.</summary>
    Settle = 2,

    Stand = 3,

    SitUpright = 4,

    SitSlumped = 5,

    /// <summary>One slow bend forward and up again.</summary>
    Bend = 6,

    /// <summary>Says how much it hurts, 0 to 10.</summary>
    Pain = 7,

    Rolling = 8,

    /// <summary>Rests until the next run is due.</summary>
    Wait = 9,

    /// <summary>Lies on the back with the clip on the shin and raises the straight leg. A new attachment, so it comes last.</summary>
    StraightLegRaise = 10,

    /// <summary>Lies on the back, hip bent to a right angle, with the clip on the shin, and extends the knee.</summary>
    KneeExtension = 11,

    Finished = 12,
}
