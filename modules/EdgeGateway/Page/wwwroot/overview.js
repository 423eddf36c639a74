// The plant at a glance: open alerts first, then the assets; health in one line and the numbers that matter.
import { fill, foreign, h, say, visible } from './dom.js';
import { VirtualList } from './list.js';
import { ageOf, live } from './live.js';
import { bytes, count, number, percent, severity, span, COLOUR_CLASS, COLOURS } from './text.js';

const { compare } = new Intl.Collator();
const MOST = 500; // open alerts that the gateway tells of

export function overviewView() {
  const health = h('ul', { class: 'health', 'aria-label': 'Health' });
  const numbers = h('dl', { class: 'numbers' });
  const none = h('p', { class: 'calm' }, 'No alert is open.');
  const heading = h('h2', { id: 'alerts-heading' }, 'Open alerts');
  const filter = h('input', { id: 'filter', type: 'search', placeholder: 'Name of an asset or sensor', oninput: () => plant() });
  const opened = new Set();
  const alerts = new VirtualList({ label: 'Open alerts', rowHeight: 84, make: makeAlert, show: showAlert, key: a => a.alertId });
  const assets = new VirtualList({ label: 'Assets and their sensors', rowHeight: 48, make: makeRow, show: (row, item) => showRow(row, item, opened, plant), key: i => i.key });
  const plantCount = h('p', { class: 'hint' });

  function plant() {
    const rows = rowsOf(filter.value.trim().toLowerCase(), opened);
    say(plantCount, `${count(rows.assets)} assets, ${count(live.sensors.size)} sensors`);
    assets.set(rows.rows);
    assets.element.classList.toggle('empty', rows.rows.length === 0);
  }

  function told() {
    const open = sorted(live.alerts.filter(a => a.active));
    say(heading, headingOf(open.length));
    none.hidden = open.length > 0;
    say(none, live.overview?.since ? 'No alert is open.' : 'What is open is not known: nothing is judged just now.');
    none.classList.toggle('calm', Boolean(live.overview?.since));
    alerts.element.hidden = open.length === 0;
    alerts.set(open);
  }

  function glance() {
    showHealth(health);
    showNumbers(numbers);
  }

  const listeners = [['overview', glance], ['overview', told], ['alerts', told], ['alerts', plant], ['sensors', plant]];
  listeners.forEach(([name, listener]) => live.addEventListener(name, listener));
  queueMicrotask(() => listeners.forEach(([, listener]) => listener()));
  return {
    element: h('div', {},
      h('h1', { tabindex: '-1' }, 'Overview'), health,
      h('section', { 'aria-labelledby': 'alerts-heading' }, heading, none, alerts.element),
      h('section', { 'aria-labelledby': 'plant-heading' },
        h('div', { class: 'line' }, h('h2', { id: 'plant-heading' }, 'Plant'), plantCount, h('label', { for: 'filter', class: 'unseen' }, 'Filter'), filter), assets.element),
      h('section', { 'aria-labelledby': 'numbers-heading' }, h('h2', { id: 'numbers-heading' }, 'Numbers'), numbers)),
    close: () => {
      listeners.forEach(([name, listener]) => live.removeEventListener(name, listener));
      alerts.close();
      assets.close();
    },
  };
}

function headingOf(shown) {
  const all = live.overview?.numbers?.openAlerts ?? 0;
  return shown === 0 ? 'Open alerts' : `Open alerts (${shown >= MOST && all > shown ? `the most severe ${count(shown)} of ${count(all)}` : count(shown)})`;
}

const isQuiet = a => a.acknowledged || a.shelvedUntil || a.outOfService;

const sorted = alerts => alerts.sort((a, b) => Number(isQuiet(a)) - Number(isQuiet(b)) || b.severity - a.severity || Date.parse(a.raised) - Date.parse(b.raised));

function showHealth(list) {
  const parts = live.overview?.health ?? [];
  if (list.children.length !== parts.length) {
    fill(list, parts.map(() => h('li', {}, h('span', { class: 'dot', 'aria-hidden': 'true' }), h('b'), ' ', h('span'))));
  }

  parts.forEach((part, i) => {
    const [dot, name, text] = list.children[i].children;
    list.children[i].className = part.ok ? 'well' : 'ill';
    say(dot, part.ok ? '✓' : '!');
    say(name, part.name);
    say(text, part.ok && part.name !== 'model' ? 'OK' : visible(part.text));
    list.children[i].title = visible(part.text);
  });
}

