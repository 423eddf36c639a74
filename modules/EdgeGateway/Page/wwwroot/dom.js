// Elements from plain data. Text becomes text nodes and attributes, never markup.

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (name === 'class') {
      element.className = value;
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }

  append(element, children);
  return element;
}

export function fill(element, ...children) {
  element.textContent = '';
  append(element, children);
  return element;
}

// As fill, but what is the same stays untouched, and what has the focus or was scrolled hands both on to what has its name.
export function refill(element, ...children) {
  const next = element.cloneNode(false);
  append(next, children);
  if (next.isEqualNode(element)) {
    return;
  }

  const places = new Map(named(element).map(part => [nameOf(part), { left: part.scrollLeft, top: part.scrollTop, isFocused: part === document.activeElement }]));
  element.replaceChildren(...next.childNodes);
  for (const part of named(element)) {
    const place = places.get(nameOf(part));
    if (place) {
      part.scrollTo(place.left, place.top);
      place.isFocused && part.focus({ preventScroll: true });
    }
  }
}

const named = element => [...element.querySelectorAll('a[href], [tabindex][aria-label]')];

const nameOf = part => part.getAttribute('href') ?? part.getAttribute('aria-label');

// Writes only what changed: a screen reader or a selection must not be disturbed once a second.
export function say(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

// Names that others chose: kept apart from the direction of the text around them, and what cannot be seen is shown.
export const foreign = text => h('bdi', {}, visible(text));

export const visible = text => String(text ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, c => c.split('').map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''));

function append(element, children) {
  for (const child of children.flat(2)) {
    if (child !== null && child !== undefined && child !== false) {
      element.append(child instanceof Node ? child : String(child));
    }
  }
}
