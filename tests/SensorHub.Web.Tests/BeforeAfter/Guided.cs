using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Web.BeforeAfter;

namespace SensorHub.Web.Tests.BeforeAfter;

/// <summary>What the hub says of somebody's way through the protocol.</summary>
internal sealed class Guided(WebHost web, Person person)
{
    private double _second = 200;

    public ProtocolState State(
        ProtocolStep step, ProtocolRun run = ProtocolRun.Before, Side side = Side.None, int number = 1, int of = 1, double? left = null,
        StepResult result = StepResult.Running, StepTrouble trouble = StepTrouble.None) => new()
        {
            Time = person.Posture(_second += 0.1).Time, Session = person.Session, Subject = person.Subject, Sensor = Slug.Parse("clip-1"), Run = run, Step = step, Side = side,
            Number = number, Of = of, Left = left is { } s ? TimeSpan.FromSeconds(s) : null, Result = result, Trouble = trouble,
        };

    public void Say(params ProtocolState[] states) => web.Feed.Receive(states);

    /// <summary>This state and the posture, again and again until the check holds.</summary>
    public async Task WhileAsync(
        ProtocolStep step, Func<Task> check, ProtocolRun run = ProtocolRun.Before, int number = 1, int of = 1, double? left = null, StepTrouble trouble = StepTrouble.None)
    {
        using var stop = new CancellationTokenSource();
        var playing = PlayAsync();
        await check();
        await stop.CancelAsync();
        await playing;

        async Task PlayAsync()
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            try
            {
                do
                    web.Feed.Receive(person.Posture(_second), State(step, run, number: number, of: of, left: left, trouble: trouble));
                while (await timer.WaitForNextTickAsync(stop.Token));
            }
            catch (OperationCanceledException)
            {
            }
        }
    }
}

/// <summary>A pelvis that goes 11° further in the bend after rolling, and standing that has not changed.</summary>
internal sealed class FakeOutcomes : IOutcomes
{
    public OutcomeReport? Report { get; set; } = new(Slug.Parse("s1"), Person.Begin, [
        new OutcomeRun(ProtocolRun.AfterTwoMinutes, SessionOutcome.Compare(
            [Value(Measure.PelvicRotation, 52.3, 1.1), Value(Measure.StandingLordosis, 31.2, 0.9), Value(Measure.Pain, 3, 0.29)],
            [Value(Measure.PelvicRotation, 63.4, 1.2), Value(Measure.StandingLordosis, 31.9, 0.8), Value(Measure.Pain, 2, 0.29)])),
    ], null);

    public List<Slug> Asked { get; } = [];

    public Task<OutcomeReport?> NewestAsync(Slug subject, CancellationToken cancellationToken)
    {
        lock (Asked)
            Asked.Add(subject);
        return Task.FromResult(Report);
    }

    private static MeasureValue Value(Measure measure, double value, double u) => new()
    {
        Measure = measure, Value = new Measured(value, u), ToCompare = new Measured(value, u), Repetitions = 3, Method = "mean-of-bends", Attachment = Slug.Parse("a1"),
        Calibration = "c1", Quality = Quality.Good, At = Person.Begin,
    };
}
