using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;

namespace EdgeGateway.Tests.Phi;

/// <summary>Ways to damage a file, chosen by a seeded generator: the same seed gives the same damage.</summary>
internal static class Damage
{
    private static readonly long[] Numbers = [0, 1, -1, 2, 3, 4, 7, 8, 15, 16, 17, 32, 33, 64, 1000, 4096, 65537, 1 << 24, int.MaxValue, int.MinValue, 1L << 32, (1L << 32) + 1, 1L << 40, 1L << 62, long.MaxValue, long.MinValue];

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "1", "-1", "3", "64", "1.5", "1e308", "2147483647", "2147483648", "-9223372036854775808", "99999999999999999999", "\"\"", "\"x\"", "\"a b\"", "\"..\"", "\"/etc/passwd\"",
        "\"%d\"", "\"\\u0000\"", "[]", "{}", "[0]", "[1e99]", "[[[[[[1]]]]]]", "{\"type\":\"Sequence\"}",
    ];

    /// <summary>Cut short, bits turned, overwritten, something put in, left out or twice.</summary>
    public static byte[] Bytes(byte[] bytes, Random random)
    {
        if (bytes.Length < 2)
        {
            return [(byte)random.Next(256)];
        }

        var at = random.Next(bytes.Length);
        var count = Math.Min(bytes.Length - at, 1 + random.Next(1 << random.Next(1, 10)));
        switch (random.Next(6))
        {
            case 0:
                return bytes[..at];
            case 1:
                return [.. bytes[..at], .. bytes[(at + count)..]];
            case 2:
                return [.. bytes[..(at + count)], .. bytes[at..]];
            case 3:
                var noise = new byte[count];
                random.NextBytes(noise);
                return [.. bytes[..at], .. noise, .. bytes[at..]];
            case 4:
                var filled = bytes.ToArray();
                filled.AsSpan(at, count).Fill((byte)(random.Next(2) * 255));
                return filled;
            default:
                var turned = bytes.ToArray();
                for (var i = random.Next(1, 9); i > 0; i -= 3)
                {
                    turned[random.Next(turned.Length)] ^= (byte)(1 << random.Next(8));
                }

                return turned;
        }
    }

    /// <summary>One value of a JSON file becomes another one, is left out, or stands twice.</summary>
    public static byte[] Json(byte[] json, Random random)
    {
        var root = JsonNode.Parse(json)!;
        var places = new List<JsonNode>();
        Collect(root, places);
        var parent = places[random.Next(places.Count)];
        var value = random.Next(5) == 0 ? places[random.Next(places.Count)].DeepClone() : JsonNode.Parse(Values[random.Next(Values.Length)]);
        if (parent is JsonObject { Count: > 0 } part)
        {
            var name = part.ElementAt(random.Next(part.Count)).Key;
            if (random.Next(5) == 0)
            {
                part.Remove(name);
            }
            else
            {
                part[name] = value;
            }
        }
        else if (parent is JsonArray { Count: > 0 } list)
        {
            list[random.Next(list.Count)] = value;
        }

        return JsonSerializer.SerializeToUtf8Bytes(root);
    }

    /// <summary>The header (a length of 8 bytes, then JSON) or the numbers of a safetensors file.</summary>
    public static byte[] SafeTensors(byte[] file, Random random)
    {
        if (random.Next(3) == 0)
        {
            return Bytes(file, random);
        }

        var end = 8 + (int)BitConverter.ToInt64(file);
        var header = random.Next(2) == 0 ? Json(file[8..end], random) : Bytes(file[8..end], random);
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. file[end..]];
    }

    /// <summary>One field of a message anywhere inside gets another value, an item of a list is left out, moved or doubled.</summary>
    public static byte[] Message<T>(MessageParser<T> parser, byte[] bytes, Random random)
        where T : IMessage<T>
    {
        var root = parser.ParseFrom(bytes);
        var messages = new List<IMessage>();
        var texts = new List<string> { "", "x" };
        Collect(root, messages, texts);
        for (var tries = 0; tries < 20; tries++)
        {
            var message = messages[random.Next(messages.Count)];
            var fields = message.Descriptor.Fields.InDeclarationOrder();
            if (Change(message, fields[random.Next(fields.Count)], texts, random))
            {
                break;
            }
        }

        return root.ToByteArray();
    }

    private static bool Change(IMessage message, FieldDescriptor field, List<string> texts, Random random)
    {
        if (field.IsRepeated)
        {
            return Change((System.Collections.IList)field.Accessor.GetValue(message), field, texts, random);
        }

        if (field.FieldType == FieldType.Message)
        {
            if (field.Accessor.GetValue(message) is null)
            {
                return false;
            }

            field.Accessor.Clear(message);
            return true;
        }

        field.Accessor.SetValue(message, Value(field, field.Accessor.GetValue(message), texts, random));
        return true;
    }

    private static bool Change(System.Collections.IList list, FieldDescriptor field, List<string> texts, Random random)
    {
        var isMessage = field.FieldType == FieldType.Message;
        if (list.Count == 0)
        {
            if (!isMessage)
            {
                list.Add(Value(field, null, texts, random));
            }

            return !isMessage;
        }

        var at = random.Next(list.Count);
        var item = list[at]!;
        switch (random.Next(5))
        {
            case 0:
                list.RemoveAt(at);
                break;
            case 1:
                list.Insert(random.Next(list.Count + 1), isMessage ? Clone((IMessage)item) : item);
                break;
            case 2:
                list.RemoveAt(at);
                list.Insert(random.Next(list.Count + 1), item);
                break;
            case 3 when random.Next(4) == 0:
                list.Clear();
                break;
            default:
                if (isMessage)
                {
                    return false;
                }

                list[at] = Value(field, item, texts, random);
                break;
        }

        return true;
    }

    private static IMessage Clone(IMessage message) => message.Descriptor.Parser.ParseFrom(message.ToByteString());

    private static object Value(FieldDescriptor field, object? old, List<string> texts, Random random) => field.FieldType switch
    {
        FieldType.String => random.Next(6) == 0 ? "x" + old : texts[random.Next(texts.Count)],
        FieldType.Bytes => ByteString.CopyFrom(Bytes(((ByteString?)old ?? ByteString.Empty).ToByteArray(), random)),
        FieldType.Float => random.Next(3) switch { 0 => float.NaN, 1 => (float)Numbers[random.Next(Numbers.Length)], _ => BitConverter.Int32BitsToSingle(random.Next()) },
        FieldType.Double => (double)Numbers[random.Next(Numbers.Length)],
        FieldType.Int32 => (int)Number(old is int number ? number : 0, random),
        FieldType.UInt64 => (ulong)Number(old is ulong number ? (long)number : 0, random),
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, random.Next(24)),
        _ => Number(old is long number ? number : 0, random),
    };

    private static long Number(long old, Random random) => random.Next(3) switch
    {
        0 => old + random.Next(-2, 3),
        1 => old ^ (1L << random.Next(63)),
        _ => Numbers[random.Next(Numbers.Length)],
    };

    private static void Collect(JsonNode node, List<JsonNode> places)
    {
        places.Add(node);
        foreach (var child in node switch { JsonObject part => part.Select(entry => entry.Value), JsonArray list => list, _ => [] })
        {
            if (child is JsonObject or JsonArray)
            {
                Collect(child, places);
            }
        }
    }

    private static void Collect(IMessage message, List<IMessage> messages, List<string> texts)
    {
        messages.Add(message);
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var value = field.Accessor.GetValue(message);
            foreach (var item in value is System.Collections.IList list ? list : new[] { value })
            {
                if (item is IMessage part)
                {
                    Collect(part, messages, texts);
                }
                else if (item is string text)
                {
                    texts.Add(text);
                }
            }
        }
    }
}
