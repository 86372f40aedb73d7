using CsCheck;
using SensorHub.Core;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Mqtt.Tests.Contract;

public sealed class TopicNameTests
{
    private static readonly Gen<Slug> AnySlug =
        Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789"].Array[1, Slug.MaxLength].Select(c => Slug.Parse(new string(c)));

    [Fact]
    public void Every_topic_that_is_written_is_read() => Gen.Select(AnySlug, AnySlug).Sample((hub, about) =>
    {
        Assert.Equal(new TopicName(TopicKind.HubStatus, hub), TopicName.Parse(Topics.HubStatus(hub)));
        Assert.Equal(new TopicName(TopicKind.HubClock, hub), TopicName.Parse(Topics.HubClock(hub)));
        Assert.Equal(new TopicName(TopicKind.Command, hub), TopicName.Parse(Topics.Command(hub)));
        Assert.Equal(new TopicName(TopicKind.Stored, hub), TopicName.Parse(Topics.Stored(hub)));
        Assert.Equal(new TopicName(TopicKind.SensorStatus, hub, Sensor: about), TopicName.Parse(Topics.SensorStatus(hub, about)));
        Assert.Equal(new TopicName(TopicKind.Home, hub, Sensor: about), TopicName.Parse(Topics.Home(hub, about)));
        Assert.Equal(new TopicName(TopicKind.Frames, hub, Sensor: about), TopicName.Parse(Topics.Frames(hub, about)));
        Assert.Equal(new TopicName(TopicKind.Descriptor, hub, Sensor: about), TopicName.Parse(Topics.Descriptor(hub, about)));
        Assert.Equal(new TopicName(TopicKind.Posture, hub, about), TopicName.Parse(Topics.Posture(hub, about)));
        Assert.Equal(new TopicName(TopicKind.Rolling, hub, about), TopicName.Parse(Topics.Rolling(hub, about)));
        Assert.Equal(new TopicName(TopicKind.Events, hub, about), TopicName.Parse(Topics.Events(hub, about)));
        Assert.Equal(new TopicName(TopicKind.Cues, hub, about), TopicName.Parse(Topics.Cues(hub, about)));
        Assert.Equal(new TopicName(TopicKind.Session, hub, about), TopicName.Parse(Topics.Session(hub, about)));
    });

    [Fact]
    public void Nobody_in_session_is_a_name_in_the_topic_and_none_when_read() =>
        Assert.Equal(new TopicName(TopicKind.Events, Samples.Hub), TopicName.Parse(Topics.Events(Samples.Hub, Topics.NoSubject)));

    [Theory]
    [InlineData("")]
    [InlineData("sensorhub/1")]
    [InlineData("sensorhub/1/")]
    [InlineData("sensorhub/1/hub")]
    [InlineData("sensorhub/1//status")]
    [InlineData("sensorhub/1/hub/status/")]
    [InlineData("sensorhub/1/hub/subjects//posture")]
    [InlineData("sensorhub/1/hub/subjects/p/pulse")]
    [InlineData("sensorhub/1/hub/frames/s/other")]
    [InlineData("sensorhub/10/hub/status")]
    [InlineData("Sensorhub/1/hub/status")]
    public void Anything_else_is_foreign(string topic) => Assert.Equal(TopicKind.Foreign, TopicName.Parse(topic).Kind);
}
