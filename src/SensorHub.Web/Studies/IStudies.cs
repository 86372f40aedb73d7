using SensorHub.Core;
using SensorHub.Core.Sessions.Studies;

namespace SensorHub.Web.Studies;

/// <summary>The studies that are planned here.</summary>
public interface IStudies
{
    /// <summary>Asked for each page: whether there is one, be it right or not.</summary>
    bool HasAny { get; }

    /// <summary>As they are now.</summary>
    /// <exception cref="UserException">One cannot be read.</exception>
    IReadOnlyList<Study> All { get; }
}
