using System.Text.Json.Nodes;
using Hubstand.Hub;

namespace EdgeGateway.Soak;

/// <summary>Changes of the desired properties, good and bad ones, and the faults that befall them on their way.</summary>
internal sealed class TwinChanges(Random random)
{
    private const int Sources = 12;

    /// <summary>Changes so far whose successor is sent before them.</summary>
    public int Swapped { get; private set; }

    /// <summary>Changes so far that are sent twice.</summary>
    public int Repeated { get; private set; }

    /// <summary>A change of one section: other values, a section that leaves, one that cannot be used, one that nobody knows.</summary>
    public JsonObject Next() => random.Next(10) switch
    {
        0 => new JsonObject { ["detection"] = new JsonObject { ["threshold"] = "high" } },
        1 => new JsonObject { ["detection"] = null },
        2 => new JsonObject { ["nonsense"] = random.Next(2) == 0 ? null : new JsonObject { ["a"] = random.Next() } },
        3 => new JsonObject { ["alerts"] = new JsonObject { ["clearAfter"] = $"00:{random.Next(1, 30):00}:00" } },
        4 or 5 => new JsonObject { ["detection"] = new JsonObject { ["threshold"] = random.Next(2, 90) / 10.0 } },
        _ => new JsonObject { ["sources"] = OneSource(random.Next(Sources)) },
    };

    /// <summary>A change after which every section is good, whatever was there.</summary>
    public JsonObject Whole()
    {
        var sources = new JsonObject();
        for (var i = 0; i < Sources; i++)
        {
            sources[$"s{i}"] = i % 3 == 0 ? null : Source(i, random.Next(2, 1000));
        }

        return new JsonObject { ["detection"] = new JsonObject { ["threshold"] = random.Next(2, 90) / 10.0 }, ["nonsense"] = null, ["sources"] = sources };
    }

    /// <summary>Lets one of three changes be lost, come twice, or come after its successor.</summary>
    public void Befall(Switches switches)
    {
        switch (random.Next(9))
        {
            case 0:
                switches.LoseDesired = 1;
                break;
            case 1:
                switches.RepeatDesired = 1;
                Repeated++;
                break;
            case 2:
                switches.SwapDesired = 1;
                Swapped++;
                break;
        }
    }

    private JsonObject OneSource(int number) => new() { [$"s{number}"] = random.Next(3) == 0 ? null : Source(number, random.Next(2, 1000)) };

    private static JsonObject Source(int number, int limit) =>
        new() { ["topic"] = $"soak/{number}", ["values"] = new JsonObject { ["v"] = "/v" }, ["time"] = "/ts", ["range"] = new JsonObject { ["v"] = new JsonArray(0, limit) } };
}
