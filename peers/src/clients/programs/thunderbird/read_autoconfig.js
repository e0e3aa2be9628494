// A file through Thunderbird's own reader, with its placeholders replaced, as `provost explain --json` describes it.
const [text, address] = arguments;
const { JXON } = ChromeUtils.importESModule("resource:///modules/JXON.sys.mjs");
const from = module => ChromeUtils.importESModule(`resource:///modules/accountcreation/${module}.sys.mjs`);
const { readFromXML } = from("readFromXML");
const { AccountConfig } = from("AccountConfig");
const config = readFromXML(JXON.build(new DOMParser().parseFromString(text, "text/xml")), "test");
AccountConfig.replaceVariables(config, "Jane Doe", address);
const socketTypes = { 0: "plain", 2: "STARTTLS", 3: "SSL" };
const methods = { 1: "none", 3: "password-cleartext", 4: "password-encrypted", 5: "GSSAPI", 6: "NTLM", 10: "OAuth2" };
const described = server => ({
  protocol: server.type,
  host: server.hostname,
  port: server.port,
  socket_type: socketTypes[server.socketType],
  authentication: methods[server.auth],
  username: server.username || null,
});
return {
  incoming: [config.incoming, ...config.incomingAlternatives].map(described),
  outgoing: [config.outgoing, ...config.outgoingAlternatives].map(described),
};
