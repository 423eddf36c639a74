import { post } from './api.js';
import { h, say } from './dom.js';

export function loginView(message, loggedIn) {
  const error = h('p', { role: 'alert', class: 'error' }, message);
  const token = h('input', { id: 'token', type: 'password', autocomplete: 'current-password', required: true, spellcheck: 'false' });
  const form = h('form', {
    class: 'card narrow',
    onsubmit: async event => {
      event.preventDefault();
      try {
        await post('/api/login', { token: token.value.trim() });
        loggedIn();
      } catch (failure) {
        say(error, failure.message);
        token.select();
      }
    },
  }, h('label', { for: 'token' }, 'Token'), token, h('p', { class: 'hint' }, 'On the gateway, "EdgeGateway doctor --data DIR" shows one to look with and one to operate with.'), error, h('button', { type: 'submit' }, 'Log in'));
  return { element: h('div', {}, h('h1', { tabindex: '-1' }, 'Log in'), form) };
}
