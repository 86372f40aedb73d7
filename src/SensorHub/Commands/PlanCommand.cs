using System.CommandLine;
using System.Globalization;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;

namespace SensorHub.Commands;

/// <summary><c>sensorhub plan</c>: what is to be rolled, as files that a therapist writes.</summary>
public static class PlanCommand
{
    public static Command Create() => new("plan", "List, show and check plans of what is to be rolled.") { List(), Show(), Check() };

    private static Command List()
    {
        var command = new Command("list", "List the default plans. Which order suits a person is a therapist's choice.");
        command.SetAction(_ =>
        {
            foreach (var plan in DefaultPlans.All)
                Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{plan.Id,-12} {plan.Duration.TotalMinutes,3:0} min  {plan.Name}"));
            return 0;
        });
        return command.WithExamples(("plan list", "The plans of order A and order B"));
    }

    private static Command Show()
    {
        var plan = new Argument<string>("PLAN") { Description = "The id of a default plan, or a file" };
        var json = new Option<bool>("--json") { Description = "As a file: a beginning for a plan of one's own" };
        var command = new Command("show", "Show a plan, with the places to keep off.") { plan, json };
        command.SetAction(parsed =>
        {
            var chosen = Open(parsed.GetValue(plan)!);
            if (parsed.GetValue(json))
                Terminal.Say(PlanFile.Write(chosen));
            else
                Print(chosen);
            return 0;
        });
        return command.WithExamples(
            ("plan show order-a", "Order A with its default doses"),
            ("plan show order-a --json > mine.json", "The same as a file to change"));
    }

    private static Command Check()
    {
        var files = new Argument<string[]>("FILE") { Description = "A plan, JSON", Arity = ArgumentArity.OneOrMore };
        var command = new Command("check", "Check the files of plans: one line each, and exit code 1 if one is not right.") { files };
        command.SetAction(parsed => Terminal.CheckEach(parsed.GetValue(files)!, file => $"'{PlanFile.Load(file).Name}'"));
        return command.WithExamples(("plan check mine.json", "Doses within their limits, no muscle that is not rolled, no misspelt name"));
    }

    private static RollingPlan Open(string plan) =>
        DefaultPlans.Find(plan) ?? (File.Exists(plan) ? PlanFile.Load(plan) : throw new UserException(
            $"There is no plan or file '{plan}'. The default plans are {string.Join(", ", DefaultPlans.All.Select(p => p.Id))}."));

    private static void Print(RollingPlan plan)
    {
        Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{plan.Id}: {plan.Name}, {plan.Duration.TotalMinutes:0} min"));
        foreach (var item in plan.Items)
        {
            var facts = MuscleFacts.Of(item.Muscle);
            var side = item.Side == Side.None ? "" : $", {EnumNames.Of(item.Side)}";
            Terminal.Say(string.Create(CultureInfo.InvariantCulture,
                $"  {facts.Name + side,-52} {item.Sets} × {item.SetDuration.TotalSeconds:0} s, {item.StrokeDuration.TotalSeconds:0.#} s a stroke, {item.BodyWeightPercent.Lower:0}–{item.BodyWeightPercent.Upper:0} % of body weight"));
        }
        var sites = plan.Items.SelectMany(item => ForbiddenSite.Near(item.Muscle)).Distinct().Select(site => site.Name);
        Terminal.Say($"  Keep off: {string.Join(", ", sites)}.");
        Terminal.Say("  More force does not give more range: aim for discomfort of 4 to 6 of 10, and stop at sharp or tingling pain.");
    }
}
