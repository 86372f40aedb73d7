using SensorHub.Core.Protocol;

namespace SensorHub.Core.Tests.Protocol;

/// <summary>
/// The C codec and this one take and refuse the same bytes with the same status, and read the same numbers from them.
/// Each input gives a digest of all that was decoded, made alike on both sides (firmware-protocol/c/test/parity.c).
/// </summary>
public sealed class ParityTests(CCodec c) : IClassFixture<CCodec>
{
    private const ulong Seed = 20_260_101;

    /// <summary>Ten million where it counts; a tenth for a person who waits.</summary>
    private static readonly int FrameCount = Environment.GetEnvironmentVariable("CI") == "true" ? 10_000_000 : 1_000_000;

    private const int DescriptorCount = 200_000;
    private const int ControlCount = 200_000;
    private const int BatchSize = 5_000;

    private static readonly SensorDescriptor[] Sensors = [.. Cases.Sensors.Values];

    [Fact]
    public void Both_agree_on_every_vector()
    {
        LoadSensors();
        var vectors = Cases.All.ToDictionary(file => file.Key, file => VectorFiles.Read(file.Key));
        var slots = Cases.Sensors.Keys.ToList();
        Compare(Frames, inputs => Array.ForEach(vectors[Cases.Frames], v => inputs.Add(v.Bytes, (byte)slots.IndexOf((string)v.Value("sensor")!))));
        Compare(Descriptors, inputs => Array.ForEach(vectors[Cases.Descriptors], v => inputs.Add(v.Bytes)));
        Compare(Requests, inputs => Array.ForEach(vectors[Cases.Requests], v => inputs.Add(v.Bytes)));
        Compare(Responses, inputs => Array.ForEach(vectors[Cases.Responses], v => inputs.Add(v.Bytes)));

        void Compare(Side side, Action<Inputs> fill)
        {
            var inputs = new Inputs(1000);
            inputs.Reset(Seed);
            fill(inputs);
            this.Compare(side, inputs);
        }
    }

    [Fact]
    public void Both_agree_on_millions_of_random_and_mutated_frames()
    {
        LoadSensors();
        var accepted = CompareMany(Frames, FrameCount, inputs => inputs.AddFrame(Sensors));
        Assert.InRange(accepted, FrameCount / 4, FrameCount * 3L / 4);
    }

    [Fact]
    public void Both_agree_on_mutated_descriptors()
    {
        var examples = Cases.All[Cases.Descriptors].Where(v => v.Status == 0).Select(v => v.Bytes).ToArray();
        var accepted = CompareMany(Descriptors, DescriptorCount, inputs => inputs.AddMutated(examples));
        Assert.InRange(accepted, DescriptorCount / 5, DescriptorCount * 4 / 5);
    }

    [Fact]
    public void Both_agree_on_mutated_requests_and_responses()
    {
        var requests = Cases.All[Cases.Requests].Select(v => v.Bytes).ToArray();
        var responses = Cases.All[Cases.Responses].Select(v => v.Bytes).ToArray();
        Assert.InRange(CompareMany(Requests, ControlCount, inputs => inputs.AddMutated(requests)), ControlCount / 10, ControlCount);
        Assert.InRange(CompareMany(Responses, ControlCount, inputs => inputs.AddMutated(responses)), ControlCount / 10, ControlCount);
    }

    [Fact]
    public void Both_put_the_same_number_of_samples_into_a_frame()
    {
        LoadSensors();
        var samplesPerFrame = c.Function<CCodec.SamplesPerFrame>("parity_samples_per_frame");
        foreach (var (slot, sensor) in Sensors.Index())
            foreach (var (index, stream) in sensor.Streams.Index())
                foreach (var period in stream.Periods.DefaultIfEmpty(0u))
                    foreach (ushort mtu in (ushort[])[0, 3, 23, 27, 28, 38, 39, 64, 185, 247, 515, 517, 65535])
                        foreach (ushort latency in (ushort[])[0, 1, 20, 60, 61, 1000, 65535])
                            Assert.Equal(FrameCodec.SamplesPerFrame(stream, sensor.TickRate, period, mtu, latency),
                                (int)samplesPerFrame((uint)slot, (uint)index, period, mtu, latency));
    }

    [Fact]
    public void Both_find_the_same_count_for_a_physical_value()
    {
        var toRaw = c.Function<CCodec.ToRaw>("parity_to_raw");
        var random = new Inputs(0);
        random.Reset(Seed);
        for (var i = 0; i < 200_000; i++)
        {
            var type = (RawType)(1 + random.Below(6));
            var scale = random.Below(2) == 0 ? 0.001f * (1 + random.Below(1000)) : (float)random.Double();
            var channel = new ChannelDescriptor(Quantity.Temperature, 0, type, scale, random.Below(100) - 50);
            var physical = random.Below(4) == 0 ? random.Double() : (random.Below(1 << 20) - (1 << 19)) * (double)scale / 4;
            var fits = channel.TryToRaw(physical, out var raw);
            Assert.Equal(fits, toRaw((byte)type, channel.Scale, channel.Offset, physical, out var rawInC) != 0);
            Assert.Equal(raw, rawInC);
        }
    }

    [Fact]
    public void Both_find_the_same_part_of_a_backlog()
    {
        var range = c.Function<CCodec.BacklogRange>("sh_backlog_range");
        var random = new Inputs(0);
        random.Reset(Seed);
        for (var i = 0; i < 200_000; i++)
        {
            var first = (uint)random.Below(400) - 200;
            var kept = (uint)random.Below(100);
            var asked = new ControlRequest.FetchBacklog(1, 1, (uint)random.Below(400) - 200, 1 + (uint)(random.Below(50) == 0 ? int.MaxValue - 1 : random.Below(100)));
            var (sequence, count) = (asked.Sequence, asked.Count);
            range(first, kept, ref sequence, ref count);
            Assert.Equal(asked.Intersect(first, kept), (sequence, count));
        }
    }

