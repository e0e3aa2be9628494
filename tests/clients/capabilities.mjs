// What imapflow alone of our clients uses: COMPRESS=DEFLATE, QRESYNC and OBJECTID. The ready line of
// `provost mock --json` is the argument.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ImapFlow } from 'imapflow';

const ready = JSON.parse(process.argv[2]);
const connect = async () => {
  const client = new ImapFlow({
    host: 'localhost', port: Number(ready.imaps.split(':').pop()), secure: true, tls: { ca: readFileSync(ready.ca) },
    auth: { user: ready.accounts[0].username, pass: ready.accounts[0].password }, logger: false, qresync: true,
  });
  await client.connect();
  return client;
};

const first = await connect();
assert.ok(first.enabled.has('QRESYNC'));
const { mailboxId, uidValidity, highestModseq: changedSince } = await first.mailboxOpen('INBOX');
assert.match(mailboxId, /./);
const objects = await first.fetchAll('1:*', { uid: true, emailId: true, threadId: true });
assert.equal(new Set(objects.map((message) => message.emailId)).size, objects.length);
// What goes while it is away is told when it comes back.
await first.messageDelete([objects[0].uid, objects[2].uid], { uid: true });
await first.logout();

const second = await connect();
const vanished = [];
second.on('expunge', (event) => vanished.push(event));
await second.mailboxOpen('INBOX', { changedSince, uidValidity });
assert.deepEqual(vanished.map((event) => [event.uid, event.vanished]), [[objects[0].uid, true], [objects[2].uid, true]]);
await second.logout();
