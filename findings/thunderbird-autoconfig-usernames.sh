#!/usr/bin/env bash
# What does Thunderbird's account setup make of an autoconfig file whose outgoing server has no login name, an empty one,
# or one of a blank?
#
# Guess: the server is passed over, or the person is asked.
# Version: Debian's thunderbird 1:153.8.0esr-1~deb12u1.
# Behaviour: each file counts as complete, and the account that it makes logs in as the word "undefined", "true" or "NaN":
# readFromXML requires a text where a password is asked for, and JXON makes true of an empty element and NaN of a blank.
# Output seen, 2026-11:
#   control.example true jane@control.example
#   absent.example true undefined
#   empty.example true true
#   blank.example true NaN
#
# Needs the libraries that Debian's package depends on, and python3. Of the network it uses Debian's archive; Thunderbird also looks
# for autoconfig.NAME, which no domain below .example has.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 thunderbird=1:153.8.0esr-1~deb12u1 2>/dev/null
dpkg -x thunderbird_*.deb installed
program=$folder/installed/usr/lib/thunderbird
mkdir -p "$program/isp" profile home

write() {
  cat > "$program/isp/$1.xml" <<XML
<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="$1">
    <domain>$1</domain>
    <displayName>Example</displayName>
    <incomingServer type="imap">
      <hostname>imap.$1</hostname>
      <port>993</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
    <outgoingServer type="smtp">
      <hostname>smtp.$1</hostname>
      <port>465</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      $2
    </outgoingServer>
  </emailProvider>
</clientConfig>
XML
}
write control.example '<username>%EMAILADDRESS%</username>'
write absent.example ''
write empty.example '<username></username>'
write blank.example '<username> </username>'

cat > profile/user.js <<'JS'
user_pref("marionette.port", 0);
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mailnews.start_page.enabled", false);
user_pref("mailnews.auto_config_url", "");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("app.update.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("geo.provider.network.url", "");
JS

cat > set_up.js <<'JS'
const [address] = arguments;
const from = module => ChromeUtils.importESModule(`resource:///modules/accountcreation/${module}.sys.mjs`);
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const stream = from("FindConfig").FindConfig.parallelAutoDiscovery(address.split("@")[1], address, new AbortController().signal);
let found = await stream.next();
while (!found.done) {
  found = await stream.next(false);
}
const config = found.value;
from("AccountConfig").AccountConfig.replaceVariables(config, "Jane Doe", address, "secret");
config.rememberPassword = false;
const complete = config.isComplete();
const account = await from("CreateInBackend").CreateInBackend.createAccountInBackend(config);
return `${complete} ${MailServices.outgoingServer.getServerByIdentity(account.identities[0]).username}`;
JS

cat > drive.py <<'PY'
import json, os, socket, subprocess, sys, time

program, profile, home = sys.argv[1:4]
command = [program + "/thunderbird-bin", "--headless", "--marionette", "--remote-allow-system-access", "--no-remote"]
thunderbird = subprocess.Popen(
    command + ["--profile", profile], env=dict(os.environ, HOME=home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
)
port_file = profile + "/MarionetteActivePort"
deadline = time.monotonic() + 120
while not (os.path.exists(port_file) and open(port_file).read().strip()):
    if time.monotonic() > deadline or thunderbird.poll() is not None:
        sys.exit("Thunderbird does not start")
    time.sleep(0.2)
stream = socket.create_connection(("127.0.0.1", int(open(port_file).read())), 120)
reader = stream.makefile("rb")

def receive():
    digits = b""
    while not digits.endswith(b":"):
        digits += reader.read(1)
    return json.loads(reader.read(int(digits[:-1])))

def say(name, parameters):
    message = json.dumps([0, 1, name, parameters]).encode()
    stream.sendall(str(len(message)).encode() + b":" + message)
    _, _, error, value = receive()
    return error or value

receive()
say("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {}}})
say("Marionette:SetContext", {"value": "chrome"})
say("WebDriver:SetTimeouts", {"script": 60000})
script = "return (async () => {" + open("set_up.js").read() + "})();"
for domain in ["control.example", "absent.example", "empty.example", "blank.example"]:
    answer = say(
        "WebDriver:ExecuteScript",
        {"script": script, "args": ["jane@" + domain], "sandbox": "system", "newSandbox": False},
    )
    print(domain, answer.get("value", answer))
say("Marionette:Quit", {"flags": ["eForceQuit"]})
thunderbird.wait(60)
PY

python3 drive.py "$program" "$folder/profile" "$folder/home" | tee seen
diff seen - <<'SEEN'
control.example true jane@control.example
absent.example true undefined
empty.example true true
blank.example true NaN
SEEN
