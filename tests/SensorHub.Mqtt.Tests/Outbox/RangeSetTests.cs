using CsCheck;
using SensorHub.Mqtt.Outbox;

namespace SensorHub.Mqtt.Tests.Outbox;

public sealed class RangeSetTests
{
    private static readonly Gen<(bool Add, int First, int Length)[]> Changes = Gen.Select(Gen.Bool, Gen.Int[1, 60], Gen.Int[0, 12]).Array[0, 40];

    [Fact]
    public void It_holds_what_a_plain_set_would_hold_in_as_few_runs_as_possible() => Changes.Sample(changes =>
    {
        var (set, plain) = (new RangeSet(), new SortedSet<long>());
        foreach (var (add, first, length) in changes)
        {
            var run = Enumerable.Range(first, length + 1).Select(n => (long)n).ToList();
            var expected = run.Count(n => add ? plain.Add(n) : plain.Remove(n));
            Assert.Equal(expected, add ? set.Add(first, first + length) : set.Remove(first, first + length));
            Assert.Equal(plain.Count, set.Count);
            Assert.Equal(plain, set.SelectMany(r => Numbers(r)));
            Assert.Equal(plain.Count(n => !plain.Contains(n - 1)), set.Runs);
        }
        for (var n = 0; n < 80; n++)
            Assert.Equal(plain.Contains(n), set.Contains(n));
    });

    [Fact]
    public void Parts_within_and_missing_are_those_of_a_plain_set() => Gen.Select(Changes, Changes, Gen.Int[0, 70], Gen.Int[0, 20]).Sample((a, b, first, length) =>
    {
        var (set, other) = (Of(a), Of(b));
        var window = Enumerable.Range(first, length + 1).Select(n => (long)n).ToList();
        Assert.Equal(window.Where(set.Contains), set.Within(first, first + length).SelectMany(Numbers));
        Assert.Equal(window.Where(n => !set.Contains(n)), set.Missing(first, first + length).SelectMany(Numbers));
        Assert.Equal(window.Count(set.Contains), set.CountWithin(first, first + length));
        var expected = set.SelectMany(r => Numbers(r)).Where(n => n >= first && !other.Contains(n)).Select(n => (long?)n).FirstOrDefault();
        Assert.Equal(expected, set.FirstNotIn(other, first));
    });

    private static RangeSet Of((bool Add, int First, int Length)[] changes)
    {
        var set = new RangeSet();
        foreach (var (add, first, length) in changes)
            _ = add ? set.Add(first, first + length) : set.Remove(first, first + length);
        return set;
    }

    private static IEnumerable<long> Numbers((long First, long Last) run)
    {
        for (var n = run.First; n <= run.Last; n++)
            yield return n;
    }
}
