// One alert: what is known of it, its life, and what an operator can do.
import { command, get } from './api.js';
import { foreign, h, refill, say, visible } from './dom.js';
import { live } from './live.js';
import { number, percent, severity, time } from './text.js';
import { showWhy } from './why.js';

const NAME = 'edgegateway-name';
const TIMES = [['00:30:00', '30 minutes'], ['02:00:00', '2 hours'], ['08:00:00', '8 hours'], ['1.00:00:00', '1 day']];

export function alertView(id, role) {
  const heading = h('h1', { tabindex: '-1' }, 'Alert');
  const state = h('p', { class: 'judged' });
  const words = h('p', { class: 'sentence' });
  const life = h('ol', { class: 'plain' });
  const why = h('div', {});
  const whySection = h('section', { 'aria-labelledby': 'why-heading', hidden: true }, h('h2', { id: 'why-heading' }, 'Why it was raised'), why);
  const evidence = h('div', {});
  const feedback = h('ul', { class: 'plain' });
  const outcome = h('p', { role: 'status', class: 'outcome' });
  const error = h('p', { role: 'alert', class: 'error' });
  const missing = h('p', { role: 'alert', class: 'error' });
  let shown = null;
  let asked = 0;

  async function load() {
    const turn = ++asked;
    try {
      const answer = await get(`/api/alert?id=${encodeURIComponent(id)}`);
      if (turn !== asked) {
        return; // a newer one is on its way
      }

      shown = answer;
      say(missing, '');
      const data = shown.alert.data;
      refill(heading, foreign(shown.alert.subject), `: ${data.kind}`);
      showState(state, data);
      say(words, visible(data.text));
      showLife(life, shown);
      showEvidence(evidence, data);
      whySection.hidden = !shown.why;
      if (shown.why) {
        showWhy(why, shown.why, 'this window');
      }

      refill(feedback, shown.feedback.map(f => h('li', {}, `${time(f.time)}: `, foreign(f.by), ` says ${f.verdict === 'true' ? 'it was right' : f.verdict === 'false' ? 'it was a false alarm' : 'unsure'}`, f.note ? [': ', foreign(f.note)] : '')));
      acts.update(data);
    } catch (failure) {
      say(missing, failure.message);
    }
  }

  async function act(name, body, done) {
    say(outcome, '');
    say(error, '');
    const by = acts.name.value.trim();
    if (!by) {
      say(error, 'Write your name first: it goes with what you do.');
      acts.name.focus();
      return;
    }

    localStorage.setItem(NAME, by);
    try {
      await command(name, { ...body, by });
      say(outcome, done);
    } catch (failure) {
      say(error, failure.message);
    }

    await load();
  }

  const acts = actions(id, role, act, () => shown?.alert.data.asset);
  const changed = () => load();
  live.addEventListener('alerts', changed);
  load();
  return {
    element: h('div', {}, heading, state, words, missing, error, outcome, acts.element,
      h('section', { 'aria-labelledby': 'life-heading' }, h('h2', { id: 'life-heading' }, 'Life'), life, feedback),
      h('section', { 'aria-labelledby': 'evidence-heading' }, h('h2', { id: 'evidence-heading' }, 'Evidence'), evidence), whySection),
    close: () => live.removeEventListener('alerts', changed),
  };
}

