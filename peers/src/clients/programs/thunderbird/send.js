// Sends a message to oneself, and says what came of it.
const [address, subject] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const account = MailServices.accounts.accounts.find(it => it.identities.some(identity => identity.email == address));
const identity = account.identities.find(it => it.email == address);
const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
fields.from = MailServices.headerParser.makeMimeAddress(identity.fullName, identity.email);
fields.to = MailServices.headerParser.makeMimeAddress("", identity.email);
fields.subject = subject;
fields.body = "Hello.\r\n";
fields.fcc = "nocopy://";
const parameters = Cc["@mozilla.org/messengercompose/composeparams;1"].createInstance(Ci.nsIMsgComposeParams);
parameters.composeFields = fields;
parameters.identity = identity;
parameters.format = Ci.nsIMsgCompFormat.PlainText;
const compose = MailServices.compose.initCompose(parameters);
return new Promise(resolve => {
  compose.addMsgSendListener({
    QueryInterface: ChromeUtils.generateQI(["nsIMsgSendListener"]),
    onStartSending() {},
    onProgress() {},
    onStatus() {},
    onStopSending(id, status, message) { resolve({ status, message }); },
    onSendNotPerformed(id, status) { resolve({ status, message: "not performed" }); },
    onGetDraftFolderURI() {},
    onTransportSecurityError() {},
  });
  compose.sendMsg(Ci.nsIMsgSend.nsMsgDeliverNow, identity, account.key, null, null);
});
