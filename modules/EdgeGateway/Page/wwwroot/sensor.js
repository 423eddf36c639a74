// One sensor: its last hours, its alerts, and why its newest window was judged as it was.
import { get } from './api.js';
import { HistoryChart } from './chart.js';
import { fill, foreign, h, say, visible } from './dom.js';
import { live } from './live.js';
import { number, percent, span, time, COLOURS, COLOUR_CLASS } from './text.js';
import { showWhy } from './why.js';

const SHORTEST = 2_000;

export function sensorView(id) {
  const facts = h('p', { class: 'hint' });
  const error = h('p', { class: 'error', role: 'alert' });
  const state = h('p', { class: 'judged' });
  const chart = new HistoryChart();
  const alerts = h('ul', { class: 'plain' });
  const why = h('div', {});
  let loadedAt = -SHORTEST;
  let loadedEnd = -1;
  let loadedAlerts = null; // silence and limits come without a window
  let closed = false;

  async function load() {
    const end = live.sensors.get(id)?.end ?? 0;
    if (closed || (end === loadedEnd && live.alerts === loadedAlerts) || performance.now() - loadedAt < SHORTEST) {
      return;
    }

    loadedAt = performance.now();
    const alerted = live.alerts;
    try {
      const sensor = await get(`/api/sensor?id=${encodeURIComponent(id)}`);
      [loadedEnd, loadedAlerts] = [end, alerted];
      say(error, '');
      fill(facts, 'Asset ', foreign(sensor.asset), ', source ', foreign(sensor.source), sensor.unit ? [', in ', foreign(sensor.unit)] : '');
      showState(state, sensor);
      chart.show(sensor);
      showAlerts(alerts, sensor.alerts);
      showWhy(why, sensor.why, 'the newest window');
    } catch (failure) {
      say(error, failure.message);
    }
  }

  live.addEventListener('sensors', load);
  live.addEventListener('overview', load);
  load();
  return {
    element: h('div', {},
      h('h1', { tabindex: '-1' }, foreign(id)), facts, error, state,
      h('section', { 'aria-labelledby': 'hours-heading' }, h('h2', { id: 'hours-heading' }, 'Last hours'), chart.element),
      h('section', { 'aria-labelledby': 'alerts-heading' }, h('h2', { id: 'alerts-heading' }, 'Alerts'), alerts),
      h('section', { 'aria-labelledby': 'why-heading' }, h('h2', { id: 'why-heading' }, 'Why'), why)),
    close: () => {
      closed = true;
      live.removeEventListener('sensors', load);
      live.removeEventListener('overview', load);
      chart.close();
    },
  };
}

function showState(element, sensor) {
  const [end, value, , , usual, spread, , colour] = sensor.points[sensor.points.length - 1];
  fill(element, h('span', { class: `state ${COLOUR_CLASS[colour]}` }, COLOURS[colour]), ` ${number(value)} `, foreign(sensor.unit), ` at ${time(end)}`,
    usual === null ? '' : `; usual ${number(usual)} ± ${number(spread)}`);
}

function showAlerts(list, alerts) {
  fill(list, alerts.length === 0 ? h('li', {}, 'None that is remembered.') : alerts.map(a => h('li', {},
    h('a', { href: `#/alert/${a.alertId}` }, `${a.kind}, ${time(a.raised)}`), ` ${a.active ? 'open' : `lasted ${span(Date.parse(a.ended ?? a.time) - Date.parse(a.raised))}`}, ${percent(a.confidence)} sure`)));
}
