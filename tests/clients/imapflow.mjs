// nodemailer sends, imapflow waits, reads, flags, searches, moves and appends. The ready line of `provost mock --json` is
// the argument.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ImapFlow } from 'imapflow';
import nodemailer from 'nodemailer';

const ready = JSON.parse(process.argv[2]);
const port = (service) => Number(ready[service].split(':').pop());
const ca = readFileSync(ready.ca);
const [user, pass] = ['jane@example.test', 'open-sesame'];

const client = new ImapFlow({
  host: 'localhost', port: port('imaps'), secure: true, tls: { ca }, auth: { user, pass }, logger: false,
});
await client.connect();
const inbox = await client.mailboxOpen('INBOX');
assert.equal(inbox.exists, 7);

const arrived = new Promise((resolve) => client.once('exists', resolve));
const idle = client.idle();
const sender = nodemailer.createTransport({
  host: 'localhost', port: port('submission'), requireTLS: true, tls: { ca }, auth: { user, pass },
});
assert.equal(await sender.verify(), true);
const sent = await sender.sendMail({
  from: user, to: [user, 'john@example.test'], subject: 'Grüße', text: '.dot\n', html: '<p>dot</p>',
  attachments: [{ filename: 'ü.txt', content: 'attached' }],
});
assert.deepEqual(sent.accepted, [user, 'john@example.test']);
assert.equal((await arrived).count, 8);

const uids = await client.search({ header: { 'message-id': sent.messageId } }, { uid: true });
assert.equal(uids.length, 1);
await idle;
const message = await client.fetchOne(uids[0], {
  uid: true, flags: true, envelope: true, bodyStructure: true, source: true, internalDate: true, size: true,
}, { uid: true });
assert.equal(message.envelope.subject, 'Grüße');
assert.equal(message.source.length, message.size);
assert.equal(message.bodyStructure.type, 'multipart/mixed');
assert.equal(message.bodyStructure.childNodes[1].dispositionParameters.filename, 'ü.txt');
const part = await client.download(uids[0], '1.1', { uid: true });
let text = '';
for await (const chunk of part.content) text += chunk;
assert.equal(text.trimEnd(), '.dot');

assert.equal(await client.messageFlagsAdd(uids, ['\\Flagged', '$Provost'], { uid: true }), true);
assert.deepEqual(await client.search({ keyword: '$Provost' }, { uid: true }), uids);
await client.mailboxCreate('Entwürfe/ä');
assert.ok((await client.list()).some((folder) => folder.path === 'Entwürfe/ä'));
const moved = await client.messageMove(uids, 'Entwürfe/ä', { uid: true });
assert.equal(moved.uidMap.size, 1);
const appended = await client.append('Entwürfe/ä', 'Subject: draft\r\n\r\n', ['\\Draft']);
assert.equal(appended.uid, 2);
const status = await client.status('Entwürfe/ä', { messages: true, unseen: true, uidNext: true, highestModseq: true });
assert.deepEqual([status.messages, status.uidNext], [2, 3]);
await client.mailboxDelete('Entwürfe/ä');
assert.equal((await client.getQuota('INBOX')).path, 'INBOX');
await client.logout();
