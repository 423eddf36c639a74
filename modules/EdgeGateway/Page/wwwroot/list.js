// A list of rows of one height, of which only those in sight are in the document: thousands scroll as ten do. Rows keep their elements, and so their focus, while they stay in sight.
import { h } from './dom.js';

const BEYOND = 6;

export class VirtualList {
  // make(): an empty row; show(row, item): writes an item into it; key(item): what an item is known by
  constructor({ label, rowHeight, make, show, key }) {
    Object.assign(this, { rowHeight, make, show, key, items: [], rows: new Map() });
    this.inner = h('ul', { class: 'rows', 'aria-label': label });
    this.element = h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': label, onscroll: () => this.render() }, this.inner);
    this.resized = new ResizeObserver(() => this.render());
    this.resized.observe(this.element);
  }

  set(items) {
    this.items = items;
    this.inner.style.height = `${items.length * this.rowHeight}px`;
    this.render();
  }

  render() {
    const first = Math.max(0, Math.floor(this.element.scrollTop / this.rowHeight) - BEYOND);
    const last = Math.min(this.items.length, Math.ceil((this.element.scrollTop + this.element.clientHeight) / this.rowHeight) + BEYOND);
    const seen = new Set();
    for (let i = first; i < last; i++) {
      const item = this.items[i];
      const key = this.key(item);
      seen.add(key);
      let row = this.rows.get(key);
      if (!row) {
        row = this.make();
        row.style.height = `${this.rowHeight}px`;
        this.rows.set(key, row);
        this.inner.append(row);
      }

      row.style.transform = `translateY(${i * this.rowHeight}px)`;
      row.setAttribute('aria-setsize', this.items.length);
      row.setAttribute('aria-posinset', i + 1);
      this.show(row, item);
    }

    for (const [key, row] of this.rows) {
      if (!seen.has(key)) {
        // what has the focus stays where it belongs, also out of sight
        const place = row.contains(document.activeElement) ? this.items.findIndex(item => this.key(item) === key) : -1;
        row.style.transform = `translateY(${place * this.rowHeight}px)`;
        if (place < 0) {
          row.remove();
          this.rows.delete(key);
        }
      }
    }

    this.order(first, last);
  }

  // The order for keyboard and screen reader is that of the document.
  order(first, last) {
    let before = null;
    for (let i = last - 1; i >= first; i--) {
      const row = this.rows.get(this.key(this.items[i]));
      if (row.nextSibling !== before) {
        const focused = row.contains(document.activeElement) ? document.activeElement : null;
        this.inner.insertBefore(row, before);
        focused?.focus();
      }

      before = row;
    }
  }

  close() {
    this.resized.disconnect();
  }
}
