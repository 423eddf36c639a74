// Microsoft's device client with a token of its own: sends one message, takes messages of the cloud, and takes a new token.
//   node --import ./ports.mjs device.mjs
// Commands: token TOKEN | close
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import device from 'azure-iot-device';
import transport from 'azure-iot-device-mqtt';

const say = (what, value = null) => console.log(JSON.stringify({ what, value }));
const client = device.Client.fromSharedAccessSignature(process.env.HUBSTAND_TOKEN, transport.Mqtt);
await client.setOptions({ ca: readFileSync(process.env.EdgeModuleCACertificateFile, 'utf8') });
client.on('error', error => say('error', error.message));
client.on('disconnect', () => say('disconnect'));
client.on('message', async message => {
  say('message', { body: message.getData().toString(), properties: message.properties.propertyList });
  await client.complete(message);
});
await client.open();
await client.sendEvent(new device.Message('from a device'));
say('sent');

for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('token ')) {
    await client.updateSharedAccessSignature(line.slice(6));
    say('renewed');
    continue;
  }

  await client.close();
  say('done', 'close');
  process.exit(0);
}
