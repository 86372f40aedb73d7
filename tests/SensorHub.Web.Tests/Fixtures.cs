[assembly: AssemblyFixture(typeof(Browser))]
