namespace SensorHub.Web.Learn;

/// <summary>One short text for a person who wonders why.</summary>
/// <param name="Slug">Its place: <c>/learn/</c> and this.</param>
/// <param name="Paragraphs">Plain words; what they claim as found is in the sources.</param>
internal sealed record Article(string Slug, string Title, IReadOnlyList<string> Paragraphs, IReadOnlyList<Source> Sources);

/// <param name="What">What was found there, in a few words.</param>
/// <param name="Id"><c>10.…</c> is a DOI, digits are a PMID, <c>PMC…</c> is of PubMed Central.</param>
internal sealed record Source(string What, string Id)
{
    public string Name => Id.StartsWith("10.", StringComparison.Ordinal) ? $"doi {Id}" : Id.StartsWith("PMC", StringComparison.Ordinal) ? Id : $"PMID {Id}";

    public string Address => Id.StartsWith("10.", StringComparison.Ordinal) ? $"https://doi.org/{Id}"
        : Id.StartsWith("PMC", StringComparison.Ordinal) ? $"https://pmc.ncbi.nlm.nih.gov/articles/{Id}/" : $"https://pubmed.ncbi.nlm.nih.gov/{Id}/";
}

/// <summary>What is known, as far as it concerns somebody who rolls. Numbers are those of the sources.</summary>
internal static class Articles
{
    public static IReadOnlyList<Article> All { get; } =
    [
        new("tight-hamstrings-and-the-pelvis", "Tight hamstrings and the pelvis",
            [
                "The hamstrings run from behind the knee to the back of the pelvis. When you bend forward, the pelvis should tip forward with you. Tight hamstrings hold its back edge down: it stops early, and the lower back has to make up the rest of the bend.",
                "You rarely see that while somebody just stands. People who had stretched their hamstrings bent more from the hips and raised a straight leg higher, and stood as they had stood before. So we look at the bend and at the raised leg, and only then at the arch you stand with.",
                "In a full bend without back pain, the trunk goes about 111° forward: about 59° of it from the pelvis, 52° from the lower back. Your own split is yours. What counts is whether it changes by more than measuring can mistake.",
            ],
            [
                new("Stretching changed the bend and the raised leg, not the standing posture", "8710963"),
                new("The same, in a later trial", "PMC3588653"),
                new("How trunk, lower back and pelvis share a bend", "PMC6339318"),
            ]),
        new("why-not-harder", "Why not harder",
            [
                "It is tempting to think that more pressure does more. It was tried: people rolled so that it hurt a little, more, or a lot, and all gained the same range. Others rolled with a sixth to a quarter of their body weight, or with half of it. Again the same.",
                "So the target here has a ceiling, and nothing on these pages rewards you for pressing more. A dull discomfort in the middle of the scale is plenty. Sharp or tingling pain is a reason to stop, at any level.",
                "What many do wrong is speed: left alone, people roll about twice as fast as did them best. Two to four seconds one way is slow enough, one to three sets, half a minute to two minutes each.",
            ],
            [
                new("Three levels of pain, equal gains", "10.1519/JSC.0000000000001906"),
                new("Low and high force, equal gains", "10.5061/dryad.1ns1rn93x"),
                new("Slow rolling did better than self-chosen", "10.52082/jssm.2024.684"),
                new("Sets, times and tempo that were tried", "33105383"),
            ]),
        new("what-one-session-changes", "What one session changes, and what not",
            [
                "After rolling, a leg often goes up a little further, and the bend comes more easily. That is a good moment to move well. It is not a new back, and after one session it is not to be expected to stay.",
                "Do not look for it in how you stand. Loosened hamstrings did not change standing posture in the trials that looked. Standing also differs by itself, from minute to minute and from stand to stand.",
                "A gain that stays takes more than four weeks of doing it. That is why the pages count days, not degrees, in the first weeks.",
            ],
            [
                new("Range grew, whatever the pressure", "10.1519/JSC.0000000000001906"),
                new("Lasting gains came with more than four weeks", "PMC9474417"),
                new("Standing posture did not change", "8710963"),
                new("The same, in a later trial", "PMC3588653"),
            ]),
        new("the-detectable-change", "The detectable change",
            [
                "Measure the same back twice, with nothing done between, and the two numbers differ: skin gives way, people stand a little differently, the clip sits a little elsewhere. The smallest detectable change is how far apart two numbers must be before that stops being the likely reason.",
                "While the clip stays on, the arch you stand with must change by about 6° and the pelvis in the bend by up to 9°. When the clip has been off between, the arch takes 10 to 15°. A raised leg takes up to 12°. The shaded band in a chart is that: inside it, nothing can be said.",
                "It cuts both ways. A number that looks worse inside the band is no worse, and one that looks better is no better. Several days in one direction tell more than one of them.",
            ],
            [
                new("Arch and sacrum on the same day", "10.1155/2016/3817270"),
                new("Between days, with sensors put on again", "PMC5034504"),
                new("Raised legs", "25364856"),
                new("Raised legs, and the pelvis in the bend", "PMC3737781"),
            ]),
        new("strengthen-the-opposite", "First release, then strengthen the opposite",
            [
                "Muscles work in pairs. What pulls the pelvis back, the hamstrings and the glutes, is opposed by what pulls it forward, the hip flexors and the front of the thigh. When one side has been tight for years, the other has had little to do.",
                "So the programme first releases the tight side, and then gives the other side work, so that the new range is used and held. Rolled alone, range is a loan.",
                "There are two orders: one for a flat back and a pelvis that tips back, one for the opposite. Which one is yours is a therapist's choice after looking at you. No angle on these pages decides it, and deep muscles such as the psoas are not rolled at all.",
                "That this order serves better than another is sensible practice, not a proven rule. What is known is that it takes weeks.",
            ],
            [
                new("Lasting gains came with more than four weeks", "PMC9474417"),
                new("How the pelvis takes part in a bend", "PMC6339318"),
            ]),
        new("posture-reminders", "Posture reminders: what they can do",
            [
                "The clip can tell you that you have been slumped for a while. Whether being told helps is not settled: one trial found nothing, a pilot found something, and pain did not get better in a third. So this is a reminder, and we promise no more.",
                "It is set not to nag. A slouch must last before you hear of it, then there is quiet for five minutes, and never more than six an hour. You can practise with quick reminders for a few minutes, or snooze them whenever you like.",
                "What has better grounds is to get up: sitting in one piece is worth breaking with a walk of a few minutes every half hour. No posture is good for hours.",
            ],
            [
                new("A trial that found no effect", "10.1136/oemed-2019-106293"),
                new("A pilot that found one", "PMC4446825"),
                new("No benefit for pain", "PMC8512480"),
                new("Five minutes of walking every half hour", "10.1249/MSS.0000000000003109"),
            ]),
    ];

    public static Article? Find(string? slug) => All.FirstOrDefault(article => article.Slug == slug);
}
