// The inbox in the main window.
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
const window = Services.wm.getMostRecentWindow("mail:3pane");
const root = MailServices.accounts.defaultAccount.incomingServer.rootFolder;
window.resizeTo(1280, 800);
window.document.getElementById("tabmail").currentTabInfo.folder = root.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
await new Promise(resolve => setTimeout(resolve, 2000));
