using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>
/// Orientation of one IMU element, with its uncertainty, by <see cref="Vqf"/> from samples as they come: early, late, or missing.
/// The rates are integrated over the time that really passed; samples missing in a short gap are interpolated for the filter
/// once the sample after it is there; after a long gap gravity is found anew and the bias is kept. Begins with the first sample.
/// </summary>
public sealed class OrientationFilter
{
    private readonly OrientationOptions _options;
    private readonly InclinationUncertainty _uncertainty;
    private SamplingPeriod _period;
    private Vqf? _filter;
    private ImuSample? _last;

    /// <param name="options">Null = defaults.</param>
    /// <param name="period">From sample to sample, where it is known; null = found from the samples' times.</param>
    /// <exception cref="UserException">An option is out of its range, or the period too long for the low-pass filters.</exception>
    public OrientationFilter(OrientationOptions? options = null, TimeSpan? period = null)
    {
        _options = Constants.Check(options ?? new OrientationOptions());
        Constants.Check(_options.Vqf);
        _uncertainty = new InclinationUncertainty(_options);
        _period = new SamplingPeriod(period?.TotalSeconds ?? 0, _options);
        if (period is { } known)
            _filter = new Vqf(known, _options.Vqf);
    }

    /// <summary>Goes on from a state.</summary>
    /// <exception cref="UserException">An option is out of its range.</exception>
    public OrientationFilter(OrientationFilterState state, OrientationOptions? options = null)
        : this(options)
    {
        _uncertainty = new InclinationUncertainty(_options, state.Uncertainty);
        _period = new SamplingPeriod(state.Period, _options);
        if (state.Filter is { } filter)
            _filter = new Vqf(TimeSpan.FromSeconds(state.Period), _options.Vqf, filter);
        if (state.Last is { } last)
        {
            _last = last;
            Current = Estimate(last, state.Bridged);
        }
    }

    /// <summary>The estimate of the last sample; null before the first.</summary>
    public OrientationEstimate? Current { get; private set; }

    /// <summary>Everything learnt so far, to go on from.</summary>
    public OrientationFilterState State => new()
    {
        Period = _period.Seconds,
        Filter = _filter?.State,
        Uncertainty = _uncertainty.State,
        Last = _last,
        Bridged = Current?.Bridged ?? 0,
    };

    /// <summary>Takes the next sample. One that is not later than the last changes nothing.</summary>
    public OrientationEstimate Update(in ImuSample sample)
    {
        if (Current is { } current && sample.Time <= current.Time)
            return current;

        var bridged = 0;
        if (_last is not { } last)
            _filter?.Update(sample.SpecificForce, sample.AngularRate);
        else
            bridged = Follow(last, sample);
        _last = sample;
        var estimate = Estimate(sample, bridged);
        Current = estimate;
        return estimate;
    }

    private int Follow(in ImuSample last, in ImuSample sample)
    {
        var step = (sample.Time.UnixNanoseconds - last.Time.UnixNanoseconds) / 1e9;
        if (step > _options.LongestBridgedGap.TotalSeconds || (_filter is null && step > _options.LongestPeriod.TotalSeconds))
        {
            Restart();
            _filter?.Update(sample.SpecificForce, sample.AngularRate);
            return 0;
        }
        if (_period.Update(step))
            Begin(last);

        var missing = _period.Missing(step);
        var part = step / (missing + 1);
        for (var i = 1; i <= missing; i++)
            Update(SampleGap.Between(last, sample, (double)i / (missing + 1)), part);
        if (missing > 0)
            _uncertainty.Bridge(step, sample.AngularRate - last.AngularRate);
        Update(sample, part);
        return missing;
    }

    private void Update(in ImuSample sample, double seconds)
    {
        _filter!.Update(sample.SpecificForce, sample.AngularRate, seconds);
        _uncertainty.Update(_filter, sample.AngularRate - _filter.Bias, seconds);
    }

    private void Restart()
    {
        _filter?.Restart();
        _uncertainty.Restart();
    }

    /// <summary>The period is known now, or another.</summary>
    private void Begin(in ImuSample first)
    {
        _filter = new Vqf(TimeSpan.FromSeconds(_period.Seconds), _options.Vqf, _filter is null ? null : Vqf.Restart(_filter.State));
        _uncertainty.Restart();
        _filter.Update(first.SpecificForce, first.AngularRate);
    }

    private OrientationEstimate Estimate(in ImuSample sample, int bridged)
    {
        if (_filter is null)
        {
            var force = sample.SpecificForce.Normalized();
            return new OrientationEstimate(sample.Time, Upright.From(force), force, sample.AngularRate, Vector3D.Zero, false, _uncertainty.Of(0), bridged);
        }
        var orientation = _filter.Orientation;
        var up = orientation.Inverse.Rotate(Vector3D.UnitZ);
        var bias = _filter.Bias;
        return new OrientationEstimate(
            sample.Time, orientation, up, sample.AngularRate - bias, bias, _filter.AtRest, _uncertainty.Of(_filter.BiasVarianceAcross(up)), bridged);
    }
}

/// <summary>
/// Everything that <see cref="OrientationFilter"/> has learnt. A filter made with it and the same options goes on as if it had never
/// stopped.
/// </summary>
public sealed record OrientationFilterState
{
    /// <summary>From sample to sample, s; 0 = not known yet.</summary>
    public double Period { get; init; }

    /// <summary>Null before the second sample.</summary>
    public VqfState? Filter { get; init; }

    public InclinationUncertaintyState Uncertainty { get; init; }

    /// <summary>The last sample; null before the first.</summary>
    public ImuSample? Last { get; init; }

    /// <summary>Samples interpolated before it.</summary>
    public int Bridged { get; init; }
}
