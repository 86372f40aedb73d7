using SensorHub.Core.Sessions;

namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>One set of rolling a muscle.</summary>
/// <param name="Strokes">One-way strokes, to and fro in turn; the first goes towards the hip.</param>
/// <param name="SecondsPerStroke">Tempo, s.</param>
/// <param name="StrokeLength">Path along the muscle, m.</param>
/// <param name="Force">Mean force between body and roller, N.</param>
public sealed record RollingSet(Muscle Muscle, Side Side, int Strokes, double SecondsPerStroke, double StrokeLength, double Force)
{
    /// <summary>Time in which the roller is picked up and put under the muscle, without weight, s.</summary>
    public double Placing { get; init; } = 1.5;

    /// <summary>Time in which the weight is put on, and taken off again, s.</summary>
    public double Edge { get; init; } = 0.6;

    /// <summary>After so many strokes the leg is lifted for <see cref="Rest"/>; 0 = never.</summary>
    public int RestEvery { get; init; }

    /// <summary>Without weight, both edges not included, s.</summary>
    public double Rest { get; init; } = 3;

    /// <summary>From the far to the near end of the muscle the force grows by this share of <see cref="Force"/>: more of the body lies on the roller.</summary>
    public double ForceGradient { get; init; } = 0.2;

    /// <summary>Slow, irregular change of the force: its root mean square as a share of <see cref="Force"/>.</summary>
    public double Unsteadiness { get; init; } = 0.04;

    /// <summary>The part of each stroke towards the hip in which the skin slides over the roller instead of turning it, 0 to below 1.</summary>
    public double Slip { get; init; } = 0.02;

    /// <summary>How long the roller stands still at the end of each stroke, at the least, s.</summary>
    public double TurnPause { get; init; }

    /// <summary>Strokes differ: where they turn by up to this share of their length, and in tempo by up to this share of their time, the rest of which is pause.</summary>
    public double Unevenness { get; init; }

    /// <summary>The whole set, s.</summary>
    public double Seconds => Placing + 2 * Edge + Strokes * (SecondsPerStroke + TurnPause) + Rests * (2 * Edge + Rest);

    /// <summary>No rest after the last stroke.</summary>
    private int Rests => RestEvery <= 0 ? 0 : (Strokes - 1) / RestEvery;
}
