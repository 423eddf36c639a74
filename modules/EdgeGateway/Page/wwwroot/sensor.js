// One sensor: its last hours, its alerts, and why its newest window was judged as it was.
import { get } from './api.js';
import { HistoryChart } from './chart.js';
import { fill, foreign, h, say, visible } from './dom.js';
import { live } from './live.js';
import { number, percent, span, time, COLOURS, COLOUR_CLASS } from './text.js';

const SHORTEST = 2_000;

export function sensorView(id) {
  const facts = h('p', { class: 'hint' });
  const error = h('p', { class: 'error', role: 'alert' });
  const state = h('p', { class: 'judged' });
  const chart = new HistoryChart();
  const alerts = h('ul', { class: 'plain' });
  const why = h('div', {});
  let loadedAt = 0;
  let loadedEnd = -1;
  let closed = false;

  async function load() {
    const end = live.sensors.get(id)?.end ?? 0;
    if (closed || (end === loadedEnd && loadedAt > 0) || Date.now() - loadedAt < SHORTEST) {
      return;
    }

    [loadedAt, loadedEnd] = [Date.now(), end];
    try {
      const sensor = await get(`/api/sensor?id=${encodeURIComponent(id)}`);
      say(error, '');
      fill(facts, 'Asset ', foreign(sensor.asset), ', source ', foreign(sensor.source), sensor.unit ? [', in ', foreign(sensor.unit)] : '');
      showState(state, sensor);
      chart.show(sensor);
      showAlerts(alerts, sensor.alerts);
      showWhy(why, sensor.why);
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

function showWhy(element, why) {
  const scroll = element.querySelector('pre')?.scrollLeft;
  const focused = element.contains(document.activeElement);
  if (focused) {
    return; // somebody reads it
  }

  const gate = why.gate.score > why.gate.threshold;
  fill(element,
    h('p', {}, verdictOf(why)),
    h('p', {}, `Statistics alone would have said ${gate ? 'unusual' : 'normal'}: score ${number(why.gate.score, 3)}, threshold ${number(why.gate.threshold, 3)}.`),
    why.probabilities && table('What the model answered', ['Label', 'Probability', ''],
      Object.entries(why.probabilities).sort((a, b) => b[1] - a[1]).map(([label, p]) => [label, percent(p), bar(p)])),
    table('What it read, furthest from calm first', ['Field', 'Number', 'Digit', 'Far from calm', 'Means'],
      [...why.fields].sort((a, b) => (b.share ?? -1) - (a.share ?? -1)).map(f => [f.name, number(f.value), f.level ?? 'absent', bar(f.share), f.words])),
    h('h3', {}, 'The very prompt'), h('pre', { tabindex: '0', 'aria-label': 'Prompt' }, visible(why.prompt)),
    h('p', { class: 'hint' }, `Model ${visible(why.model)}${why.adapter ? `, adapter ${visible(why.adapter)}` : ''}, window from ${time(why.window.start)} to ${time(why.window.end)}`));
  if (scroll) {
    element.querySelector('pre').scrollLeft = scroll;
  }
}

const NOT_JUDGED = { warming: 'the sensor is still being learnt', maintenance: 'its asset is out of service', budget: 'there was no time, and other windows looked worse' };

function verdictOf(why) {
  return why.notJudged in NOT_JUDGED ? `Nobody judged the newest window: ${NOT_JUDGED[why.notJudged]}.`
    : `${why.judge === 'model' ? 'The model' : 'Statistics'} found the newest window ${why.anomalous ? 'unusual' : 'normal'}: score ${number(why.score, 3)}, threshold ${number(why.threshold, 3)}${why.confidence === null ? '' : `; ${percent(why.confidence)} sure that it is real`}.`;
}

function table(caption, heads, rows) {
  return h('div', { class: 'table', tabindex: '0', role: 'group', 'aria-label': caption }, h('table', {}, h('caption', {}, caption),
    h('thead', {}, h('tr', {}, heads.map(head => head ? h('th', { scope: 'col' }, head) : h('td')))),
    h('tbody', {}, rows.map(([first, ...rest]) => h('tr', {}, h('th', { scope: 'row' }, first), rest.map(cell => h('td', {}, cell)))))));
}

function bar(share) {
  const inner = h('span', { class: 'bar-inner' });
  inner.style.width = `${Math.round((share ?? 0) * 100)}%`;
  return h('span', { class: 'bar' }, inner, h('span', { class: 'unseen' }, share === null ? 'absent' : percent(share)));
}
