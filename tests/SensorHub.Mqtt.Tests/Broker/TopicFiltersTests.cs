using System.Text.RegularExpressions;
using SensorHub.Mqtt.Broker;

namespace SensorHub.Mqtt.Tests.Broker;

public sealed class TopicFiltersTests
{
    [Theory]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a/c", false)]
    [InlineData("a/b", "a", false)]
    [InlineData("a/b", "a/b/c", false)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a/+", true)]
    [InlineData("a/+", "a/", true)]
    [InlineData("a/+", "a", false)]
    [InlineData("a/+", "a/#", false)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("a/b", "a/+", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/#", "a/+/c", true)]
    [InlineData("a/#", "a/#", true)]
    [InlineData("a/#", "ab", false)]
    [InlineData("a/#", "+/b", false)]
    [InlineData("a/#", "#", false)]
    [InlineData("a/+/c", "a/#", false)]
    [InlineData("a/+/#", "a/#", false)]
    [InlineData("a/+/#", "a/b", true)]
    [InlineData("a/+/#", "a", false)]
    [InlineData("+/b", "a/b", true)]
    [InlineData("+/b", "$SYS/b", false)]
    [InlineData("#", "$SYS/broker", false)]
    [InlineData("#", "$SYS/#", false)]
    [InlineData("#", "$share/g/a", false)]
    [InlineData("#", "#", true)]
    [InlineData("$SYS/#", "$SYS/broker", true)]
    public void A_filter_covers_what_matches_no_more_than_it_does(string outer, string inner, bool covers) => Assert.Equal(covers, TopicFilters.Covers(outer, inner));

    [Fact]
    public void What_is_covered_is_matched_whatever_topic_is_tried()
    {
        string[] parts = ["a", "b", "", "+", "#"];
        var filters = (from x in parts from y in parts from z in parts from n in Enumerable.Range(1, 3) select string.Join('/', new[] { x, y, z }.Take(n))).Where(TopicFilters.IsWellFormed).Distinct().ToList();
        var topics = filters.Where(f => !TopicFilters.HasWildcard(f)).Concat(["a/b/a/b", "b/b/b/b"]).ToList();
        foreach (var outer in filters)
            foreach (var inner in filters.Where(inner => TopicFilters.Covers(outer, inner)))
                foreach (var topic in topics.Where(topic => Matches(topic, inner)))
                    Assert.True(Matches(topic, outer), $"'{outer}' covers '{inner}', which matches '{topic}', and it does not");

        // As a regular expression: another way to the same.
        static bool Matches(string topic, string filter) =>
            Regex.IsMatch(topic, "^" + filter.Replace("+", "[^/]*", StringComparison.Ordinal).Replace("/#", "(/.*)?", StringComparison.Ordinal).Replace("#", ".*", StringComparison.Ordinal) + "$");
    }

    [Theory]
    [InlineData("a/+/b/#", true)]
    [InlineData("+", true)]
    [InlineData("#", true)]
    [InlineData("/", true)]
    [InlineData("", false)]
    [InlineData("a/#/b", false)]
    [InlineData("a#", false)]
    [InlineData("a/b+", false)]
    [InlineData("a/\0", false)]
    public void A_wildcard_stands_alone_and_a_hash_last(string filter, bool wellFormed) => Assert.Equal(wellFormed, TopicFilters.IsWellFormed(filter));
}
