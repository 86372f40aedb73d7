using SensorHub.Testing;

[assembly: AssemblyFixture(typeof(Browser))]
