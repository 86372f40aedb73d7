using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Sessions.Programmes;

namespace SensorHub.Core.Tests.Sessions.Programmes;

public class ProgrammeFileTests
{
    [Fact]
    public void A_programme_comes_back_from_its_file_as_it_was()
    {
        var own = DefaultPlans.OrderB with { Items = [PlanItem.Default(Muscle.Calf, Side.Left)] };
        var mixed = new Programme
        {
            Id = Slug.Parse("mixed"), Name = "Mixed", Order = ReleaseOrder.None,
            Phases =
            [
                new ProgrammePhase("Calf", 2, 4, own, []),
                new ProgrammePhase("Strength", 5, 2, null, [new Exercise(Muscle.GluteusMaximus, 3, 12)]),
                new ProgrammePhase("Both", 4, 3, DefaultPlans.OrderB, [new Exercise(Muscle.Hamstrings, 2, 8)]),
            ],
        };
        foreach (var programme in Programme.Defaults.Append(mixed))
        {
            var read = ProgrammeFile.Parse(ProgrammeFile.Write(programme), "programme.json");
            Assert.Equal((programme.Id, programme.Name, programme.Order), (read.Id, read.Name, read.Order));
            Assert.Equal(programme.Phases.Count, read.Phases.Count);
            foreach (var (before, after) in programme.Phases.Zip(read.Phases))
            {
                Assert.Equal(before.Exercises, after.Exercises);
                Assert.Equal(before with { Exercises = after.Exercises }, after);
            }
        }
    }

    [Fact]
    public void A_default_plan_is_written_by_its_id_and_another_is_written_out() =>
        Assert.Contains("\"plan\": \"order-a\"", ProgrammeFile.Write(Programme.Default(ReleaseOrder.A)), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "schema": "plan/1" }""", "p.json: its schema is 'plan/1' where 'programme/1' is read.")]
    [InlineData("""{ "schema": "programme/2" }""", "p.json: it is of version 2, written by a newer program")]
    [InlineData("""{ "schema": "programme/1", "id": "a", "name": "A" }""", "p.json: ")]
    [InlineData("""{ "schema": "programme/1", "id": "A!", "name": "A", "phases": [] }""", "p.json: the id 'A!' is not a name")]
    [InlineData("""{ "schema": "programme/1", "id": "a", "name": null, "phases": [] }""", "p.json: it has no name.")]
    [InlineData("""{ "schema": "programme/1", "id": "a", "name": "A", "phases": [] }""", "p.json: it has no phases.")]
    [InlineData("""{ "schema": "programme/1", "id": "a", "name": "A", "phases": [ null ] }""", "p.json: phase 1: it is empty.")]
    [InlineData("""{ "schema": "programme/1", "id": "a", "name": "A", "order": "c", "phases": [] }""", "p.json: no order is called 'c'; there are none, a, b.")]
    [InlineData("""{ "schema": "programme/1", "id": "a", "name": "A", "phases": [ { "name": "R", "weeks": 6, "sessions_per_week": 3, "plan": "order-c" } ] }""", "p.json: phase 1: no default plan is called 'order-c'; there are order-a, order-b.")]
    [InlineData("""{ "schema": "programme/1", "id": "a", "name": "A", "phases": [ { "name": "R", "weeks": 6, "sessions_per_week": 3, "plan": 5 } ] }""", "p.json: line 1: A plan is the id of a default plan")]
    [InlineData("""{ "schema": "programme/1", "id": "a", "name": "A", "phases": [ { "name": "R", "weeks": 6.5, "sessions_per_week": 3, "plan": "order-a" } ] }""", "p.json: line 1: ")]
    [InlineData("""{ "schema": "programme/1", "id": "a", "name": "A", "phases": [ { "name": "R", "weeks": 60, "sessions_per_week": 3, "plan": "order-a" } ] }""", "p.json: 'R' lasts 60 weeks; it takes 1 to 52.")]
    [InlineData("""{ "schema": "programme/1", "id": "a", "name": "A", "phases": [ { "name": "R", "weeks": 6, "sessions_per_week": 3 } ] }""", "p.json: 'R' has neither a plan nor an exercise.")]
    [InlineData("""{ "schema": "programme/1", "id": "a", "name": "A", "phases": [ { "name": "R", "weeks": 6, "sessions_per_week": 3, "exercises": [ { "muscle": "calves", "sets": 3, "repetitions": 10 } ] } ] }""", "p.json: phase 1: exercise 1: no muscle is called 'calves'")]
    [InlineData("""{ "schema": "programme/1", "id": "a", "name": "A", "phases": [ { "name": "R", "weeks": 6, "sessions_per_week": 3, "exercises": [ { "muscle": "calf", "sets": 30, "repetitions": 10 } ] } ] }""", "p.json: 'R': calf, 30 × 10; an exercise takes a muscle")]
    [InlineData("""{ "schema": "programme/1", "id": "a", "name": "A", "phases": [ { "name": "R", "weeks": 6, "sessions_per_week": 3, "plan": { "id": "o", "name": "O", "items": [ { "muscle": "hip_flexors", "side": "left" } ] } } ] }""", "p.json: phase 1: its plan: item 1 (hip_flexors, left): this muscle is not rolled")]
    public void A_broken_file_gets_one_line_that_names_it(string json, string beginning)
    {
        var e = Assert.Throws<UserException>(() => ProgrammeFile.Parse(json, "p.json"));
        Assert.StartsWith(beginning, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_fault_inside_a_plan_that_is_written_out_is_told_with_its_line_in_the_file()
    {
        var e = Assert.Throws<UserException>(() => ProgrammeFile.Parse("""
            { "schema": "programme/1", "id": "a", "name": "A", "phases": [
              { "name": "R", "weeks": 6, "sessions_per_week": 3, "plan": {
                "id": "o", "name": "O", "items": [
                  { "muscle": "calf", "side": "left", "seconds": 3 } ] } } ] }
            """, "p.json"));
        Assert.StartsWith("p.json: line 4: The JSON property 'seconds'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Days_are_read_from_a_column_of_a_diary()
    {
        Assert.Equal(
            [new DateOnly(2026, 1, 5), new DateOnly(2026, 1, 5), new DateOnly(2026, 2, 28)],
            SessionDays.Parse("note, date\nfirst,2026-01-05\n,2026-01-05\n\n,2026-02-28\n", "diary.csv"));
        Assert.Empty(SessionDays.Parse("date\n", "diary.csv"));
    }

    [Theory]
    [InlineData("", "d.csv has no column date in its header")]
    [InlineData("day\n2026-01-05\n", "d.csv has no column date in its header")]
    [InlineData("date\n2026-01-05\n5.1.2026\n", "d.csv, line 3, column date: '5.1.2026' is not a day such as 2026-01-31.")]
    [InlineData("a,date\n2026-01-05\n", "d.csv, line 2, column date: '' is not a day")]
    public void A_broken_diary_gets_one_line_with_its_place(string csv, string beginning) =>
        Assert.StartsWith(beginning, Assert.Throws<UserException>(() => SessionDays.Parse(csv, "d.csv")).Message, StringComparison.Ordinal);
}
