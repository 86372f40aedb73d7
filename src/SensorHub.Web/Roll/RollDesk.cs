using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Sessions.Screening;
using SensorHub.Core.Timing;
using SensorHub.Web.Access;
using SensorHub.Web.Live;
using SensorHub.Web.People;

namespace SensorHub.Web.Roll;

/// <summary>Finds what a person may roll today: their plan, or the default orders, without what the screening rules out.</summary>
internal sealed class RollDesk(IDbContextFactory<PeopleContext> people, TimeProvider time)
{
    public async Task<RollView> ViewAsync(Slug subject, CancellationToken cancellationToken)
    {
        var id = subject.ToString();
        await using var context = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var person = subject.IsNone ? null : await context.Subjects.AsNoTracking().FirstOrDefaultAsync(s => s.Id == id, cancellationToken).ConfigureAwait(false);
        var newest = subject.IsNone ? null : await context.Prescriptions.AsNoTracking()
            .Where(p => p.SubjectId == id && p.Kind == PrescriptionKind.Plan)
            .OrderByDescending(p => p.At).ThenByDescending(p => p.Id)
            .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return View(person, newest, Timestamp.FromDateTimeOffset(time.GetUtcNow()));
    }

    internal static RollView View(Subject? person, Prescription? newest, Timestamp now)
    {
        List<string> notes = [];
        var screening = KeptScreening.Read(person?.Screening);
        if (screening is null && person?.Screening is not null)
            return new RollView { Refusals = ["The answers to the safety questions cannot be read. Please answer them again."] };
        if (screening is not null && !screening.Allows(now))
            return new RollView { Refusals = Refusals(screening, now) };
        if (screening is null)
            notes.Add($"Never roll with any of these: {string.Join("; ", BlockingWords)}. If you are unsure about anything else, ask a clinician first.");

        RollingPlan? prescribed = null;
        if (newest is not null)
        {
            try
            {
                prescribed = PlanFile.Parse(newest.Json, "Today's plan");
            }
            catch (UserException)
            {
                notes.Add("The plan that was set for you cannot be read. Ask who set it to save it again.");
            }
        }

        var excluded = screening?.Excluded ?? [];
        var wanted = prescribed is null ? DefaultPlans.All : [prescribed];
        RollingPlan[] plans = [.. wanted.Select(plan => screening is null ? plan : screening.Without(plan)).OfType<RollingPlan>()];
        if (excluded.Count > 0)
            notes.Add($"Left out, as your answers say: {string.Join(", ", excluded.Select(Called))}.");
        return new RollView
        {
            Notes = notes,
            Prescribed = prescribed is null ? null : plans.FirstOrDefault(),
            Plans = plans,
            Muscles =
            [
                .. from target in MuscleTarget.Defaults
                    let sides = SidesOf(target.Muscle).Where(side => !excluded.Any(site => site.Covers(target.Muscle, side))).ToArray()
                    where sides.Length > 0
                    select new OfferedMuscle(target.Muscle, MuscleFacts.Of(target.Muscle).Name, sides, target)
            ],
        };
    }

    /// <summary>What blocks rolling by itself, in a few words.</summary>
    private static IEnumerable<string> BlockingWords =>
        ScreeningQuestion.All.Where(q => q.Consequence == ScreeningDecision.Blocked).Select(q => q.Code switch
        {
            "thrombosis" => "a blood clot in a vein, or a suspicion of one",
            "open_wound" => "an open wound or skin infection there",
            "fracture" => "a broken bone",
            var other => other.Replace('_', ' '),
        });

    private static string[] Refusals(ScreeningOutcome screening, Timestamp now) => screening.Decision switch
    {
        ScreeningDecision.Cleared when now >= screening.Expires => ["Your answers to the safety questions are some months old. Please answer them again first."],
        ScreeningDecision.Cleared => ["Your answers to the safety questions lie in the future: check this computer's clock."],
        ScreeningDecision.NeedsClearance => ["Ask a clinician whether you may roll, and where not. When they have said that you may, say so on the page of the safety questions."],
        _ => ["Do not roll, as your answers to the safety questions say. Answer them again when that is over."],
    };

    /// <summary>The upper back lies in the middle.</summary>
    private static Side[] SidesOf(Muscle muscle) => muscle == Muscle.Thoracic ? [Side.None] : [Side.Left, Side.Right];

    private static string Called(ExcludedSite site) => MuscleFacts.Of(site.Muscle).Name + (site.Side == Side.None ? "" : $", {EnumNames.Of(site.Side)}");
}
