using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using SensorHub.Core.Orientation;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Benchmarks;

/// <summary>
/// One update of the orientation with the bias learnt at rest and in motion, without magnetometer; time and bytes are per sample, over a
/// minute of motion and rest at 100 Hz.
/// </summary>
/// <remarks>
/// SENSORHUB_VQF_LIBRARY names a shared library with <c>double vqf_run(double period, const double* force, const double* rate, long samples,
/// double* orientation)</c> that makes the authors' filter and feeds it all samples; without it that benchmark is left out.
/// </remarks>
[MemoryDiagnoser]
[MinColumn]
public class Orientation
{
    private const int Samples = 6_000;
    private const double Period = 0.01;

    private readonly Vector3D[] _forces = new Vector3D[Samples];
    private readonly Vector3D[] _rates = new Vector3D[Samples];
    private readonly ImuSample[] _stamped = new ImuSample[Samples];
    private readonly double[] _plainForces = new double[3 * Samples];
    private readonly double[] _plainRates = new double[3 * Samples];
    private readonly double[] _orientation = new double[4];
    private readonly Vqf _filter = new(TimeSpan.FromSeconds(Period));
    private readonly OrientationFilter _live = new();
    private long _start;
    private unsafe delegate* unmanaged<double, double*, double*, long, double*, double> _reference;

    [GlobalSetup]
    public unsafe void Setup()
    {
        var orientation = Rotation.Identity;
        for (var i = 0; i < Samples; i++)
        {
            var t = i * Period;
            var moving = i / 500 % 2;
            var rate = moving * new Vector3D(Math.Sin(1.1 * t), Math.Cos(0.7 * t), Math.Sin(0.9 * t + 1));
            orientation = (orientation * Rotation.FromRotationVector(Period * rate)).Normalized();
            _forces[i] = 9.81 * orientation.Inverse.Rotate(Vector3D.UnitZ);
            _rates[i] = rate + new Vector3D(0.01, -0.005, 0.002);
            _stamped[i] = new ImuSample(new Timestamp(10_000_000L * i), _forces[i], _rates[i]);
            (_plainForces[3 * i], _plainForces[3 * i + 1], _plainForces[3 * i + 2]) = (_forces[i].X, _forces[i].Y, _forces[i].Z);
            (_plainRates[3 * i], _plainRates[3 * i + 1], _plainRates[3 * i + 2]) = (_rates[i].X, _rates[i].Y, _rates[i].Z);
        }
        if (Environment.GetEnvironmentVariable("SENSORHUB_VQF_LIBRARY") is { } library)
            _reference = (delegate* unmanaged<double, double*, double*, long, double*, double>)NativeLibrary.GetExport(NativeLibrary.Load(library), "vqf_run");
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Samples)]
    public unsafe double Reference()
    {
        if (_reference == null)
            throw new NotSupportedException("SENSORHUB_VQF_LIBRARY is not set.");
        fixed (double* forces = _plainForces, rates = _plainRates, orientation = _orientation)
            return _reference(Period, forces, rates, Samples, orientation);
    }

    /// <summary>The same with ours.</summary>
    [Benchmark(OperationsPerInvoke = Samples)]
    public double Vqf()
    {
        for (var i = 0; i < Samples; i++)
            _filter.Update(_forces[i], _rates[i]);
        return _filter.Orientation.W;
    }

    /// <summary>With times, gaps and uncertainty, as live.</summary>
    [Benchmark(OperationsPerInvoke = Samples)]
    public double OrientationFilter()
    {
        for (var i = 0; i < Samples; i++)
        {
            var time = new Timestamp(_start + _stamped[i].Time.UnixNanoseconds);
            _live.Update(_stamped[i] with { Time = time });
        }
        _start += 10_000_000L * Samples;
        return _live.Current!.Value.Up.X;
    }
}
