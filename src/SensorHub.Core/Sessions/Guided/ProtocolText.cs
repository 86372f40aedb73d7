namespace SensorHub.Core.Sessions.Guided;

/// <summary>What the protocol says to the person, in plain English; other languages look it up by the names of step and trouble.</summary>
public static class ProtocolText
{
    public static string Instruction(ProtocolStep step) => step switch
    {
        ProtocolStep.Attach => "Put the clip on the lower back. It stays on until the end.",
        ProtocolStep.Settle => "Walk about for a minute, so that the clip settles.",
        ProtocolStep.Stand => "Stand still and relaxed, looking straight ahead.",
        ProtocolStep.SitUpright => "Sit upright and still.",
        ProtocolStep.SitSlumped => "Let yourself slump, and hold still.",
        ProtocolStep.Bend => "Bend forward slowly with straight knees as far as is comfortable: three seconds down, two seconds there, three seconds up.",
        ProtocolStep.Pain => "How much does it hurt now? 0 is not at all, 10 the worst imaginable.",
        ProtocolStep.Rolling => "Roll as planned. Stand up when you have finished.",
        ProtocolStep.Wait => "Rest until the next measurement.",
        ProtocolStep.StraightLegRaise => "Clip on the shin, lie on your back: raise the straight leg slowly as far as is comfortable, hold, and lower it. Three times.",
        ProtocolStep.KneeExtension => "Clip on the shin, lie on your back, thigh upright: extend the knee slowly as far as is comfortable, hold, and bend it. Three times.",
        ProtocolStep.Finished => "Done. You can take the clip off.",
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };

    /// <summary>What to do about it; empty for none.</summary>
    public static string Advice(StepTrouble trouble) => trouble switch
    {
        StepTrouble.None => "",
        StepTrouble.NoData => "The clip is not heard: come nearer.",
        StepTrouble.WrongPosture => "Take the posture that is asked for.",
        StepTrouble.Moving => "Hold still.",
        StepTrouble.TooFast => "Once more, more slowly.",
        StepTrouble.TooShallow => "Bend further, as far as is comfortable.",
        StepTrouble.NotSlumped => "Slump a little more.",
        StepTrouble.PoorData => "Too much was lost: come nearer, and once more.",
        StepTrouble.NotCalibrated => "Stand still first, so that the posture can be calibrated.",
        _ => throw new ArgumentOutOfRangeException(nameof(trouble), trouble, null),
    };
}
