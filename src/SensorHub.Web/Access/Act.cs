namespace SensorHub.Web.Access;

/// <summary>What can be done. <see cref="AccessRules"/> says who may.</summary>
public enum Act
{
    /// <summary>Anything that is for everybody, signed in or not: the sign-in page, style sheets.</summary>
    Enter,

    /// <summary>One's own account: password, second factor, signing out.</summary>
    KeepAccount,

    // Of a subject.

    /// <summary>To see what the sensors say now.</summary>
    WatchLive,

    /// <summary>To read what was measured: sessions, days, outcomes.</summary>
    ReadHistory,

    /// <summary>To steer the session: begin, muscle, step, calibration, pain, snooze.</summary>
    Steer,

    /// <summary>Mass, height, screening, reminders, name of one's own.</summary>
    KeepProfile,

    ReadPlan,

    /// <summary>Plans and programmes.</summary>
    WritePlan,

    /// <summary>To tick off exercises.</summary>
    TickExercise,

    /// <summary>A cue or message during the session.</summary>
    SendMessage,

    ReadNotes,

    WriteNotes,

    /// <summary>To grant and withdraw consents.</summary>
    KeepConsents,

    /// <summary>Who has looked at what.</summary>
    ReadAudit,

    /// <summary>To begin and end sessions of somebody in a study, and to mark tasks and events in them.</summary>
    RunStudy,

    // Of the installation.

    /// <summary>The studies that are planned here, and who takes part.</summary>
    UseStudies,

    /// <summary>The therapist's board, plan templates, minutes.</summary>
    UseBoard,

    ManageSensors,

    /// <summary>Accounts and invitations.</summary>
    ManageAccounts,
}
