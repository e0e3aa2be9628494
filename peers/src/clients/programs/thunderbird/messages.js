// The subjects in the inbox of the account of an address, as soon as there are so many messages. One question at a time:
// while a folder is being read, Thunderbird drops whoever asks for it again.
const [address, wanted] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
const account = MailServices.accounts.accounts.find(it => it.identities.some(identity => identity.email == address));
const server = account.incomingServer;
const pause = () => new Promise(resolve => setTimeout(resolve, 100));
const found = () => server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
const { msgWindow } = Services.wm.getMostRecentWindow("mail:3pane");
const updated = inbox => new Promise(resolve => inbox.QueryInterface(Ci.nsIMsgImapMailFolder).updateFolderWithListener(msgWindow, {
  QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"]),
  OnStartRunningUrl() {},
  OnStopRunningUrl(url, status) { resolve(status); },
}));
const end = Date.now() + 40000;
if (!found()) {
  server.QueryInterface(Ci.nsIImapIncomingServer).performExpand(msgWindow);
}
while (!found() && !said.length && Date.now() < end) {
  await pause();
}
const inbox = found();
while (inbox && !said.length && Date.now() < end) {
  const status = await Promise.race([updated(inbox), new Promise(resolve => setTimeout(resolve, end - Date.now(), "waiting"))]);
  if (inbox.getTotalMessages(false) >= wanted) {
    return [...inbox.messages].map(message => message.mime2DecodedSubject);
  }
  if (status != 0) {
    return { error: typeof status == "number" ? `the inbox was not read: 0x${status.toString(16)}` : "no answer for 40 s" };
  }
  await pause();
}
return { error: `${inbox ? inbox.getTotalMessages(false) : "no"} messages instead of ${wanted}` };
