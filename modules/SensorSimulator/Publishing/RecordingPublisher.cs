using System.Buffers;
using SensorSimulator.Recording;

namespace SensorSimulator.Publishing;

/// <summary>Plays recordings onto one topic, a message a row, at a multiple of the speed they were recorded at. Without recorded times a row a second, which carries the time at which it is sent.</summary>
/// <param name="speed">Recorded seconds a second; 0 = as fast as the broker takes it.</param>
public sealed class RecordingPublisher(string topic, double speed, Publisher publisher, TimeProvider clock)
{
    /// <summary>Plays one recording; <paramref name="row"/> is told the number of each row that is out. A time that goes back is not waited for.</summary>
    /// <exception cref="FormatException">A row cannot be read; those before it have been published.</exception>
    public async Task RunAsync(CsvRecording recording, Action<int> row, CancellationToken token)
    {
        var (pace, rows, first) = (new Pace(clock), 0, default(DateTimeOffset?));
        foreach (var (time, values) in recording.Rows())
        {
            first ??= time;
            var sinceFirst = time - first ?? TimeSpan.FromSeconds(rows);
            await pace.UntilAsync(speed > 0 ? sinceFirst / speed : TimeSpan.Zero, token);
            var payload = new ArrayBufferWriter<byte>(128);
            Payload.Write(payload, time ?? clock.GetUtcNow(), recording.Names.AsSpan(), values.Span);
            await publisher.PublishAsync(topic, payload.WrittenMemory, token);
            row(++rows);
        }

        await publisher.FlushAsync(token);
    }
}
