using SensorHub.Core;
using SensorHub.Core.Posture.Alignment;

namespace SensorHub.Pipelines.Sessions;

/// <summary>
/// The last calibration of each clip, a file each, so that a restart of the hub does not cost the person another stand. A file is
/// replaced whole or not at all. One that is damaged is reported and passed over: calibrating again heals it.
/// </summary>
/// <param name="folder">Made with the first calibration kept.</param>
/// <param name="warn">Takes one line for the operator.</param>
public sealed class CalibrationStore(string folder, Action<string> warn)
{
    /// <summary>Keeps the calibration in place of the sensor's last one.</summary>
    public void Keep(PostureCalibration calibration)
    {
        var path = PathOf(calibration.Sensor);
        var next = path + ".tmp";
        try
        {
            Directory.CreateDirectory(folder);
            using (var file = new FileStream(next, FileMode.Create, FileAccess.Write))
            {
                using var writer = new StreamWriter(file, leaveOpen: true);
                writer.Write(PostureCalibrationJson.Write(calibration));
                writer.Flush();
                file.Flush(flushToDisk: true);
            }
            File.Move(next, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn($"The calibration of {calibration.Sensor} cannot be kept in {path}: {e.Message} After a restart it has to be made anew.");
        }
    }

    /// <summary>The sensor's last calibration; null when there is none that can be read.</summary>
    public PostureCalibration? Find(Slug sensor)
    {
        var path = PathOf(sensor);
        try
        {
            var calibration = PostureCalibrationJson.Read(File.ReadAllText(path));
            if (calibration.Sensor == sensor)
                return calibration;
            warn($"{path} is the calibration of {calibration.Sensor}, not of {sensor}: it is passed over. Calibrate again, or put the right file there.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
        }
        catch (FormatException e)
        {
            warn($"{path} is damaged ({e.Message}): it is passed over. Calibrate again, which replaces it.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn($"{path} cannot be read: {e.Message} Calibrate again.");
        }
        return null;
    }

    /// <summary>Forgets the sensor's calibration.</summary>
    public void Forget(Slug sensor)
    {
        try
        {
            File.Delete(PathOf(sensor));
        }
        catch (DirectoryNotFoundException)
        {
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn($"{PathOf(sensor)} cannot be deleted: {e.Message}");
        }
    }

    private string PathOf(Slug sensor) => Path.Combine(folder, $"{sensor}.calibration.json");
}
