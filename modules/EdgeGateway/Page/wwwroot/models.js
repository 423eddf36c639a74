// What judges: the slots of the model and of each adapter, what is on its way, what was refused and why.
import { command, get } from './api.js';
import { fill, foreign, h, say, visible } from './dom.js';
import { live } from './live.js';

const STATES = {
  settled: 'In force, nothing on its way', loading: 'Being loaded', fetch: 'Being fetched', verify: 'Being verified', open: 'Being opened', stage: 'Being put beside the active one', 'warm up': 'Warming up',
  prove: 'Being proved on live windows', activate: 'Being activated', confirm: 'Active, waits for its first verdicts',
};
const PERIOD = 3_000;

export function modelsView(_, role) {
  const error = h('p', { role: 'alert', class: 'error' });
  const refused = h('p', { role: 'alert', class: 'error' });
  const outcome = h('p', { role: 'status', class: 'outcome' });
  const slots = h('div', { class: 'cards' });
  let before = '';
  let loading = false;

  async function load() {
    if (loading) {
      return;
    }

    loading = true;
    try {
      const models = await get('/api/models');
      const wanted = Object.entries(live.overview?.adapters ?? {});
      put([models, wanted], () => [card('Model', models.slots.model, undefined), Object.entries(models.slots.adapters).map(([name, slot]) => card(`Adapter ${visible(name)}`, slot, name)), missing(models, wanted), device(models), waits(models)]);
      say(error, '');
    } catch (failure) {
      fail(failure);
    } finally {
      loading = false;
    }
  }

  // What was known stays in sight.
  function fail(failure) {
    const isFixed = failure.status === 501;
    say(error, isFixed ? 'This gateway judges with the model it came with; models are changed in one that was started with "run".' : failure.message);
    const model = live.overview?.health?.find(part => part.name === 'model');
    if (isFixed && model) {
      put(model, () => [h('section', { class: 'card' }, h('h2', {}, 'Model'), h('p', {}, visible(model.text)))]);
    }
  }

  function put(what, parts) {
    const text = JSON.stringify(what);
    if (text !== before) {
      before = text;
      const focused = document.activeElement.id;
      fill(slots, ...parts());
      document.getElementById(focused)?.focus(); // the button that was pressed is another element now
    }
  }

  async function act(name, adapter, question, done) {
    if (!confirm(question)) {
      return;
    }

    say(outcome, '');
    say(refused, '');
    try {
      await command(name, adapter === undefined ? {} : { adapter });
      say(outcome, done);
    } catch (failure) {
      say(refused, failure.message);
      return;
    }

    await load();
  }

  function card(title, slot, adapter) {
    const what = adapter === undefined ? 'model' : `adapter ${visible(adapter)}`;
    const own = adapter === undefined ? 'what this version came with' : 'none';
    const previous = slot.previous ?? (slot.active === 'image' ? null : 'image');
    return h('section', { class: 'card' }, h('h2', {}, title),
      h('p', {}, STATES[slot.state] ?? slot.state, '.'),
      adapter !== undefined && h('p', {}, 'Sources that ask for it: ', sourcesOf(adapter) || 'none', '.'),
      h('dl', { class: 'life' },
        fact('Active', release(slot.active, own)), previous && fact('Before', release(previous, own)),
        slot.candidate && fact('On its way', `release ${slot.candidate.release ?? 'unknown'}${slot.candidate.percent === undefined ? '' : `, ${slot.candidate.percent} % fetched`}`),
        slot.waits && fact('Waits', visible(slot.waits.error)),
        slot.refused && fact('Refused', `release ${slot.refused.release ?? 'unknown'}: ${visible(slot.refused.error)} (${slot.refused.code})`)),
      role === 'operate' && h('div', { class: 'line' },
        previous && h('button', { type: 'button', id: `rollback ${what}`, onclick: () => act('rollback', adapter, `Put ${describe(previous, own)} in the place of the ${what}?`, 'What judged before comes back.') }, 'Roll back'),
        (slot.refused || slot.waits) && h('button', { type: 'button', id: `retry ${what}`, onclick: () => act('retry', adapter, 'Look at it once more?', 'It is looked at once more.') }, 'Try again')));
  }

  load();
  const timer = setInterval(load, PERIOD);
  return { element: h('div', {}, h('h1', { tabindex: '-1' }, 'Models'), error, refused, outcome, slots), close: () => clearInterval(timer) };
}

const fact = (name, value) => h('div', {}, h('dt', {}, name), h('dd', {}, value));

const describe = (part, own) => part === 'image' ? own : `release ${part.release} of ${visible(part.name)}`;

const release = (part, own) => part === 'image' ? own : [foreign(part.name), ` release ${part.release} (${part.sha256})`];

const sourcesOf = adapter => Object.entries(live.overview?.adapters ?? {}).filter(([, wanted]) => wanted === adapter).map(([source]) => visible(source)).join(', ');

function missing(models, wanted) {
  const absent = wanted.filter(([, adapter]) => !(adapter in models.slots.adapters));
  return absent.length > 0 && h('section', { class: 'card' }, h('h2', {}, 'Adapters that are not here'), h('p', {}, 'These sources are judged by the model alone.'),
    h('dl', { class: 'life' }, absent.map(([source, adapter]) => fact(visible(source), foreign(adapter)))));
}

function device(models) {
  const key = models.device;
  return h('section', { class: 'card' }, h('h2', {}, 'Device key'), h('dl', { class: 'life' },
    fact('State', key.state), key.fingerprint && fact('Fingerprint', h('code', {}, key.fingerprint)), key.error && fact('Why', visible(key.error)),
    fact('Trusted root', models.slots.root === 0 ? 'none: nothing can be installed' : `version ${models.slots.root}`)));
}

function waits(models) {
  const entries = Object.entries(models.slots.waits ?? {});
  return entries.length > 0 && h('section', { class: 'card' }, h('h2', {}, 'Waits'), h('dl', { class: 'life' }, entries.map(([name, reason]) => fact(visible(name), visible(reason.error)))));
}
