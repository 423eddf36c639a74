// What the gateway tells by itself: one stream of events, opened again whenever it ends. Spans are measured by a clock that nobody sets. Views listen to "overview", "alerts", "sensors" and "connection".
import { get } from './api.js';
import { EventTime } from './clock.js';

const LONGEST_SILENCE = 10_000;
const LONGEST_PATIENCE = 60_000;
const RETRY = 3_000;
const LOGGED_OUT = 'You were logged out: the token of this browser is gone, or no longer one of this gateway. Log in again.';

export const live = Object.assign(new EventTarget(), { overview: null, alerts: [], sensors: new Map(), lostAt: null, isCrowded: false, isOn: false });

let stream = null;
let eventTime = new EventTime();
let heardAt = 0;
let patience = LONGEST_SILENCE;
let runningSince = null;
let loading = false;
let looking = false;
let retryAt = 0;
let denied = () => {};

export function connect(whenDenied) {
  denied = whenDenied;
  live.isOn = true;
  patience = LONGEST_SILENCE;
  open();
}

export function disconnect() {
  live.isOn = false;
  stream?.close();
  live.sensors.clear();
  eventTime = new EventTime();
  [live.alerts, live.overview, live.lostAt, live.isCrowded, runningSince] = [[], null, null, false, null];
}

const clock = () => live.overview ? Date.parse(live.overview.time) : Date.now();

// The gateway's alerts of itself are raised by its clock.
export const ageOf = alert => (alert.family === 'own' ? clock() : eventTime.now(clock(), live.overview?.numbers?.readingsPerSecond > 0)) - Date.parse(alert.raised);

function open() {
  stream?.close();
  heardAt = performance.now();
  let rounds = 0;
  stream = new EventSource('/api/events');
  stream.addEventListener('open', () => { [runningSince, rounds] = [null, 0]; });
  on('overview', data => {
    takeOverview(data);
    setLost(null);
    if (++rounds > 1) {
      patience = LONGEST_SILENCE; // all that comes with the first one has come
    }
  });
  on('alerts', data => { live.alerts = data; });
  on('sensors', takeRows);
  stream.addEventListener('error', () => {
    setLost(live.lostAt ?? new Date(), live.isCrowded);
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

function takeOverview(overview) {
  live.overview = { ...live.overview, ...overview };
  if (overview.since && overview.since !== runningSince) {
    runningSince = overview.since;
    loadSensors();
  }
}

function takeRows(rows) {
  for (const [id, value, colour, score, end] of rows) {
    const known = live.sensors.get(id);
    if (known) {
      Object.assign(known, { value, colour, score, end });
    } else {
      loadSensors();
    }
  }

  eventTime.came(rows.map(row => row[4]), clock());
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
    if (live.isOn) {
      takeList(rows);
    }
  } catch {
    runningSince = null; // with the next overview it is tried again
  } finally {
    loading = false;
  }
}

// Stages that were just started know few sensors: the others stay in sight, and are learnt anew.
function takeList(rows) {
  for (const sensor of live.sensors.values()) {
    Object.assign(sensor, { value: null, colour: 0, score: null, end: 0 });
  }

  for (const [id, value, colour, score, end, asset, unit] of rows) {
    live.sensors.set(id, { id, value, colour: colour ?? 0, score, end: end ?? 0, asset, unit }); // without a window it has neither
  }

  eventTime.found([...live.sensors.values()].map(sensor => sensor.end));
  live.dispatchEvent(new Event('sensors'));
}

// Some networks swallow a stream without an end, and a browser gives a stream up that was answered with an error.
setInterval(() => {
  const silent = performance.now() - heardAt > patience;
  if (live.isOn && !looking && performance.now() >= retryAt && (silent || stream.readyState === EventSource.CLOSED)) {
    reopen(silent);
  }
}, 1000);

async function reopen(silent) {
  looking = true;
  setLost(live.lostAt ?? new Date(), live.isCrowded);
  try {
    const overview = await get('/api/overview');
    if (live.isOn && live.lostAt !== null) {
      show(overview);
      // a slow link takes longer for a large event, of which nothing is to be seen before its end
      patience = silent ? Math.min(2 * patience, LONGEST_PATIENCE) : patience;
      open();
    }
  } catch (error) {
    failed(error);
  } finally {
    looking = false;
    retryAt = performance.now() + RETRY;
  }
}

function show({ alerts, ...overview }) {
  setLost(live.lostAt, stream.readyState === EventSource.CLOSED);
  takeOverview(overview);
  live.alerts = alerts ?? live.alerts;
  live.dispatchEvent(new Event('overview'));
  live.dispatchEvent(new Event('alerts'));
}

function failed(error) {
  if (!live.isOn) {
    return;
  }

  setLost(live.lostAt ?? new Date());
  if (error.status === 401 || error.status === 429) {
    denied(error.status === 429 ? error.message : LOGGED_OUT);
  }
}
