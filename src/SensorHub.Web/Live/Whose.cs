using Microsoft.AspNetCore.Http;
using SensorHub.Core;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Access;

namespace SensorHub.Web.Live;

internal static class Whose
{
    /// <summary>Whose page this is: as asked for, else the viewer's own, else, without accounts, whoever's session is on. None for nobody.</summary>
    public static Slug Page(HttpContext context, LiveFeed feed)
    {
        var asked = Gate.SubjectOf(context) ?? default;
        var person = asked.IsNone && Gate.ViewerOf(context).IsAlone ? feed.CurrentSubject : asked;
        return person == Topics.NoSubject ? default : person;
    }
}
