using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SensorSimulator.Commands;

/// <summary>Options of this tool's own forms; what is wrong is said in one sentence.</summary>
internal static class Options
{
    /// <summary>A duration as people write it: 30s, 5m, 1h or 00:05:00.</summary>
    public static Option<TimeSpan> Duration(string name, string description, string standard) => new(name)
    {
        Description = description,
        HelpName = standard,
        CustomParser = result => TryDuration(result.Tokens[0].Value, out var duration) ? duration : Refuse(result),
        DefaultValueFactory = _ => TryDuration(standard, out var duration) ? duration : throw new ArgumentException(standard, nameof(standard)),
    };

    /// <summary>A number in a range, both ends allowed.</summary>
    public static Option<T> Number<T>(string name, string description, T standard, T least, T most)
        where T : struct, IComparable<T>
    {
        var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            var value = result.GetValueOrDefault<T>();
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} takes a number from {least} to {most}."));
            }
        });
        return option;
    }

    private static TimeSpan Refuse(ArgumentResult result)
    {
        result.AddError($"\"{result.Tokens[0].Value}\" is no duration: write 30s, 5m, 1h or 00:05:00.");
        return default;
    }

    private static bool TryDuration(string text, out TimeSpan duration)
    {
        var unit = text.Length > 0 ? text[^1] : ' ';
        if (unit is 's' or 'm' or 'h' && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1e6)
        {
            duration = number * (unit switch { 's' => TimeSpan.FromSeconds(1), 'm' => TimeSpan.FromMinutes(1), _ => TimeSpan.FromHours(1) });
            return true;
        }

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration) && duration > TimeSpan.Zero;
    }
}
