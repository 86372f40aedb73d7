using System.CommandLine;
using System.Globalization;
using SensorHub.Core;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Commands;

/// <summary><c>sensorhub inspect</c>: which samples recordings have, and which are missing.</summary>
public static class InspectCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("RECORDING") { Description = "Recordings (their folders or single files), taken together", Arity = ArgumentArity.OneOrMore };
        var complete = new Option<bool>("--complete") { Description = "Fail when a sample between the first and the last of a stream is missing" };
        var command = new Command("inspect", "Count the samples of recordings, and those that are missing.") { files, complete };
        command.SetAction(parsed => Inspect(parsed.GetValue(files)!, parsed.GetValue(complete)));
        return command.WithExamples(("inspect recordings/hamstrings-7 --complete", "A line for each sensor and stream; exit code 1 when something is missing"));
    }

    private static int Inspect(IEnumerable<string> paths, bool complete)
    {
        var coverage = new RecordingCoverage();
        foreach (var path in paths)
            foreach (var record in RecordingReader.Read(path, damage => Terminal.Warn(damage.ToString())))
                coverage.Add(record);

        var missing = 0L;
        var streams = coverage.Streams().ToArray();
        if (streams.Length == 0)
            throw new UserException("There is no frame in it, so there is nothing to count.");
        foreach (var stream in streams)
        {
            missing += stream.Missing;
            Terminal.Say(string.Create(CultureInfo.InvariantCulture,
                $"{stream.Sensor}, stream {stream.Stream.Id} ({stream.Stream.Kind.ToString().ToLowerInvariant()}): {stream.Samples} samples from {stream.First} on, {stream.Missing} missing, {stream.Repeated} repeated"));
        }
        if (coverage.Malformed > 0)
            Terminal.Say($"{coverage.Malformed} frames that cannot be read");
        return complete && missing + coverage.Malformed > 0 ? 1 : 0;
    }
}
