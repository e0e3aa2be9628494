// Tests of a program that sends mail, with Node's own test runner, nodemailer and imapflow: the mock server runs as a
// process of its own.
//
//     npm ci && PROVOST=/path/to/provost npm test
//
// Tried with Node.js 20.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, beforeEach, test } from 'node:test';
import { ImapFlow } from 'imapflow';
import nodemailer from 'nodemailer';

// What is tested: in your project it lies elsewhere.
async function sendWelcome(to, { host, port, ca, user, pass }) {
  const transport = nodemailer.createTransport({ host, port, requireTLS: true, tls: { ca }, auth: { user, pass } });
  return transport.sendMail({ from: user, to, subject: 'Welcome, Jürgen', text: 'Your code is 4711.\n' });
}

let mock;
let ready;
let sender;
let reader;

const port = (service) => Number(ready[service].split(':').pop());
const ca = () => readFileSync(ready.ca);

async function call(method, path, query = {}) {
  const response = await fetch(`${ready.control}${path}?${new URLSearchParams(query)}`, { method });
  const body = await response.text();
  assert.ok(response.ok, body);
  return body && JSON.parse(body);
}

function send() {
  const { username: user, password: pass } = sender;
  return sendWelcome(reader.address, { host: 'localhost', port: port('submission'), ca: ca(), user, pass });
}

before(async () => {
  const command = process.env.PROVOST ?? 'provost';
  mock = spawn(command, ['mock', '--json', '--control', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  // The line comes when every port accepts: nothing to poll, nothing to sleep for.
  const [line] = await once(createInterface({ input: mock.stdout }), 'line');
  ready = JSON.parse(line);
  [sender, reader] = ready.accounts;
});
after(async () => {
  const ended = once(mock, 'exit');
  mock.kill();
  await ended;
});
beforeEach(() => call('POST', '/v1/reset'));

test('it arrives', async () => {
  await send();
  const query = { wait: 1, subject: 'Welcome, Jürgen', timeout: 10000 };
  const [found] = await call('GET', `/v1/accounts/${reader.address}/messages`, query);
  assert.match(found.raw, /^Your code is 4711\.\r$/m);
  assert.equal(found.envelope.mail_from, sender.address);
});

test('a mail client reads it', async () => {
  await send();
  const client = new ImapFlow({
    host: 'localhost', port: port('imaps'), secure: true, tls: { ca: ca() }, logger: false,
    auth: { user: reader.username, pass: reader.password },
  });
  await client.connect();
  await client.mailboxOpen('INBOX');
  const found = await client.search({ from: sender.address });
  const message = await client.fetchOne(found.at(-1), { envelope: true });
  assert.equal(message.envelope.subject, 'Welcome, Jürgen');
  await client.logout();
});

test('a recipient that is refused is no silence', async () => {
  await call('PUT', '/v1/faults/recipient-refused', { account: reader.address });
  await assert.rejects(send(), { responseCode: 550 });
});
