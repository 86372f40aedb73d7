using SensorHub.Core;

namespace SensorHub.Web.Access;

/// <summary>What subjects have allowed whom.</summary>
public interface IConsents
{
    /// <summary>As it is now; asked again for each request, and by open streams whenever <see cref="Changed"/> says so and every second.</summary>
    ValueTask<ConsentState> OfAsync(Viewer viewer, Slug subject, CancellationToken cancellationToken);

    /// <summary>A consent was granted or withdrawn. Handlers return at once.</summary>
    event Action? Changed;
}

/// <summary>Whether a program's key still holds.</summary>
public interface IKeys
{
    /// <param name="viewer">One with a <see cref="Viewer.Key"/>.</param>
    ValueTask<bool> HoldsAsync(Viewer viewer, CancellationToken cancellationToken);
}