    // ---- The two sides ----

    private delegate ulong Digest(ReadOnlySpan<byte> input, byte slot, out bool accepted);

    private sealed record Side(string Function, Digest Digest);

    private static readonly Side Frames = new("parity_frames", FrameDigest);
    private static readonly Side Descriptors = new("parity_descriptors", DescriptorDigest);
    private static readonly Side Requests = new("parity_requests", RequestDigest);
    private static readonly Side Responses = new("parity_responses", ResponseDigest);

    private static ulong FrameDigest(ReadOnlySpan<byte> bytes, byte slot, out bool accepted)
    {
        accepted = false;
        var status = FrameCodec.Decode(bytes, out var frame);
        if (status != DecodeStatus.Ok)
            return Mix(0, (ulong)status);
        status = FrameCodec.Check(frame, Sensors[slot], out var stream);
        var header = frame.Header;
        var digest = Mix(1, (ulong)status);
        digest = Mix(digest, header.Minor);
        digest = Mix(digest, header.Stream);
        digest = Mix(digest, (ulong)header.Flags);
        digest = Mix(digest, header.Count);
        digest = Mix(digest, header.BootId);
        digest = Mix(digest, header.Sequence);
        digest = Mix(digest, header.Ticks);
        digest = Mix(digest, header.Period);
        if (status != DecodeStatus.Ok)
            return digest;
        accepted = true;
        for (var sample = 0; sample < header.Count; sample++)
            for (var channel = 0; channel < stream!.Channels.Count; channel++)
            {
                var raw = stream.ReadRaw(frame.Samples, sample, channel);
                digest = Mix(digest, unchecked((ulong)raw));
                digest = Mix(digest, BitConverter.DoubleToUInt64Bits(stream.Channels[channel].ToPhysical(raw)));
            }
        return digest;
    }

    private static ulong DescriptorDigest(ReadOnlySpan<byte> bytes, byte slot, out bool accepted)
    {
        var status = SensorDescriptorCodec.Decode(bytes, out var descriptor);
        accepted = status == DecodeStatus.Ok;
        return accepted ? Mix(1, SensorDescriptorCodec.Encode(descriptor!)) : Mix(0, (ulong)status);
    }

    private static ulong RequestDigest(ReadOnlySpan<byte> bytes, byte slot, out bool accepted)
    {
        var status = ControlCodec.Decode(bytes, out ControlRequest? request);
        accepted = status == ControlStatus.Ok;
        return accepted ? Mix(1, ControlCodec.Encode(request!)) : Mix(0, (ulong)status);
    }

    private static ulong ResponseDigest(ReadOnlySpan<byte> bytes, byte slot, out bool accepted)
    {
        var status = ControlCodec.Decode(bytes, out ControlResponse? response);
        accepted = status == DecodeStatus.Ok;
        return accepted ? Mix(1, ControlCodec.Encode(response!)) : Mix(0, (ulong)status);
    }

    private static ulong Mix(ulong digest, ulong value)
    {
        digest = unchecked((digest ^ value) * 0x9e3779b97f4a7c15);
        return digest ^ digest >> 32;
    }

    private static ulong Mix(ulong digest, ReadOnlySpan<byte> bytes)
    {
        digest = Mix(digest, (ulong)bytes.Length);
        foreach (var value in bytes)
            digest = Mix(digest, value);
        return digest;
    }

    // ---- Running them ----

    private void LoadSensors()
    {
        var set = c.Function<CCodec.SetSensor>("parity_set_sensor");
        foreach (var (slot, sensor) in Sensors.Index())
            if (SensorDescriptorCodec.Encode(sensor) is var bytes)
                Assert.Equal(0, set((uint)slot, bytes, (nuint)bytes.Length));
    }

    /// <returns>How many inputs were accepted.</returns>
    private long CompareMany(Side side, int count, Action<Inputs> add)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{side.Function}: {count} inputs from seed {Seed}");
        _ = c.Function<CCodec.BacklogRange>("sh_backlog_range"); // builds the library, or skips, before threads begin
        long accepted = 0;
        Parallel.For(0, count / BatchSize, () => new Inputs(BatchSize), (batch, _, inputs) =>
        {
            inputs.Reset(Seed + (ulong)batch);
            for (var i = 0; i < BatchSize; i++)
                add(inputs);
            Interlocked.Add(ref accepted, Compare(side, inputs));
            return inputs;
        }, _ => { });
        return accepted;
    }

    private long Compare(Side side, Inputs inputs)
    {
        var digests = new ulong[inputs.Count];
        if (side == Frames)
            c.Function<CCodec.DecodeFrames>(side.Function)(inputs.Bytes, inputs.Ends, inputs.Slots, (uint)inputs.Count, digests);
        else
            c.Function<CCodec.DecodeAll>(side.Function)(inputs.Bytes, inputs.Ends, (uint)inputs.Count, digests);
        long acceptedCount = 0;
        for (var i = 0; i < inputs.Count; i++)
        {
            if (side.Digest(inputs[i], inputs.Slots[i], out var accepted) != digests[i])
                Assert.Fail($"{side.Function}, sensor {inputs.Slots[i]}: C and C# differ on {Convert.ToHexStringLower(inputs[i])}");
            acceptedCount += accepted ? 1 : 0;
        }
        return acceptedCount;
    }
}
