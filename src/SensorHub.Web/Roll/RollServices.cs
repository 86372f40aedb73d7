using Microsoft.Extensions.DependencyInjection;

namespace SensorHub.Web.Roll;

internal static class RollServices
{
    public static void AddRoll(this IServiceCollection services) => services.AddSingleton<RollDesk>();
}
