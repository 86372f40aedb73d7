using SensorHub.Core;
using SensorHub.Core.Sessions.Studies;

namespace SensorHub.Web.Studies;

/// <summary>The studies that are planned here.</summary>
public interface IStudies
{
    /// <summary>As they are now.</summary>
    /// <exception cref="UserException">One cannot be read.</exception>
    IReadOnlyList<Study> All { get; }
}
