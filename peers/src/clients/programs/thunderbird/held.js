// The accounts that Thunderbird holds, as `provost explain --json` describes them.
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
const socketTypes = { 0: "plain", 2: "STARTTLS", 3: "SSL" };
const methods = { 1: "none", 3: "password-cleartext", 4: "password-encrypted", 5: "GSSAPI", 6: "NTLM", 10: "OAuth2" };
const number = name => Services.prefs.getIntPref(name, -1);
const accounts = MailServices.accounts.accounts.filter(account => ["imap", "pop3"].includes(account.incomingServer?.type));
return accounts.map(account => {
  const server = account.incomingServer;
  const [identity, ...others] = account.identities;
  const smtp = MailServices.outgoingServer.getServerByIdentity(identity);
  return {
    address: identity.email,
    name: identity.fullName || null,
    aliases: others.map(other => other.email),
    label: server.prettyName,
    incoming: [{
      protocol: server.type,
      host: server.hostName ?? Services.prefs.getStringPref(`mail.server.${server.key}.hostname`),
      port: server.port,
      socket_type: socketTypes[server.socketType],
      authentication: methods[server.authMethod],
      username: server.username,
    }],
    outgoing: smtp ? [{
      protocol: "smtp",
      host: Services.prefs.getStringPref(`mail.smtpserver.${smtp.key}.hostname`),
      port: smtp.serverURI.QueryInterface(Ci.nsIURL).port,
      socket_type: socketTypes[smtp.socketType],
      authentication: methods[smtp.authMethod],
      username: smtp.username || null,
    }] : [],
    sync_days: server.type == "imap" ? number(`mail.server.${server.key}.autosync_max_age_days`) : -1,
    calendar: cal.manager.getCalendars().filter(it => it.type == "caldav").map(it => it.uri.spec)[0] ?? null,
    contacts: MailServices.ab.directories.map(it => it.getStringValue("carddav.url", "")).find(url => url) ?? null,
  };
});
