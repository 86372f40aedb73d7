namespace SensorHub.Core.Sessions.Screening;

/// <summary>
/// A question before the first session. Contraindications after an expert consensus on foam rolling (doi 10.3390/jcm10225360); what
/// is not from there is a precaution of this program, and marked as such.
/// </summary>
/// <param name="Code">Names it in options, commands and translations.</param>
/// <param name="Text">Asked of the person; yes, no or unsure.</param>
/// <param name="Consequence">Of a yes, and of unsure.</param>
/// <param name="IsLocal">Asks where: rolling keeps off those muscles even when it is cleared.</param>
/// <param name="Advice">What to do after a yes.</param>
/// <param name="Evidence"><see cref="Evidence.Engineering"/> = a precaution without a published source.</param>
public sealed record ScreeningQuestion(string Code, string Text, ScreeningDecision Consequence, bool IsLocal, string Advice, Evidence Evidence)
{
    private const string SeeClinician = "Ask a clinician whether you may roll, and where not.";

    public static IReadOnlyList<ScreeningQuestion> All { get; } =
    [
        new("thrombosis", "Do you have, or does anybody suspect, a blood clot in a vein (thrombosis)? A leg that is newly swollen, warm or painful counts.", ScreeningDecision.Blocked, false,
            "Do not roll. See a doctor today.", Evidence.Published),
        new("open_wound", "Do you have an open wound or a skin infection where you would roll?", ScreeningDecision.Blocked, true, "Do not roll until it has healed.", Evidence.Published),
        new("fracture", "Do you have a broken bone, or might one be broken?", ScreeningDecision.Blocked, true, "Do not roll. Have it seen to first.", Evidence.Published),
        new("osteoporosis", "Do you have osteoporosis?", ScreeningDecision.NeedsClearance, false, SeeClinician, Evidence.Published),
        new("anticoagulants", "Do you take medicine that thins the blood, or do you bleed or bruise easily?", ScreeningDecision.NeedsClearance, false, SeeClinician, Evidence.Published),
        new("varicose_veins", "Do you have varicose veins?", ScreeningDecision.NeedsClearance, true, SeeClinician, Evidence.Published),
        new("pregnancy", "Are you pregnant?", ScreeningDecision.NeedsClearance, false, SeeClinician, Evidence.Published),
        new("neuropathy", "Is your feeling in the legs reduced, as with a nerve disease or diabetes?", ScreeningDecision.NeedsClearance, true, SeeClinician, Evidence.Published),
        new("malignancy", "Do you have cancer, or are you being treated for it?", ScreeningDecision.NeedsClearance, false, SeeClinician, Evidence.Published),
        new("acute_tear", "Have you torn or strained a muscle in the last weeks?", ScreeningDecision.NeedsClearance, true, SeeClinician, Evidence.Engineering),
        new("recent_surgery", "Have you been operated on in the last three months?", ScreeningDecision.NeedsClearance, true, SeeClinician, Evidence.Engineering),
    ];

    public static ScreeningQuestion? Find(string code) => All.FirstOrDefault(question => question.Code == code);
}

/// <summary>What the screening allows.</summary>
public enum ScreeningDecision : byte
{
    /// <summary>Roll, off the excluded places.</summary>
    Cleared = 1,

    /// <summary>Not before a clinician has said so.</summary>
    NeedsClearance = 2,

    /// <summary>Do not roll.</summary>
    Blocked = 3,
}
