using SensorHub.Core;

namespace SensorHub.Faults;

/// <summary>How the parts are set up.</summary>
internal enum Setup
{
    /// <summary>One program: hub, embedded broker, both bridges. InfluxDB beside it.</summary>
    One,

    /// <summary>Hub, mosquitto, two bridge workers and InfluxDB, each a program of its own.</summary>
    Many,
}

/// <summary>To whom it happens.</summary>
internal enum Part
{
    Hub,

    /// <summary>The hub's own, or mosquitto.</summary>
    Broker,

    /// <summary>One of the two workers.</summary>
    Bridge,

    Influx,
}

internal enum Fault
{
    /// <summary>kill −9, and started again after a while.</summary>
    Kill,

    /// <summary>SIGSTOP, and SIGCONT after a while.</summary>
    Stop,

    /// <summary>The network between it and the others is cut, and mended after a while.</summary>
    Cut,

    /// <summary>Its disk takes nothing more, and has room again after a while.</summary>
    Disk,
}

/// <summary>What happens in a round.</summary>
/// <param name="Cut">How the network is cut; only of a cut.</param>
/// <param name="Calm">Before it.</param>
/// <param name="Lasting">From the fault to its end.</param>
/// <param name="Worker">Of the bridge: which worker, 0 or 1.</param>
internal sealed record Round(int Number, Setup Setup, Part Part, Fault Fault, Cut Cut, TimeSpan Calm, TimeSpan Lasting, int Worker);

/// <summary>The rounds, as the seed has them: the same seed, the same rounds.</summary>
internal static class Plan
{
    /// <summary>
    /// Everything that can happen. Killing, stopping or filling the disk of the embedded broker is the same as of the hub: one program.
    /// </summary>
    public static IReadOnlyList<(Setup Setup, Part Part, Fault Fault)> Combinations { get; } =
    [
        .. from part in new[] { Part.Hub, Part.Influx }
           from fault in Enum.GetValues<Fault>()
           where (part, fault) != (Part.Hub, Fault.Cut)
           select (Setup.One, part, fault),
        (Setup.One, Part.Broker, Fault.Cut),
        .. from part in Enum.GetValues<Part>()
           from fault in Enum.GetValues<Fault>()
           select (Setup.Many, part, fault),
    ];

    /// <param name="which">As setup/who/what, or the beginning of it.</param>
    /// <exception cref="UserException">There is no such combination.</exception>
    public static IReadOnlyList<(Setup Setup, Part Part, Fault Fault)> Find(string which)
    {
        var found = Combinations.Where(c => $"{c.Setup}/{c.Part}/{c.Fault}/".StartsWith(which.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count > 0 ? found : throw new UserException(
            $"--only is '{which}'; it takes one of {string.Join(", ", Combinations.Select(c => $"{c.Setup}/{c.Part}/{c.Fault}".ToLowerInvariant()))}, or its beginning.");
    }

    /// <summary>So much longer: what nobody is told of is found out by waiting.</summary>
    private static readonly TimeSpan BlackHole = TimeSpan.FromSeconds(10);

    /// <summary>Each combination once before any comes twice, and each way to cut a network; the rounds on one machine first.</summary>
    public static IReadOnlyList<Round> Of(int seed, IReadOnlyList<(Setup Setup, Part Part, Fault Fault)> which, int rounds)
    {
        var random = new Random(seed);
        var chosen = new List<(Setup Setup, Part Part, Fault Fault)>();
        while (chosen.Count < rounds)
        {
            var all = which.ToArray();
            random.Shuffle(all);
            chosen.AddRange(all.Take(rounds - chosen.Count));
        }
        var cuts = new Queue<Cut>();
        return [.. chosen.OrderBy(c => c.Setup).Select((c, i) =>
        {
            if (cuts.Count == 0)
            {
                var kinds = Enum.GetValues<Cut>();
                random.Shuffle(kinds);
                cuts = new Queue<Cut>(kinds);
            }
            var cut = c.Fault == Fault.Cut && (c.Setup, c.Part) != (Setup.One, Part.Broker) ? cuts.Dequeue() : Cut.Reset;
            return new Round(
                i + 1, c.Setup, c.Part, c.Fault, cut,
                Calm: TimeSpan.FromSeconds(1 + 3 * random.NextDouble()),
                Lasting: TimeSpan.FromSeconds(3 + 9 * random.NextDouble()) + (c.Fault == Fault.Cut && cut == Cut.BlackHole ? BlackHole : TimeSpan.Zero),
                Worker: random.Next(2));
        })];
    }
}
