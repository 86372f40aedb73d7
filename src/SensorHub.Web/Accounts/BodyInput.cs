using System.Globalization;
using SensorHub.Core;
using SensorHub.Web.People;

namespace SensorHub.Web.Accounts;

/// <summary>What a subject says of themselves.</summary>
internal sealed class BodyInput
{
    public string? Alias { get; set; }

    public string? MassKg { get; set; }

    public string? HeightCm { get; set; }

    /// <exception cref="UserException">A number is none, or out of its range.</exception>
    public void Apply(Subject subject)
    {
        if (Alias is not null)
            subject.Alias = Alias.Trim() is { Length: > 0 and <= 40 } alias && !alias.Any(char.IsControl) ? alias : throw new UserException("Write a name of 1 to 40 characters for your therapist to see.");
        subject.BodyMassKg = Number(MassKg, "body mass", 20, 300, "kg");
        subject.HeightCm = Number(HeightCm, "height", 100, 230, "cm");
    }

    private static double? Number(string? text, string what, double least, double most, string unit)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        return double.TryParse(text.Trim().Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UserException(FormattableString.Invariant($"Your {what} is a number of {unit} from {least} to {most}, or left empty."));
    }
}
