using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core;
using SensorHub.Core.Sessions;

namespace SensorHub.Pipelines.Tests.Population;

/// <summary>A hundred people, each with the sensors of their own, who play the same day; and the verdicts on what the pipelines said.</summary>
public sealed class SimulatedPeople
{
    public const int Count = 100;

    /// <summary>From the end of the calibration's last sample to the first estimate with it.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    public SimulatedPeople()
    {
        var cases = new Case[Count];
        Parallel.For(0, Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => cases[i] = Play(i + 1));
        Cases = cases;
    }

    internal IReadOnlyList<Case> Cases { get; }

    /// <param name="Loss">Share of the frames that never arrived.</param>
    internal sealed record Case(int Seed, PersonTraits Traits, double Loss, Verdict Verdict);

    internal static Case Play(int seed)
    {
        var traits = PersonTraits.Draw(seed);
        var loss = seed % 4 * 0.01 / 3;
        var session = new SimulatedSession(new SimulationOptions { Scenario = Scenario.Day, Person = traits, Seed = seed });
        var pipeline = new FeaturePipeline();
        List<Feature> features = [.. DirectFeed.Records(session, loss, seed).SelectMany(pipeline.Update), .. pipeline.Complete()];
        return new Case(seed, traits, loss, Judge(session, features, traits));
    }

    internal static Verdict Judge(SimulatedSession session, List<Feature> features, PersonTraits traits)
    {
        var (seconds, bends) = session.Said.First(s => s.Marker is Marker.BendCalibration);
        var calibrated = session.Truth.Start + TimeSpan.FromSeconds(seconds) + ((Marker.BendCalibration)bends).Duration + Settling;
        return Verdict.Of(session.Truth, calibrated, features, measured: traits.Roller.Cells > 0);
    }
}
