using System.Diagnostics;
using System.Runtime.InteropServices;
using SensorHub.Testing;

namespace SensorHub.Core.Tests.Protocol;

/// <summary>The C codec of firmware-protocol/c, compiled into a shared library when the tests begin.</summary>
public sealed class CCodec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sensorhub-codec-");
    private readonly Lazy<nint> _library;

    public CCodec() => _library = new(Build);

    public delegate int SetSensor(uint slot, byte[] bytes, nuint size);

    public delegate void DecodeFrames(byte[] bytes, uint[] ends, byte[] slots, uint count, [Out] ulong[] digests);

    public delegate void DecodeAll(byte[] bytes, uint[] ends, uint count, [Out] ulong[] digests);

    public delegate uint SamplesPerFrame(uint slot, uint stream, uint period, ushort mtu, ushort latencyMilliseconds);

    public delegate int ToRaw(byte type, float scale, float offset, double physical, out long raw);

    public delegate void BacklogRange(uint first, uint kept, ref uint sequence, ref uint count);

    public T Function<T>(string name) where T : Delegate =>
        Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(_library.Value, name));

    public void Dispose()
    {
        if (_library.IsValueCreated)
            NativeLibrary.Free(_library.Value);
        _folder.Delete(recursive: true);
    }

    private nint Build()
    {
        var compiler = Require.Program("cc", "build-essential");
        var sources = Path.Combine(VectorFiles.FirmwareProtocol, "c");
        var library = Path.Combine(_folder.FullName, "codec.so");
        using var build = Process.Start(new ProcessStartInfo(compiler,
        [
            "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O2", "-shared", "-fPIC", "-o", library,
            Path.Combine(sources, "sensorhub_protocol.c"), Path.Combine(sources, "test", "parity.c"),
        ]) { RedirectStandardError = true })!;
        var errors = build.StandardError.ReadToEnd();
        build.WaitForExit();
        Assert.True(build.ExitCode == 0, errors);
        return NativeLibrary.Load(library);
    }
}
