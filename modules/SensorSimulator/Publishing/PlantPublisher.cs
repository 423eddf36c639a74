using System.Buffers;

namespace SensorSimulator.Publishing;

/// <summary>Publishes a plant second by second, at a multiple of real time.</summary>
/// <param name="speed">Seconds of plant time a second; 0 = as fast as the broker takes it.</param>
public sealed class PlantPublisher(Plant.Plant plant, Publisher publisher, double speed, TimeProvider clock)
{
    /// <summary>Publishes all of the plant, or until the token is cancelled; <paramref name="second"/> is told each second that is out.</summary>
    public async Task RunAsync(Action<int> second, CancellationToken token)
    {
        var pace = new Pace(clock);
        for (var now = 0; now < plant.Seconds; now++)
        {
            await pace.UntilAsync(speed > 0 ? TimeSpan.FromSeconds(now / speed) : TimeSpan.Zero, token);
            foreach (var message in plant.At(now))
            {
                var payload = new ArrayBufferWriter<byte>(128);
                Payload.Write(payload, message.Time, message.Asset.Names.AsSpan(), message.Values.Span);
                await publisher.PublishAsync(message.Asset.Topic, payload.WrittenMemory, token);
            }

            second(now);
        }

        await publisher.FlushAsync(token);
    }
}
