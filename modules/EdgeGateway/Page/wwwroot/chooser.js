// Which point of a sensor's last hours is asked about: by keyboard, by finger, or by a click on the chart; the newest unless somebody chose one.
import { fill, foreign, h, visible } from './dom.js';
import { number, time, COLOURS } from './text.js';

export class PointChooser extends EventTarget {
  constructor() {
    super();
    this.points = [];
    this.end = null; // of the chosen point; null: the newest, whichever that is
    this.slider = h('input', { type: 'range', id: 'point', min: '0', disabled: true, oninput: () => this.choose(Number(this.slider.value)) });
    this.output = h('p', { class: 'judged' });
    this.newest = h('button', { class: 'quiet', type: 'button', hidden: true, onclick: () => { this.slider.focus(); this.choose(this.points.length - 1); } }, 'Back to the newest');
    this.element = h('div', { class: 'chooser' }, h('label', { for: 'point' }, 'Point'), this.slider, this.output, this.newest);
  }

  show(sensor) {
    [this.points, this.unit] = [sensor.points, sensor.unit];
    if (this.end !== null) {
      // two points may have become one since, or the chosen one is gone
      const index = this.points.findIndex(p => p[0] >= this.end);
      this.end = index < 0 || index === this.points.length - 1 ? null : this.points[index][0];
    }

    this.paint();
  }

  choose(index) {
    this.end = index === this.points.length - 1 ? null : this.points[index][0];
    this.paint();
    this.dispatchEvent(new Event('chosen'));
  }

  get index() {
    return this.end === null ? this.points.length - 1 : this.points.findIndex(p => p[0] === this.end);
  }

  // Its windows ended later than this. The first point is as long as the second: what was before it is no longer shown.
  get after() {
    const [first, second] = this.points;
    return this.index > 0 ? this.points[this.index - 1][0] : first[0] - (second[0] - first[0]);
  }

  paint() {
    const [end, value, min, max, usual, spread, , colour] = this.points[this.index];
    const seen = `${time(end)}: ${COLOURS[colour]}, ${number(value)}`;
    const around = `, ${number(min)} to ${number(max)}${usual === null ? '' : `, usual ${number(usual)} ± ${number(spread)}`}`;
    this.slider.disabled = false;
    this.slider.max = this.points.length - 1; // before the value, which it bounds
    this.slider.value = this.index;
    this.slider.setAttribute('aria-valuetext', `${seen} ${visible(this.unit)}${around}`);
    fill(this.output, seen, ' ', foreign(this.unit), around);
    this.newest.hidden = this.end === null;
  }
}
