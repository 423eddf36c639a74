// Microsoft's module client, told by lines on stdin and telling by lines of JSON on stdout.
//   node --import ./ports.mjs module.mjs environment|connectionString|webSocket
// Commands: reported {...} | output NAME {...} | close
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import device from 'azure-iot-device';
import transport from 'azure-iot-device-mqtt';

const say = (what, value = null) => console.log(JSON.stringify({ what, value }));
const [way] = process.argv.slice(2);

async function connect() {
  if (way === 'environment') {
    return await device.ModuleClient.fromEnvironment(transport.Mqtt);
  }

  const client = device.ModuleClient.fromConnectionString(process.env.EdgeHubConnectionString, way === 'webSocket' ? transport.MqttWs : transport.Mqtt);
  await client.setOptions({ ca: readFileSync(process.env.EdgeModuleCACertificateFile, 'utf8') });
  return client;
}

const client = await connect();
client.on('error', error => say('error', error.message));
client.on('disconnect', () => say('disconnect'));
client.onMethod('ping', async (request, response) => {
  say('method', request.payload);
  await response.send(200, { pong: request.payload });
});
client.on('inputMessage', async (input, message) => {
  say('input', { input, body: JSON.parse(message.getData().toString()), properties: message.properties.propertyList });
  await client.complete(message);
});
await client.open();
const twin = await client.getTwin();
say('twin', twin.properties);
twin.on('properties.desired', desired => say('desired', desired));

const commands = {
  reported: json => new Promise((done, failed) => twin.properties.reported.update(JSON.parse(json), error => error ? failed(error) : done())),
  output: rest => {
    const [, name, json] = /^(\S+) (.*)$/.exec(rest);
    const message = new device.Message(json);
    message.messageId = 'message-1';
    message.contentType = 'application/json';
    message.contentEncoding = 'utf-8';
    message.properties.add('severity', '700');
    return client.sendOutputEvent(name, message);
  },
  close: async () => {
    await client.close();
    say('done', 'close');
    process.exit(0);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [, command, rest] = /^(\w+) ?(.*)$/.exec(line);
  try {
    await commands[command](rest);
    say('done', command);
  } catch (error) {
    say('failed', error.message);
  }
}
