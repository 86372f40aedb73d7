namespace SensorHub.Core.Sessions.Plans;

/// <summary>What a plan may ask for. Bounds of the published range of doses, and of what is comfortable.</summary>
public sealed record PlanOptions
{
    /// <summary>Shortest set.</summary>
    [Constant(5, 120, "s", Evidence.Published, "30 to 120 s a set (PMID 33105383)")]
    public TimeSpan ShortestSet { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest set.</summary>
    [Constant(30, 300, "s", Evidence.Published, "30 to 120 s a set (PMID 33105383)")]
    public TimeSpan LongestSet { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Most sets of a muscle and side.</summary>
    [Constant(1, 10, "1", Evidence.Published, "1 to 3 sets (PMID 33105383)")]
    public int MostSets { get; init; } = 3;

    /// <summary>Shortest one-way stroke.</summary>
    [Constant(0.5, 4, "s", Evidence.Published, "2 to 4 s one way (PMID 33105383); people left alone roll too fast (doi 10.52082/jssm.2024.684)")]
    public TimeSpan ShortestStroke { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest one-way stroke.</summary>
    [Constant(2, 20, "s", Evidence.Published, "2 to 4 s one way (PMID 33105383)")]
    public TimeSpan LongestStroke { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Longest rest between two sets.</summary>
    [Constant(0, 1800, "s", Evidence.Engineering, "longer is another session")]
    public TimeSpan LongestRest { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Highest force that a band may reach. 15 to 25 % and 45 to 55 % gave equal gains of range, so more is pain without gain.</summary>
    [Constant(20, 100, "% of body weight", Evidence.Engineering, "the upper end of the forces tried (doi 10.5061/dryad.1ns1rn93x)")]
    public double HighestForce { get; init; } = 55;
}
