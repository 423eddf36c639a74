// What the gateway is asked. Every answer is JSON; an error has one sentence.

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
  let answer;
  try {
    answer = await fetch(path, { credentials: 'same-origin', ...options });
  } catch {
    throw new ApiError(0, 'The gateway cannot be reached.');
  }

  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new ApiError(answer.status, body.error ?? `The gateway answered ${answer.status}.`);
  }

  return body;
}