function showNumbers(list) {
  const n = live.overview?.numbers;
  if (!n) {
    return;
  }

  const kept = n.bytesReceived - n.bytesSentUp;
  const shown = [
    ['Sensors', count(n.sensors)], ['Readings a second', number(n.readingsPerSecond, 3)], ['Windows judged', count(n.windowsJudged)], ['Open alerts', count(n.openAlerts)],
    ['Kept off the uplink', `${bytes(kept)} of ${bytes(n.bytesReceived)}`],
  ];
  if (list.children.length === 0) {
    fill(list, shown.map(([name]) => h('div', {}, h('dt', {}, name), h('dd'))));
  }

  shown.forEach(([, value], i) => say(list.children[i].lastChild, value));
}

function makeAlert() {
  return h('li', {}, h('a', { class: 'alert-row' }, h('span', { class: 'badge' }), h('b', { class: 'subject' }), h('span', { class: 'kind' }), h('span', { class: 'age' }), h('span', { class: 'words' })));
}

function showAlert(row, alert) {
  const link = row.firstChild;
  const [badge, subject, kind, age, words] = link.children;
  link.href = `#/alert/${alert.alertId}`;
  link.classList.toggle('quiet-row', Boolean(isQuiet(alert)));
  badge.className = `badge ${severity(alert.severity)}`;
  say(badge, severity(alert.severity));
  say(subject, visible(alert.subject));
  say(kind, `${alert.kind}, ${percent(alert.confidence)} sure${alert.acknowledged ? ', acknowledged' : ''}${alert.shelvedUntil ? ', shelved' : ''}${alert.outOfService ? ', out of service' : ''}`);
  say(age, span(ageOf(alert)));
  say(words, visible(alert.text));
}

// An asset is a row; its sensors follow it while it is opened, or while one is searched for.
function rowsOf(wanted, opened) {
  const assets = new Map();
  for (const sensor of live.sensors.values()) {
    sensor.kinds = [];
    if (wanted && !sensor.id.toLowerCase().includes(wanted)) {
      continue;
    }

    if (!assets.has(sensor.asset)) {
      assets.set(sensor.asset, { key: `asset ${sensor.asset}`, asset: sensor.asset, sensors: [], colour: 0, alerts: 0, severity: 0 });
    }

    const asset = assets.get(sensor.asset);
    asset.sensors.push(sensor);
    asset.colour = Math.max(asset.colour, sensor.colour);
  }

  for (const alert of live.alerts) {
    const asset = alert.active && assets.get(alert.asset);
    if (asset) {
      asset.alerts++;
      asset.severity = Math.max(asset.severity, isQuiet(alert) ? 0 : alert.severity);
      live.sensors.get(alert.sensor)?.kinds.push(alert.kind);
    }
  }

  const sortedAssets = [...assets.values()].sort((a, b) => b.severity - a.severity || b.alerts - a.alerts || compare(a.asset, b.asset));
  const rows = [];
  for (const asset of sortedAssets) {
    rows.push(asset);
    asset.isOpen = opened.has(asset.asset) || (wanted !== '' && sortedAssets.length <= 20);
    if (asset.isOpen) {
      rows.push(...asset.sensors.sort((a, b) => compare(a.id, b.id)).map(sensor => ({ key: `sensor ${sensor.id}`, sensor })));
    }
  }

  return { rows, assets: assets.size };
}

function makeRow() {
  return h('li', { class: 'plant-row' });
}

function showRow(row, item, opened, plant) {
  if (item.sensor) {
    if (!row.firstChild) {
      row.append(h('a', { class: 'sensor-row', href: `#/sensor/${encodeURIComponent(item.sensor.id)}` }, h('span', { class: 'state' }), foreign(item.sensor.id), h('span', { class: 'value' })));
    }

    const [state, , value] = row.firstChild.children;
    showState(state, item.sensor.colour);
    say(value, `${item.sensor.kinds.map(kind => `${kind}, `).join('')}${number(item.sensor.value)} ${visible(item.sensor.unit)}`);
    return;
  }

  if (!row.firstChild) {
    row.append(h('button', {
      type: 'button', class: 'asset-row',
      onclick: () => {
        opened[opened.has(item.asset) ? 'delete' : 'add'](item.asset);
        plant();
      },
    }, h('span', { class: 'state' }), foreign(item.asset), h('span', { class: 'value' })));
  }

  const [state, , value] = row.firstChild.children;
  row.firstChild.setAttribute('aria-expanded', item.isOpen);
  showState(state, item.colour);
  say(value, `${item.alerts > 0 ? `${count(item.alerts)} ${item.alerts === 1 ? 'alert' : 'alerts'}, ` : ''}${count(item.sensors.length)} ${item.sensors.length === 1 ? 'sensor' : 'sensors'}`);
}

function showState(element, colour) {
  element.className = `state ${COLOUR_CLASS[colour]}`;
  say(element, COLOURS[colour]);
}
