using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Portable;

/// <summary>
/// Which of all devices that are heard are our sensors. Advertising data, which have the service, and scan response, which
/// has the name, may come as two reports of one address: what either said is remembered. Only of a device that never said
/// which services it has, the name decides.
/// </summary>
public sealed class ScanFilter
{
    /// <summary>Private addresses change every quarter of an hour: the oldest are forgotten.</summary>
    private const int Remembered = 256;

    /// <summary>firmware-protocol/README.md §2.4.</summary>
    private static readonly string[] Names = ["SH Roller ", "SH Clip "];

    private readonly OrderedDictionary<string, Known> _known = [];

    /// <returns>Null when it is not, or not known to be, one of ours.</returns>
    public Advertisement? Take(HeardDevice heard)
    {
        var known = _known.GetValueOrDefault(heard.Address, new Known(null, ""));
        if (heard.Services.Count > 0)
            known = known with { Ours = heard.Services.Contains(Gatt.Service) };
        if (heard.Name.Length > 0)
            known = known with { Name = heard.Name };
        _known[heard.Address] = known;
        if (_known.Count > Remembered)
            _known.RemoveAt(0);
        return known.Ours ?? Names.Any(n => known.Name.StartsWith(n, StringComparison.Ordinal))
            ? new Advertisement(heard.Address, known.Name, heard.Rssi)
            : null;
    }

    /// <param name="Ours">Null while it has not said which services it has.</param>
    private readonly record struct Known(bool? Ours, string Name);
}
