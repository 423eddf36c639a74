// Why a window was judged as it was: what was read, what was answered, and what statistics alone would have said.
import { get } from './api.js';
import { fill, h, refill, say, visible } from './dom.js';
import { number, percent, time } from './text.js';

// Why the chosen point of a sensor's last hours was judged so; the newest window while none is chosen.
export class SensorWhy {
  constructor(id, chooser) {
    Object.assign(this, { id, chooser, newest: null, shownEnd: null, isAsking: false, isClosed: false });
    this.shown = h('div', { onfocusout: event => this.shown.contains(event.relatedTarget) || queueMicrotask(() => this.catchUp()) });
    this.hint = h('p', { class: 'hint', role: 'status' });
    this.element = h('div', {}, this.hint, this.shown);
    chooser.addEventListener('chosen', () => this.showChosen());
  }

  showNewest(why) {
    this.newest = why;
    this.catchUp();
  }

  // Who reads what nobody chose is not disturbed before the focus has left it.
  catchUp() {
    if (this.chooser.end !== null || this.newest === null || this.newest.window.end === this.shownEnd) {
      return;
    }

    if (this.shown.contains(document.activeElement)) {
      say(this.hint, 'A newer window has closed; it is shown when you leave this section.');
    } else {
      this.show(this.newest, 'the newest window');
      this.shownEnd = this.newest.window.end;
    }
  }

  // One question at a time: a key that is held down chooses thirty points a second.
  async showChosen() {
    if (this.isAsking) {
      return;
    }

    this.isAsking = true;
    let until;
    do {
      until = this.chooser.end;
      await this.ask(until);
    } while (!this.isClosed && this.chooser.end !== until);
    this.isAsking = false;
  }

  async ask(until) {
    if (until === null) {
      this.show(this.newest, 'the newest window');
      this.shownEnd = this.newest.window.end;
      return;
    }

    this.shownEnd = null;
    try {
      const why = await get(`/api/why?id=${encodeURIComponent(this.id)}&after=${this.chooser.after}&until=${until}`);
      this.show(why, `the window until ${time(why.window.end)}`);
    } catch (failure) {
      fill(this.shown);
      say(this.hint, failure.message);
    }
  }

  show(why, window) {
    say(this.hint, '');
    showWhy(this.shown, why, window);
  }

  close() {
    this.isClosed = true;
  }
}

export function showWhy(element, why, window) {
  const gate = why.gate.score > why.gate.threshold;
  refill(element,
    h('p', {}, verdictOf(why, window)),
    h('p', {}, `Statistics alone would have said ${gate ? 'unusual' : 'normal'}: score ${number(why.gate.score, 3)}, threshold ${number(why.gate.threshold, 3)}.`),
    why.probabilities && table('What the model answered', ['Label', 'Probability', ''],
      Object.entries(why.probabilities).sort((a, b) => b[1] - a[1]).map(([label, p]) => [label, percent(p), bar(p)])),
    table('What it read, furthest from calm first', ['Field', 'Number', 'Digit', 'Far from calm', 'Means'],
      [...why.fields].sort((a, b) => (b.share ?? -1) - (a.share ?? -1)).map(f => [f.name, number(f.value), f.level ?? 'absent', bar(f.share), f.words])),
    h('h3', {}, 'The very prompt'), h('pre', { tabindex: '0', 'aria-label': 'Prompt' }, visible(why.prompt)),
    h('p', { class: 'hint' }, `Model ${visible(why.model)}${why.adapter ? `, adapter ${visible(why.adapter)}` : ''}, window from ${time(why.window.start)} to ${time(why.window.end)}`));
}

const NOT_JUDGED = { warming: 'the sensor is still being learnt', maintenance: 'its asset is out of service', budget: 'there was no time, and other windows looked worse' };

function verdictOf(why, window) {
  return why.notJudged in NOT_JUDGED ? `Nobody judged ${window}: ${NOT_JUDGED[why.notJudged]}.`
    : `${why.judge === 'model' ? 'The model' : 'Statistics'} found ${window} ${why.anomalous ? 'unusual' : 'normal'}: score ${number(why.score, 3)}, threshold ${number(why.threshold, 3)}${why.confidence === null ? '' : `; ${percent(why.confidence)} sure that it is real`}.`;
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
