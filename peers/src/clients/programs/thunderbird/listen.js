// Keeps what Thunderbird tells its user, and answers its questions with Cancel: without a window nobody else would.
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
globalThis.said = [];
const say = text => {
  const line = text.replace(/\s+/g, " ").trim();
  if (!said.includes(line)) {
    said.push(line);
  }
};
MailServices.mailSession.addUserFeedbackListener({
  QueryInterface: ChromeUtils.generateQI(["nsIMsgUserFeedbackListener"]),
  onAlert(message) { say(message); return false; },
  onCertError(security, uri) { say(`${security.errorCodeString} at ${uri.hostPort}`); },
});
Services.obs.addObserver(dialog => {
  say(dialog.Dialog.args.text);
  Services.tm.dispatchToMainThread(() => dialog.document.getElementById("commonDialog").cancelDialog());
}, "common-dialog-loaded");
Services.obs.addObserver(window => {
  window.addEventListener("load", () => {
    if (window.location.pathname.endsWith("/exceptionDialog.xhtml")) {
      window.close();
    }
  }, { once: true });
}, "domwindowopened");
