namespace SensorHub.Web.Access;

/// <summary>
/// What a page or endpoint lets people do. Whose it is stands in the route value or query parameter <c>subject</c>; where there is
/// none, it is the viewer's own. A page or endpoint that has no such attribute is refused to everybody.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class NeedsAttribute(Act act) : Attribute
{
    public Act Act { get; } = act;
}
