// What the gateway is asked. Every answer is JSON; an error has one sentence.

// What the largest answer may take on a slow link; some networks swallow what is asked.
const PATIENCE = 60_000;

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const get = path => ask(path, {});

export const post = (path, body) => ask(path, { method: 'POST', headers: { 'X-EdgeGateway': '1', 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

export const command = (name, body) => post(`/api/commands/${name}`, body);

async function ask(path, options) {
  const answer = await fetch(path, { credentials: 'same-origin', signal: AbortSignal.timeout(PATIENCE), ...options }).catch(unreachable);
  const body = await answer.json().catch(answer.ok ? unreachable : () => ({})); // it may break off in the midst
  if (!answer.ok) {
    throw new ApiError(answer.status, body.error ?? `The gateway answered ${answer.status}.`);
  }

  return body;
}

function unreachable() {
  throw new ApiError(0, 'The gateway cannot be reached.');
}
