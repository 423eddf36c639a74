// One sensor: its last hours, its alerts, and why its windows were judged as they were.
import { get } from './api.js';
import { HistoryChart } from './chart.js';
import { PointChooser } from './chooser.js';
import { foreign, h, refill, say } from './dom.js';
import { live } from './live.js';
import { number, percent, span, time, COLOURS, COLOUR_CLASS } from './text.js';
import { SensorWhy } from './why.js';

const SHORTEST = 2_000;

export function sensorView(id) {
  const facts = h('p', { class: 'hint' });
  const error = h('p', { class: 'error', role: 'alert' });
  const state = h('p', { class: 'judged' });
  const chooser = new PointChooser();
  const chart = new HistoryChart(index => chooser.choose(index));
  chooser.addEventListener('chosen', () => chart.mark(chooser.end));
  const alerts = h('ul', { class: 'plain' });
  const why = new SensorWhy(id, chooser);
  let loadedAt = -SHORTEST;
  let loadedEnd = -1;
  let loadedAlerts = null; // silence and limits come without a window
  let asking = false;
  let closed = false;

  async function load() {
    const end = live.sensors.get(id)?.end ?? 0;
    if (asking || (end === loadedEnd && live.alerts === loadedAlerts) || performance.now() - loadedAt < SHORTEST) {
      return;
    }

    asking = true;
    const alerted = live.alerts;
    try {
      show(await get(`/api/sensor?id=${encodeURIComponent(id)}`));
      [loadedEnd, loadedAlerts] = [end, alerted];
    } catch (failure) {
      say(error, failure.message);
      if (failure.status === 404) {
        [loadedEnd, loadedAlerts] = [end, alerted]; // nothing is to be had before its first window
      }
    } finally {
      [asking, loadedAt] = [false, performance.now()];
    }
  }

  function show(sensor) {
    if (closed) {
      return;
    }

    say(error, '');
    refill(facts, 'Asset ', foreign(sensor.asset), ', source ', foreign(sensor.source), sensor.unit ? [', in ', foreign(sensor.unit)] : '');
    showState(state, sensor);
    showAlerts(alerts, sensor.alerts);
    if (sensor.points.length > 0) {
      chooser.show(sensor);
      chart.show(sensor, chooser.end);
      why.showNewest(sensor.why);
    }
  }

  live.addEventListener('sensors', load);
  live.addEventListener('overview', load);
  load();
  return {
    element: h('div', {},
      h('h1', { tabindex: '-1' }, foreign(id)), facts, error, state,
      h('section', { 'aria-labelledby': 'hours-heading' }, h('h2', { id: 'hours-heading' }, 'Last hours'), chart.element, chooser.element),
      h('section', { 'aria-labelledby': 'alerts-heading' }, h('h2', { id: 'alerts-heading' }, 'Alerts'), alerts),
      h('section', { 'aria-labelledby': 'why-heading' }, h('h2', { id: 'why-heading' }, 'Why'), why.element)),
    close: () => {
      closed = true;
      live.removeEventListener('sensors', load);
      live.removeEventListener('overview', load);
      why.close();
      chart.close();
    },
  };
}

function showState(element, sensor) {
  if (sensor.points.length === 0) {
    refill(element, h('span', { class: `state ${COLOUR_CLASS[0]}` }, COLOURS[0]), ' No window of it has closed since the gateway was started.');
    return;
  }

  const [end, value, , , usual, spread, , colour] = sensor.points[sensor.points.length - 1];
  refill(element, h('span', { class: `state ${COLOUR_CLASS[colour]}` }, COLOURS[colour]), ` ${number(value)} `, foreign(sensor.unit), ` at ${time(end)}`,
    usual === null ? '' : `; usual ${number(usual)} ± ${number(spread)}`);
}

function showAlerts(list, alerts) {
  refill(list, alerts.length === 0 ? h('li', {}, 'None that is remembered.') : alerts.map(a => h('li', {},
    h('a', { href: `#/alert/${a.alertId}` }, `${a.kind}, ${time(a.raised)}`), ` ${a.active ? 'open' : `lasted ${span(Date.parse(a.ended ?? a.time) - Date.parse(a.raised))}`}, ${percent(a.confidence)} sure`)));
}
