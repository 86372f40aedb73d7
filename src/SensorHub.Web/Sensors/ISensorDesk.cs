using SensorHub.Core;

namespace SensorHub.Web.Sensors;

/// <summary>
/// What the sensor pages need of the hub. Thread-safe. Operations end when the sensor has answered; what a person can mend
/// is a <see cref="UserException"/> whose message the page shows.
/// </summary>
public interface ISensorDesk
{
    /// <summary>All that there is to show, now. Cheap: asked a few times a second for each open page.</summary>
    DeskState State { get; }

    /// <summary>Something in <see cref="State"/> changed. Raised by any thread, often; whoever listens returns at once.</summary>
    event Action? Changed;

    /// <summary>Listens for sensors that are not known yet, until it is switched off or a few minutes have passed.</summary>
    void Scan(bool on);

    /// <summary>Connects to a sensor nearby without pairing, and reads who it is. It is kept in <see cref="DeskNearby"/>.</summary>
    Task LookAsync(string handle, CancellationToken cancellationToken);

    /// <summary>Makes a sensor nearby one of the hub's own: looks who it is, and connects, pairs and streams from now on.</summary>
    /// <returns>Who it is.</returns>
    Task<Slug> AddAsync(string handle, CancellationToken cancellationToken);

    /// <param name="name">What people call it: 1 to 40 characters; empty = as it came.</param>
    void Rename(Slug sensor, string name);

    /// <summary>Says whose sensor it is. One of another person than the hub's present one is left alone.</summary>
    /// <param name="subject">A pseudonym; none = whoever uses the hub.</param>
    void Assign(Slug sensor, Slug subject);

    /// <summary>Blinks its LED.</summary>
    Task IdentifyAsync(Slug sensor, CancellationToken cancellationToken);

    /// <summary>Takes what the load cells read now for no load, and begins the calibration with known weights anew.</summary>
    Task ZeroLoadAsync(Slug sensor, CancellationToken cancellationToken);

    /// <summary>Weighs a known weight that lies still on the roller: one more placement of the calibration, or, once its gains were kept, a check of them.</summary>
    /// <param name="kilograms">The weight.</param>
    /// <param name="cell">The cell it lies over, from 0; null = in the middle.</param>
    Task WeighAsync(Slug sensor, double kilograms, int? cell, CancellationToken cancellationToken);

    /// <summary>Gives the sensor the gains that the placements led to. It keeps them.</summary>
    Task KeepGainsAsync(Slug sensor, CancellationToken cancellationToken);

    /// <summary>Drops the placements.</summary>
    void DropPlacements(Slug sensor);

    /// <summary>Lets a sensor go: the link, the bond, its name and whose it is.</summary>
    Task ForgetAsync(Slug sensor, CancellationToken cancellationToken);

    /// <summary>Answers <see cref="DeskState.Pairing"/>.</summary>
    /// <param name="prompt">Its <see cref="PairingPrompt.Id"/>; another one has passed, and the answer is dropped.</param>
    /// <param name="accept">The numbers are the same; false = they are not, or the person does not want to.</param>
    void AnswerPairing(string prompt, bool accept);
}
