// Which view is shown, who is logged in, and what holds for all views.
import { get, post } from './api.js';
import { fill, say, visible } from './dom.js';
import { connect, disconnect, live } from './live.js';
import { alertView } from './alert.js';
import { loginView } from './login.js';
import { modelsView } from './models.js';
import { overviewView } from './overview.js';
import { sensorView } from './sensor.js';
import { time } from './text.js';

const main = document.getElementById('main');
const nav = document.getElementById('nav');
const connection = document.getElementById('connection');
const announce = document.getElementById('announce');
const notice = document.getElementById('notice');
const TOKEN = /^#token=(.*)$/;
let view = null;
let role = null;
let told = null;

const ROUTES = [
  [/^#\/sensor\/(.+)$/, sensorView, 'Sensor'],
  [/^#\/alert\/([a-z2-7]+)$/, alertView, 'Alert'],
  [/^#\/models$/, modelsView, 'Models'],
  [/^/, overviewView, 'Overview'],
];

async function start() {
  const token = TOKEN.exec(location.hash)?.[1];
  if (token !== undefined) {
    history.replaceState(null, '', '#/');
  }

  try {
    if (token !== undefined) {
      await post('/api/login', { token });
    }

    const overview = await get('/api/overview');
    role = overview.role;
    [live.overview, live.alerts] = [overview, overview.alerts ?? []];
    nav.hidden = false;
    say(document.getElementById('gateway'), visible(overview.gateway ?? ''));
    connect(logIn);
    route();
  } catch (error) {
    logIn(token !== undefined ? `The token in the address was not taken. ${error.message}` : error.status === 401 ? '' : error.message);
  }
}

function logIn(message) {
  disconnect();
  nav.hidden = true;
  connection.hidden = true;
  show(loginView(message, start), 'Log in');
}

function route() {
  if (!live.isOn) {
    return;
  }

  const [pattern, make, title] = ROUTES.find(([pattern]) => pattern.test(location.hash));
  let id = pattern.exec(location.hash)[1];
  try {
    id = id && decodeURIComponent(id);
  } catch {
    id = '';
  }

  for (const link of nav.querySelectorAll('a')) {
    link.toggleAttribute('aria-current', link.hash === (location.hash || '#/'));
    if (link.hasAttribute('aria-current')) {
      link.setAttribute('aria-current', 'page');
    }
  }

  show(make(id, role), title);
}

// A view has an element, and close() for what it listens to. The heading gets the focus, so that keyboard and screen reader begin at the new view.
function show(next, title) {
  view?.close?.();
  view = next;
  warn('');
  fill(main, next.element);
  document.title = `${title} – EdgeGateway`;
  main.querySelector('h1')?.focus();
  scrollTo(0, 0);
}

function warn(text) {
  notice.hidden = text === '';
  say(notice, text);
}

live.addEventListener('connection', () => {
  connection.hidden = live.lostAt === null;
  say(connection, live.lostAt === null ? ''
    : live.isCrowded ? `The gateway answers, but does not tell this page what happens; too many may be open. Alerts and numbers are asked for every few seconds; values of sensors are those of ${time(live.lostAt)}.`
      : `Not connected since ${time(live.lostAt)}. What you see is from then; it is being tried again.`);
});

live.addEventListener('alerts', () => {
  const open = live.alerts.filter(a => a.active);
  const fresh = told === null ? [] : open.filter(a => !told.has(a.alertId));
  told = new Set(open.map(a => a.alertId));
  if (fresh.length > 0) {
    // with its time: what is told twice in the same words is not spoken again
    const first = `${visible(fresh[0].subject)}, ${fresh[0].kind}. Raised ${time(fresh[0].raised)}.`;
    say(announce, fresh.length === 1 ? `New alert: ${first}` : `${fresh.length} new alerts, the newest: ${first}`);
  }
});

document.getElementById('logout').addEventListener('click', async () => {
  warn('');
  try {
    await post('/api/logout', {});
    logIn('');
  } catch (failure) {
    warn(`You are still logged in: only the gateway can take back what this browser gets in with. ${failure.message}`);
  }
});
addEventListener('hashchange', () => (TOKEN.test(location.hash) ? start() : route()));
start();