function actions(id, role, act, asset) {
  const name = h('input', { id: 'by', autocomplete: 'name', maxlength: '128', value: localStorage.getItem(NAME) ?? '' });
  const note = h('input', { id: 'note', maxlength: '500' });
  const shelf = times('shelf');
  const work = times('work');
  const button = (text, go) => h('button', { type: 'button', onclick: go }, text);
  const acknowledge = button('Acknowledge', () => act('acknowledge', { alertId: id }, 'Acknowledged.'));
  const shelve = button('Shelve', () => act('shelve', { alertId: id, for: shelf.value }, 'Shelved.'));
  const unshelve = button('Unshelve', () => act('unshelve', { alertId: id }, 'Unshelved.'));
  const judge = verdict => () => act('feedback', { alertId: id, verdict, ...(note.value.trim() ? { note: note.value.trim() } : {}) }, 'Kept.');
  const begin = button('Out of service', () => act('maintenance', { asset: asset(), for: work.value }, 'The asset is out of service.'));
  const end = button('Back in service', () => act('maintenance', { asset: asset(), for: '00:00:00' }, 'The asset is back in service.'));
  const shelfLine = h('div', { class: 'line' }, shelf, shelve, unshelve);
  const workSet = h('fieldset', {}, h('legend', {}, 'Work on its asset'), h('div', { class: 'line' }, h('label', { for: 'work' }, 'For'), work, begin, end));
  const element = role !== 'operate' ? h('p', { class: 'hint' }, 'Your token is one to look with: to act, log in with the one to operate with.') : h('section', { 'aria-labelledby': 'do-heading', class: 'card' },
    h('h2', { id: 'do-heading' }, 'Act'),
    h('div', { class: 'line' }, h('label', { for: 'by' }, 'Your name'), name, acknowledge),
    h('fieldset', {}, h('legend', {}, 'Hear no more of it for a while'), h('label', { for: 'shelf', class: 'unseen' }, 'For'), shelfLine),
    h('fieldset', {}, h('legend', {}, 'Was it right?'), h('div', { class: 'line' }, h('label', { for: 'note' }, 'Note'), note),
      h('div', { class: 'line' }, button('True', judge('true')), button('False alarm', judge('false')), button('Unsure', judge('unsure')))),
    workSet);
  return {
    element, name,
    update: data => {
      acknowledge.disabled = data.acknowledged;
      shelve.disabled = !data.active || data.kind === 'maintenance';
      unshelve.disabled = !data.shelvedUntil;
      end.disabled = !data.outOfService && data.kind !== 'maintenance';
      workSet.hidden = !data.asset;
    },
  };
}

const times = id => h('select', { id }, TIMES.map(([value, text]) => h('option', { value }, text)));

function showState(element, data) {
  refill(element, h('span', { class: `badge ${severity(data.severity)}` }, severity(data.severity)), ` severity ${data.severity}, ${percent(data.confidence)} sure, `,
    data.active ? 'open' : 'ended', data.acknowledged ? ', acknowledged' : '', data.shelvedUntil ? ', shelved' : '', data.outOfService ? ', asset out of service' : '',
    `; judged by ${data.judge}`);
}

const STEPS = {
  raised: 'Raised', updated: 'Updated', cleared: 'Ended', acknowledged: 'Acknowledged', shelved: 'Shelved', unshelved: 'Unshelved', outOfService: 'Asset out of service', inService: 'Asset back in service',
};

function showLife(list, shown) {
  const data = shown.alert.data;
  const until = [['Shelved until', data.shelvedUntil], ['Out of service until', data.outOfServiceUntil]].filter(([, end]) => end);
  // those of a version before this one have no steps
  const steps = shown.life.length > 0 ? shown.life : [['raised', shown.raised], ['cleared', shown.ended]].filter(([, at]) => at).map(([transition, at]) => ({ transition, time: at, severity: data.severity, by: '' }));
  refill(list,
    steps.map(step => h('li', {}, `${time(step.time)}: ${STEPS[step.transition] ?? step.transition}, severity ${step.severity}`, step.by ? [', by ', foreign(step.by)] : '')),
    until.map(([name, end]) => h('li', {}, `${name} ${time(end)}`)));
}

function showEvidence(element, data) {
  refill(element,
    h('p', {}, 'Sensors: ', data.sensors.map((s, i) => [i > 0 ? ', ' : '', h('a', { href: `#/sensor/${encodeURIComponent(s)}` }, foreign(s))])),
    data.sparkline && h('p', { class: 'sparkline', 'aria-hidden': 'true' }, data.sparkline),
    h('dl', { class: 'life' }, Object.entries(data.evidence).map(([name, value]) => h('div', {}, h('dt', {}, visible(name)), h('dd', {}, number(value))))),
    h('p', { class: 'hint' }, Object.entries(data.versions).map(([name, version]) => `${visible(name)} ${visible(version)}`).join(', ')));
}
