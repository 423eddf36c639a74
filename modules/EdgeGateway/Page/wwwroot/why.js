// Why a window was judged as it was: what was read, what was answered, and what statistics alone would have said.
import { fill, h, visible } from './dom.js';
import { number, percent, time } from './text.js';

export function showWhy(element, why, window) {
  const scroll = element.querySelector('pre')?.scrollLeft;
  const focused = element.contains(document.activeElement);
  if (focused) {
    return; // somebody reads it
  }

  const gate = why.gate.score > why.gate.threshold;
  fill(element,
    h('p', {}, verdictOf(why, window)),
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
