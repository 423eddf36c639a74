// The last hours of a sensor: its value, the band of what is usual, alerts as spans, and a strip coloured by verdict.
import uPlot from './vendor/uplot/uPlot.esm.js';
import { h } from './dom.js';
import { number, time, COLOUR_CLASS, COLOURS } from './text.js';

const BAND = 3;
const STRIP = 8;

export class HistoryChart {
  // choose: told the index of a point that is clicked.
  constructor(choose) {
    this.choose = choose;
    this.marked = null;
    this.canvas = h('div', { class: 'chart', role: 'img', 'aria-label': 'Nothing is known yet.' });
    this.key = h('ul', { class: 'key', 'aria-label': 'Colours' },
      h('li', {}, h('span', { class: 'swatch band' }), 'usual band'), h('li', {}, h('span', { class: 'swatch range' }), 'lowest to highest'), h('li', {}, h('span', { class: 'swatch span' }), 'alert'),
      [4, 3, 2, 1, 0].map(c => h('li', {}, h('span', { class: `swatch ${COLOUR_CLASS[c]}` }), COLOURS[c])));
    this.element = h('div', {}, this.canvas, this.key);
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(this.canvas);
    this.dark = matchMedia('(prefers-color-scheme: dark)');
    this.repaint = () => { this.plot?.destroy(); this.plot = null; this.sensor && this.show(this.sensor, this.marked); };
    this.dark.addEventListener('change', this.repaint);
  }

  // Marks the point that ends then; null: none.
  mark(end) {
    this.marked = end;
    this.plot?.redraw(false);
  }

  show(sensor, marked) {
    [this.sensor, this.marked] = [sensor, marked];
    const points = sensor.points;
    const column = pick => points.map(pick);
    const data = [
      column(p => p[0] / 1000), column(p => p[1]),
      column(p => p[4] === null ? null : p[4] + (BAND * p[5])), column(p => p[4] === null ? null : p[4] - (BAND * p[5])), column(p => p[3]), column(p => p[2]),
    ];
    this.canvas.setAttribute('aria-label', summary(sensor));
    if (this.plot) {
      this.plot.setData(data, !this.zoomed);
      this.plot.redraw();
    } else {
      this.zoomed = false;
      this.plot = new uPlot(this.options(), data, this.canvas);
      this.plot.over.addEventListener('dblclick', () => { this.zoomed = false; });
      this.plot.over.addEventListener('click', () => { this.plot.cursor.idx === null || this.choose(this.plot.cursor.idx); });
    }
  }

  options() {
    const style = getComputedStyle(document.documentElement);
    const colour = name => style.getPropertyValue(`--${name}`).trim();
    const axis = { stroke: colour('text'), grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), width: 1 } };
    const plain = { points: { show: false }, spanGaps: false };
    return {
      ...this.size(),
      legend: { show: false },
      cursor: { drag: { x: true, y: false } },
      scales: { y: { range: (plot, low, high) => rangeOf(this.sensor, low, high) } },
      axes: [{ ...axis, values: (plot, splits, _, __, step) => splits.map(s => new Date(s * 1000).toLocaleTimeString('en-GB', { timeStyle: step < 60 ? 'medium' : 'short' })) }, { ...axis, size: 60 }],
      series: [
        {}, { ...plain, stroke: colour('value'), width: 1.5 }, { ...plain, stroke: 'transparent' }, { ...plain, stroke: 'transparent' }, { ...plain, stroke: 'transparent' }, { ...plain, stroke: 'transparent' },
      ],
      bands: [{ series: [2, 3], fill: colour('band') }, { series: [4, 5], fill: colour('range') }],
      hooks: { setSelect: [plot => { this.zoomed = plot.select.width > 0; }], drawClear: [plot => this.drawSpans(plot, colour)], draw: [plot => this.drawStrip(plot, colour), plot => this.drawMark(plot, colour)] },
    };
  }

  drawSpans(plot, colour) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    [ctx.textAlign, ctx.textBaseline] = ['left', 'alphabetic']; // those of the axes are left over
    for (const alert of this.sensor.alerts) {
      const from = plot.valToPos(Date.parse(alert.raised) / 1000, 'x', true);
      const to = alert.active ? bbox.left + bbox.width : plot.valToPos(Date.parse(alert.ended ?? alert.time) / 1000, 'x', true);
      if (to < bbox.left || from > bbox.left + bbox.width) {
        continue;
      }

      ctx.fillStyle = colour('span');
      ctx.fillRect(from, bbox.top, Math.max(2, to - from), bbox.height);
      ctx.fillStyle = colour('text');
      ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
      const label = `${alert.kind} ${Math.round(alert.confidence * 100)} %`;
      ctx.fillText(label, Math.min(Math.max(from, bbox.left) + 4, bbox.left + bbox.width - ctx.measureText(label).width - 4), bbox.top + 14 * devicePixelRatio);
    }

    ctx.restore();
  }

  drawStrip(plot, colour) {
    const { ctx, bbox } = plot;
    const points = this.sensor.points;
    const height = STRIP * devicePixelRatio;
    for (let i = 0; i < points.length; i++) {
      const to = plot.valToPos(points[i][0] / 1000, 'x', true);
      const from = i > 0 ? plot.valToPos(points[i - 1][0] / 1000, 'x', true) : to - 4;
      const left = Math.max(from, bbox.left);
      if (to > left && to - 1 <= bbox.left + bbox.width) {
        ctx.fillStyle = colour(COLOUR_CLASS[points[i][7]]);
        ctx.fillRect(left, bbox.top + bbox.height - height, Math.ceil(to - left), height);
      }
    }
  }

  drawMark(plot, colour) {
    const { ctx, bbox } = plot;
    const at = plot.valToPos(this.marked / 1000, 'x', true);
    if (this.marked !== null && at >= bbox.left && at <= bbox.left + bbox.width) {
      ctx.fillStyle = colour('text');
      ctx.fillRect(at - devicePixelRatio, bbox.top, 2 * devicePixelRatio, bbox.height);
    }
  }

  size() {
    return { width: Math.max(260, this.canvas.clientWidth || 600), height: innerWidth < 600 ? 240 : 320 };
  }

  resize() {
    this.plot?.setSize(this.size());
  }

  close() {
    this.resized.disconnect();
    this.dark.removeEventListener('change', this.repaint);
    this.plot?.destroy();
  }
}

// The band of a sensor that hardly moved, or moved wildly long ago, must not hide the values.
function rangeOf(sensor, low, high) {
  const values = sensor.points.flatMap(p => [p[2], p[3]]).filter(v => v !== null);
  const [least, most] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [low ?? 0, high ?? 1];
  const room = Math.max((most - least) * 0.6, Math.abs(most) * 0.001, 1e-9);
  return [Math.max(low ?? least, least - room) - (room * 0.15), Math.min(high ?? most, most + room) + (room * 0.15)];
}

function summary(sensor) {
  const points = sensor.points;
  const unusual = points.filter(p => p[7] === 4).length;
  const last = points[points.length - 1];
  return `Values from ${time(points[0][0])} to ${time(last[0])}; the newest is ${number(last[1])}. ${unusual} of ${points.length} points are unusual, ${sensor.alerts.length} alerts.`;
}
