using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SensorHub.Core.Protocol;
using SensorHub.Testing;

namespace SensorHub.Core.Tests.Protocol;

/// <summary>
/// firmware-protocol/vectors against this codec. After a change of the cases, write the files anew with
/// <c>UPDATE_GOLDEN=1 dotnet test --project tests/SensorHub.Core.Tests</c>, and read their diff.
/// </summary>
public sealed partial class VectorTests
{
    public static TheoryData<string> Files => [.. Cases.All.Keys];

    public static TheoryData<string> Descriptors => Names(Cases.Descriptors);

    public static TheoryData<string> Frames => Names(Cases.Frames);

    public static TheoryData<string> Requests => Names(Cases.Requests);

    public static TheoryData<string> Responses => Names(Cases.Responses);

    [Theory]
    [MemberData(nameof(Files))]
    public void The_committed_file_is_what_the_cases_give(string file)
    {
        Assert.NotEmpty(Committed[file]); // read first: that is where a wish to rewrite is heard
        Assert.Equal(VectorFiles.Write(Cases.All[file]), File.ReadAllText(VectorFiles.PathOf(file)));
    }

    [Theory]
    [MemberData(nameof(Descriptors))]
    public void A_descriptor_decodes_as_its_vector_says(string name)
    {
        var vector = Find(Cases.Descriptors, name);
        Assert.Equal((DecodeStatus)vector.Status, SensorDescriptorCodec.Decode(vector.Bytes, out var descriptor, out var fault));
        AssertSame(vector.Value("descriptor"), descriptor is null ? null : Json.Of(descriptor));
        Assert.Equal(vector.Status == 0, fault is null);
        if ((bool?)vector.Value("encode") == true)
            Assert.Equal(vector.Bytes, SensorDescriptorCodec.Encode(descriptor!));
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_frame_decodes_as_its_vector_says(string name)
    {
        var vector = Find(Cases.Frames, name);
        SensorDescriptorCodec.Decode(Find(Cases.Descriptors, (string)vector.Value("sensor")!).Bytes, out var sensor);

        var status = FrameCodec.Decode(vector.Bytes, out var frame);
        Assert.Equal((DecodeStatus)(int)vector.Value("decode")!, status);
        StreamDescriptor? stream = null;
        if (status == DecodeStatus.Ok)
            status = FrameCodec.Check(frame, sensor!, out stream);
        Assert.Equal((DecodeStatus)vector.Status, status);
        if (status != DecodeStatus.Ok)
            return;

        AssertSame(vector.Value("header"), Json.Of(frame.Header));
        AssertSame(vector.Value("raw"), Samples(frame, stream!.ReadRaw));
        AssertSame(vector.Value("physical"), Samples(frame, stream.Read));
        var again = new byte[vector.Bytes.Length];
        Assert.Equal(again.Length, FrameCodec.Encode(frame.Header, frame.Samples, again));
        Assert.Equal(vector.Bytes, again);

        JsonArray Samples<T>(Frame frame, Reading<T> read)
        {
            var samples = new JsonArray();
            for (var i = 0; i < frame.Header.Count; i++)
            {
                var values = new JsonArray();
                for (var c = 0; c < stream.Channels.Count; c++)
                    values.Add(JsonValue.Create(read(frame.Samples, i, c)));
                samples.Add((JsonNode)values);
            }
            return samples;
        }
    }

    private delegate T Reading<T>(ReadOnlySpan<byte> samples, int sample, int channel);

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_decodes_as_its_vector_says(string name)
    {
        var vector = Find(Cases.Requests, name);
        Assert.Equal((ControlStatus)vector.Status, ControlCodec.Decode(vector.Bytes, out ControlRequest? request));
        AssertSame(vector.Value("request"), request is null ? null : Json.Of(request));
        if (request is not null)
            Assert.Equal(vector.Bytes, ControlCodec.Encode(request));
    }

    [Theory]
    [MemberData(nameof(Responses))]
    public void A_response_decodes_as_its_vector_says(string name)
    {
        var vector = Find(Cases.Responses, name);
        Assert.Equal((DecodeStatus)vector.Status, ControlCodec.Decode(vector.Bytes, out ControlResponse? response));
        AssertSame(vector.Value("response"), response is null ? null : Json.Of(response));
        if ((bool?)vector.Value("encode") == true)
            Assert.Equal(vector.Bytes, ControlCodec.Encode(response!));
    }

    /// <summary>A block <c>```hex name</c> of the specification shows the bytes of that vector, with remarks behind '#'.</summary>
    [Fact]
    public void The_worked_examples_of_the_specification_are_vectors()
    {
        var examples = Example().Matches(File.ReadAllText(Path.Combine(VectorFiles.FirmwareProtocol, "README.md")));
        Assert.NotEmpty(examples);
        foreach (Match example in examples)
        {
            var lines = example.Groups["lines"].Value.Split('\n').Select(line => line.Split('#')[0]);
            var hex = string.Concat(string.Concat(lines).Where(c => !char.IsWhiteSpace(c)));
            var vector = Find(example.Groups["file"].Value + ".json", example.Groups["name"].Value);
            Assert.Equal(Convert.ToHexStringLower(vector.Bytes), hex.ToLowerInvariant());
        }
    }

    [GeneratedRegex("^```hex (?<file>[a-z]+) (?<name>[a-z0-9_]+)\n(?<lines>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();

    private static readonly Dictionary<string, Dictionary<string, Vector>> Committed = Load();

    private static Dictionary<string, Dictionary<string, Vector>> Load()
    {
        if (Repository.UpdatesGoldenFiles)
            foreach (var (file, vectors) in Cases.All)
                File.WriteAllText(VectorFiles.PathOf(file), VectorFiles.Write(vectors));
        return Cases.All.Keys.ToDictionary(file => file, file => VectorFiles.Read(file).ToDictionary(v => v.Name));
    }

    private static Vector Find(string file, string name) => Committed[file][name];

    private static TheoryData<string> Names(string file) => [.. Cases.All[file].Select(v => v.Name)];

    private static void AssertSame(JsonNode? expected, JsonNode? actual) => Assert.Equal(VectorFiles.Text(expected), VectorFiles.Text(actual));
}
