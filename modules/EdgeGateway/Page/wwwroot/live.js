// What the gateway tells by itself: one stream of events, opened again whenever it ends. Spans are measured by a clock that nobody sets. Views listen to "overview", "alerts", "sensors" and "connection".
import { get } from './api.js';
import { EventTime } from './clock.js';

const LONGEST_SILENCE = 10_000;
const RETRY = 3_000;

export const live = Object.assign(new EventTarget(), { overview: null, alerts: [], sensors: new Map(), lostAt: null, isCrowded: false, isOn: false });

let stream = null;
let eventTime = new EventTime();
let heardAt = 0;
let runningSince = null;
let loading = false;
let retryAt = 0;
let denied = () => {};

export function connect(whenDenied) {
  denied = whenDenied;
  live.isOn = true;
  open();
}

export function disconnect() {
  live.isOn = false;
  stream?.close();
  live.sensors.clear();
  eventTime = new EventTime();
  [live.alerts, live.overview, live.lostAt, runningSince] = [[], null, null, null];
}

const clock = () => live.overview ? Date.parse(live.overview.time) : Date.now();

// The gateway's alerts of itself are raised by its clock.
export const ageOf = alert => (alert.family === 'own' ? clock() : eventTime.now(clock(), live.overview?.numbers?.readingsPerSecond > 0)) - Date.parse(alert.raised);

function open() {
  stream?.close();
  heardAt = performance.now();
  stream = new EventSource('/api/events');
  stream.addEventListener('open', () => { runningSince = null; });
  on('overview', data => {
    live.overview = { ...live.overview, ...data };
    if (data.since !== runningSince) {
      runningSince = data.since;
      loadSensors();
    }

    setLost(null);
  });
  on('alerts', data => { live.alerts = data; });
  on('sensors', rows => {
    for (const [id, value, colour, score, end] of rows) {
      const known = live.sensors.get(id);
      if (known) {
        Object.assign(known, { value, colour, score, end });
      } else {
        loadSensors();
      }
    }

    eventTime.came(live.sensors.values(), clock());
  });
  stream.addEventListener('error', () => {
    setLost(live.lostAt ?? new Date());
    retryAt = performance.now() + RETRY;
  });
}

function on(name, take) {
  stream.addEventListener(name, event => {
    heardAt = performance.now();
    take(JSON.parse(event.data));
    live.dispatchEvent(new Event(name));
  });
}

function setLost(since, isCrowded = false) {
  const changed = (live.lostAt === null) !== (since === null) || live.isCrowded !== isCrowded;
  [live.lostAt, live.isCrowded] = [since, isCrowded];
  if (changed) {
    live.dispatchEvent(new Event('connection'));
  }
}

async function loadSensors() {
  if (loading) {
    return;
  }

  loading = true;
  try {
    const rows = await get('/api/sensors');
    live.sensors.clear();
    for (const [id, value, colour, score, end, asset, unit] of rows) {
      live.sensors.set(id, { id, value, colour, score, end, asset, unit });
    }

    eventTime.found(live.sensors.values());
    live.dispatchEvent(new Event('sensors'));
  } catch {
    runningSince = null; // with the next overview it is tried again
  } finally {
    loading = false;
  }
}

// Some networks swallow a stream without an end, and a browser gives a stream up that was answered with an error.
setInterval(async () => {
  if (!live.isOn || performance.now() < retryAt) {
    return;
  }

  const silent = performance.now() - heardAt > LONGEST_SILENCE;
  if (silent || stream.readyState === EventSource.CLOSED) {
    const refused = stream.readyState === EventSource.CLOSED;
    retryAt = performance.now() + RETRY;
    try {
      await get('/api/overview');
      setLost(live.lostAt ?? new Date(), refused);
      open();
    } catch (error) {
      setLost(live.lostAt ?? new Date());
      if (error.status === 401 || error.status === 429) {
        denied(error.status === 429 ? error.message : '');
      }
    }
  }
}, 1000);
