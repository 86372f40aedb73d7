using System.Collections.Concurrent;
using System.Reflection;

namespace SensorHub.Core;

/// <summary>How well a constant is founded.</summary>
public enum Evidence : byte
{
    /// <summary>A published figure.</summary>
    Published = 1,

    /// <summary>Follows from published figures or from mechanics.</summary>
    Derived = 2,

    /// <summary>An engineering default without clinical validation.</summary>
    Engineering = 3,
}

/// <summary>
/// The range, unit and source of an option of an algorithm, beside its default. Durations are in seconds.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConstantAttribute(double min, double max, string unit, Evidence evidence, string source) : Attribute
{
    public double Min => min;

    public double Max => max;

    public string Unit => unit;

    public Evidence Evidence => evidence;

    public string Source => source;
}

/// <summary>Checks options records against the ranges that their properties state.</summary>
public static class Constants
{
    private static readonly ConcurrentDictionary<Type, (PropertyInfo Property, ConstantAttribute Constant)[]> Properties = new();

    /// <summary>Returns the options when every constant is within its range.</summary>
    /// <exception cref="UserException">One is not; the message names it, its value and its range.</exception>
    public static T Check<T>(T options) where T : notnull
    {
        Check(options, typeof(T));
        return options;
    }

    /// <summary>Checks an options record, and those that it consists of.</summary>
    /// <exception cref="UserException">A value is out of its range.</exception>
    public static void CheckAll(object options)
    {
        Check(options, options.GetType());
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
            if (property.PropertyType is { IsClass: true } type && type.Assembly.GetName().Name!.StartsWith("SensorHub", StringComparison.Ordinal) && property.GetValue(options) is { } inner)
                CheckAll(inner);
    }

    private static void Check(object options, Type type)
    {
        foreach (var (property, constant) in Properties.GetOrAdd(type, Find))
        {
            var value = property.GetValue(options) is TimeSpan span ? span.TotalSeconds : Convert.ToDouble(property.GetValue(options), null);
            if (!(value >= constant.Min && value <= constant.Max))
                throw new UserException(FormattableString.Invariant(
                    $"{type.Name}.{property.Name} is {value}; it takes {constant.Min} to {constant.Max} {constant.Unit}."));
        }
    }

    private static (PropertyInfo, ConstantAttribute)[] Find(Type type) =>
        [.. from property in type.GetProperties()
            let constant = property.GetCustomAttribute<ConstantAttribute>()
            where constant is not null
            select (property, constant)];
}
