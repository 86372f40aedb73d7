using System.CommandLine;
using BenchmarkDotNet.Running;
using SensorHub.Benchmarks;
using SensorHub.Benchmarks.Clients;
using SensorHub.Benchmarks.Reprocessing;
using SensorHub.Benchmarks.Sensors;
using SensorHub.Benchmarks.Throughput;

var paths = new RootCommand("Measurements of whole paths against real servers, each in one run. Everything else is BenchmarkDotNet's: --list flat, --filter '*Storage*'.")
{
    ClientComparison.Command(), ThroughputComparison.Command(), SensorLoad.Command(), ReprocessLoad.Command(), BridgeProcess.Command(),
};
if (!paths.Subcommands.Any(c => c.Name == args.FirstOrDefault()) && args is not ["--help" or "-h"])
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
    return 0;
}
return await paths.Parse(args).InvokeAsync();
