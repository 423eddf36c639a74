// The official client connects to 8883 and 443, whatever one says. Loaded first (node --import), this leads those two ports to the stand-in's own, so that tests run
// beside each other and beside whatever holds the ports. Nothing of the client is changed.
import tls from 'node:tls';

const ports = { 8883: Number(process.env.HUBSTAND_MQTT_PORT), 443: Number(process.env.HUBSTAND_WEBSOCKET_PORT) };
const connect = tls.connect;
tls.connect = (options, ...rest) => connect(ports[options.port] ? { ...options, port: ports[options.port] } : options, ...rest);
