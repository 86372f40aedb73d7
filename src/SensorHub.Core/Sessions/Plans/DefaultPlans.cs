namespace SensorHub.Core.Sessions.Plans;

/// <summary>
/// The two orders as plans: the muscles to release, in their rank, both sides, each with its default dose. A therapist chooses
/// one, or writes another.
/// </summary>
public static class DefaultPlans
{
    public static RollingPlan OrderA { get; } = Release(ReleaseOrder.A, "order-a", "Order A: release what tilts the pelvis backward");

    public static RollingPlan OrderB { get; } = Release(ReleaseOrder.B, "order-b", "Order B: release what tilts the pelvis forward");

    public static IReadOnlyList<RollingPlan> All { get; } = [OrderA, OrderB];

    /// <summary>The default plan of this id, or null.</summary>
    public static RollingPlan? Find(string id) => All.FirstOrDefault(plan => plan.Id.ToString() == id);

    private static RollingPlan Release(ReleaseOrder order, string id, string name) => new()
    {
        Id = Slug.Parse(id),
        Name = name,
        Order = order,
        Items =
        [
            .. from facts in MuscleFacts.All
                let step = facts.In(order)
                where step.Kind == OrderStepKind.Release
                orderby step.Rank
                from side in new[] { Side.Left, Side.Right }
                select PlanItem.Default(facts.Muscle, side)
        ],
    };
}
