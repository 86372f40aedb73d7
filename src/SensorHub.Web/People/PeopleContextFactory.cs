using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace SensorHub.Web.People;

/// <summary>For <c>dotnet ef</c>, which compares the model with the last migration and needs no file.</summary>
internal sealed class PeopleContextFactory : IDesignTimeDbContextFactory<PeopleContext>
{
    public PeopleContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<PeopleContext>().UseSqlite().Options);
}
