// Puts the password where Thunderbird looks for it, and goes online.
const [password] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const hosts = [];
for (const { incomingServer } of MailServices.accounts.accounts) {
  const scheme = { imap: "imap", pop3: "mailbox" }[incomingServer.type];
  if (scheme) {
    const host = Services.prefs.getStringPref(`mail.server.${incomingServer.key}.hostname`);
    hosts.push([`${scheme}://${host}`, incomingServer.username]);
  }
}
for (const server of MailServices.outgoingServer.servers) {
  hosts.push([`smtp://${Services.prefs.getStringPref(`mail.smtpserver.${server.key}.hostname`)}`, server.username]);
}
for (const [origin, username] of hosts) {
  const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
  login.init(origin, null, origin, username, password, "", "");
  await Services.logins.addLoginAsync(login);
}
Services.io.offline = false;
return hosts.length;
