namespace SensorHub.Core.Sessions.Plans;

/// <summary>What is to be rolled in a session, in this order. Its rules are <see cref="PlanRules"/>, its file is <see cref="PlanFile"/>.</summary>
public sealed record RollingPlan
{
    /// <summary>Names the plan in recordings and programmes.</summary>
    public required Slug Id { get; init; }

    /// <summary>As a person reads it.</summary>
    public required string Name { get; init; }

    /// <summary>The order it follows: a therapist's choice, never derived from an angle.</summary>
    public ReleaseOrder Order { get; init; }

    /// <summary>A therapist has allowed muscles that are <see cref="Rollable.WhenUnlocked"/>.</summary>
    public bool Unlocked { get; init; }

    public required IReadOnlyList<PlanItem> Items { get; init; }

    /// <summary>Rolling and rest, without changes of place.</summary>
    public TimeSpan Duration => Items.Aggregate(TimeSpan.Zero, (sum, item) => sum + item.Sets * item.SetDuration + (item.Sets - 1) * item.Rest);

    /// <summary>The item for a muscle and side; one without a side holds for both. Null when the plan has none.</summary>
    public PlanItem? Find(Muscle muscle, Side side) =>
        Items.FirstOrDefault(item => item.Muscle == muscle && item.Side == side)
        ?? Items.FirstOrDefault(item => item.Muscle == muscle && (item.Side == Side.None || side == Side.None));

    public bool Equals(RollingPlan? other) =>
        other is not null && (Id, Name, Order, Unlocked) == (other.Id, other.Name, other.Order, other.Unlocked) && Items.SequenceEqual(other.Items);

    public override int GetHashCode() => HashCode.Combine(Id, Name, Order, Unlocked, Items.Count);
}

/// <summary>The dose for one muscle and side.</summary>
public sealed record PlanItem
{
    public required Muscle Muscle { get; init; }

    /// <summary><see cref="Side.None"/> for what lies in the middle.</summary>
    public required Side Side { get; init; }

    /// <summary>1 to 3.</summary>
    public required int Sets { get; init; }

    /// <summary>Time in contact of each set, 30 to 120 s.</summary>
    public required TimeSpan SetDuration { get; init; }

    /// <summary>The band that the force should lie in, % of body weight; at most 55.</summary>
    public required (double Lower, double Upper) BodyWeightPercent { get; init; }

    /// <summary>Of a one-way stroke, 2 to 4 s.</summary>
    public TimeSpan StrokeDuration { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Between two sets.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The default dose of a muscle.</summary>
    /// <exception cref="ArgumentException">The muscle has none.</exception>
    public static PlanItem Default(Muscle muscle, Side side)
    {
        var target = MuscleTarget.Find(muscle) ?? throw new ArgumentException($"{muscle} has no default dose.", nameof(muscle));
        return new PlanItem
        {
            Muscle = muscle, Side = side, Sets = target.Sets, SetDuration = target.SetDuration, BodyWeightPercent = target.BodyWeightPercent,
        };
    }
}
