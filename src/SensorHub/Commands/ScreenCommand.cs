using System.CommandLine;
using System.CommandLine.Parsing;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Screening;
using SensorHub.Core.Timing;

namespace SensorHub.Commands;

/// <summary><c>sensorhub screen</c>: the questions before the first session. Nothing is stored.</summary>
public static class ScreenCommand
{
    public static Command Create()
    {
        var list = new Option<bool>("--list") { Description = "List the questions" };
        var yes = new Option<string[]>("--yes") { Description = "Questions answered with yes", HelpName = "CODE", AllowMultipleArgumentsPerToken = true };
        var unsure = new Option<string[]>("--unsure") { Description = "Questions answered with unsure, which counts as yes", HelpName = "CODE", AllowMultipleArgumentsPerToken = true };
        var others = new Option<bool>("--others-no") { Description = "All other questions are answered with no; without it, they are asked" };
        var exclude = new Option<ExcludedSite[]>("--exclude")
        {
            Description = "Muscles that are not to be rolled, one side or both",
            HelpName = "MUSCLE[:left|right]",
            AllowMultipleArgumentsPerToken = true,
            CustomParser = ParseSites,
        };
        var command = new Command("screen", """
            Ask what must be known before the first session, and say whether rolling may begin. Answers are not stored.
            Exit code 0: cleared. 1: blocked, or a clinician's clearance is needed. It is no medical examination.
            """)
        {
            list, yes, unsure, others, exclude,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(list))
                return List();
            var answers = new Dictionary<string, Answer>();
            foreach (var code in parsed.GetValue(unsure) ?? [])
                answers[code] = Answer.Unsure;
            foreach (var code in parsed.GetValue(yes) ?? [])
                answers[code] = Answer.Yes;
            if (answers.Keys.FirstOrDefault(code => ScreeningQuestion.Find(code) is null) is { } unknown)
                throw new UserException($"There is no question '{unknown}'. List them with: sensorhub screen --list");
            var excluded = (parsed.GetValue(exclude) ?? []).ToList();
            foreach (var question in ScreeningQuestion.All.Where(q => !answers.ContainsKey(q.Code)))
                answers[question.Code] = parsed.GetValue(others) ? Answer.No : Ask(question, excluded);
            return Say(SafetyScreening.Judge(answers, excluded, Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow())));
        });
        return command.WithExamples(
            ("screen", "Asks the questions, one after another"),
            ("screen --yes varicose_veins --exclude calf:left --others-no", "Answers given at once"),
            ("screen --list", "The questions and their codes"));
    }

    private static int List()
    {
        foreach (var question in ScreeningQuestion.All)
            Terminal.Say($"{question.Code,-16} {question.Text}");
        return 0;
    }

    private static int Say(ScreeningResult result)
    {
        foreach (var (question, advice) in result.Reasons)
            Terminal.Say($"{question.Code.Replace('_', ' ')}: {advice}");
        var (outcome, excluded) = (result.Outcome, result.Outcome.Excluded);
        Terminal.Say(outcome.Decision switch
        {
            ScreeningDecision.Cleared => $"Cleared until {outcome.Expires.ToDateTimeOffset():yyyy-MM-dd}: you may roll.",
            ScreeningDecision.NeedsClearance => "Not yet: a clinician has to say first that you may roll.",
            _ => "Blocked: do not roll.",
        });
        if (excluded.Count > 0)
            Terminal.Say($"Not to be rolled: {string.Join(", ", excluded.Select(s => MuscleFacts.Of(s.Muscle).Name + (s.Side == Side.None ? "" : $" ({EnumNames.Of(s.Side)})")))}.");
        return outcome.Decision == ScreeningDecision.Cleared ? 0 : 1;
    }

    private static Answer Ask(ScreeningQuestion question, List<ExcludedSite> excluded)
    {
        while (true)
        {
            switch (Read($"{question.Text} [yes/no/unsure] "))
            {
                case "no" or "n":
                    return Answer.No;
                case "yes" or "y":
                    AskWhere(question, excluded);
                    return Answer.Yes;
                case "unsure" or "u":
                    AskWhere(question, excluded);
                    return Answer.Unsure;
            }
        }
    }

    private static void AskWhere(ScreeningQuestion question, List<ExcludedSite> excluded)
    {
        while (question.IsLocal)
        {
            var text = Read($"Near which muscles? ({string.Join(", ", MuscleTarget.Defaults.Select(t => EnumNames.Of(t.Muscle)))}; as calf or calf:left; empty for none of them) ");
            if (text.Length == 0)
                return;
            var sites = text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(ParseSite).ToArray();
            if (Array.TrueForAll(sites, site => site is not null))
            {
                excluded.AddRange(sites.Select(site => site!.Value));
                return;
            }
        }
    }

    private static string Read(string question)
    {
        Console.Out.Write(question);
        return Console.In.ReadLine()?.Trim().ToLowerInvariant()
            ?? throw new UserException("The questions are not all answered. Answer them on a terminal, or with --yes, --unsure and --others-no.");
    }

    private static ExcludedSite[] ParseSites(ArgumentResult result)
    {
        var sites = new List<ExcludedSite>();
        foreach (var token in result.Tokens)
        {
            if (ParseSite(token.Value) is { } site)
                sites.Add(site);
            else
                result.AddError($"'{token.Value}' is no muscle, or no side of one: as calf or calf:left. The muscles are {string.Join(", ", MuscleTarget.Defaults.Select(t => EnumNames.Of(t.Muscle)))}.");
        }
        return [.. sites];
    }

    private static ExcludedSite? ParseSite(string text)
    {
        var parts = text.Split(':');
        var side = Side.None;
        return parts.Length <= 2 && EnumNames.TryParse<Muscle>(parts[0], out var muscle) && muscle != Muscle.None
            && (parts.Length == 1 || EnumNames.TryParse(parts[1], out side)) ? new ExcludedSite(muscle, side) : null;
    }
}
