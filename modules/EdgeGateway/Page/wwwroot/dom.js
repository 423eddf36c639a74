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
