using System.CommandLine;
using BenchmarkDotNet.Running;
using SensorHub.Benchmarks.Clients;

var load = new RootCommand("Measurements of whole paths against real servers, each in one run. Anything else is BenchmarkDotNet's: --list flat, --filter '*Storage*'.")
{
    ClientComparison.Command(),
};
return load.Subcommands.Any(c => c.Name == args.FirstOrDefault()) || args is ["--help" or "-h"]
    ? await load.Parse(args).InvokeAsync()
    : BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args) is null ? 1 : 0;
