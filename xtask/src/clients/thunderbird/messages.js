// The subjects in the inbox of the account of an address, as soon as there are so many messages.
const [address, wanted] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const account = MailServices.accounts.accounts.find(it => it.identities.some(identity => identity.email == address));
const server = account.incomingServer;
const pause = () => new Promise(resolve => setTimeout(resolve, 100));
const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
let inbox = null;
const end = Date.now() + 40000;
while (Date.now() < end) {
  server.getNewMessages(server.rootFolder, null, null);
  for (let round = 0; round < 20; round++) {
    await pause();
    inbox = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
    if (inbox && inbox.getTotalMessages(false) >= wanted) {
      return [...inbox.messages].map(message => message.mime2DecodedSubject);
    }
  }
}
return { error: `${inbox ? inbox.getTotalMessages(false) : "no"} messages instead of ${wanted}` };
