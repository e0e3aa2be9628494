#!/usr/bin/env bash
# NanoMDM 0.9.0 (Go), storage filekv: what a device that defers one command is asked next.
#
# Guess: an acknowledged command is over, and a deferred one (NotNow) comes again at the next Idle, as often as the device
# defers it.
# Behaviour: when the first command is deferred again, the second one, which was acknowledged, is sent once more. After it is
# acknowledged once more, the queue is empty: the first command is never sent again, and its CommandUUID is refused as used.
# Seen on 2026-11-29 with Go 1.26.8, what the device says and what it is then sent:
#   Idle: first
#   NotNow first: second
#   Acknowledged second: first
#   NotNow first: second
#   Acknowledged second: nothing
#   Idle: nothing
#   500 command already exists: first
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
GOBIN="$folder" go install github.com/micromdm/nanomdm/cmd/nanomdm@v0.9.0 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=device -keyout key.pem -out ca.pem \
  -addext extendedKeyUsage=clientAuth 2>/dev/null
certificate=":$(openssl x509 -in ca.pem -outform DER | base64 -w0):"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
./nanomdm -listen "127.0.0.1:$port" -ca ca.pem -cert-header Device-Certificate -api key -storage filekv \
  -storage-dsn storage 2>log & server=$!
url=http://127.0.0.1:$port
curl -s --retry 50 --retry-connrefused --retry-delay 0 --retry-all-errors -o /dev/null "$url/version"

plist() { printf '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>%s</dict></plist>\n' "$1"; }
key() { printf '<key>%s</key><string>%s</string>' "$1" "$2"; }
checkin() {
  plist "$(key UDID D1)$(key Topic com.apple.mgmt.External.x)$1" | curl -sf -X PUT --data-binary @- "$url/mdm" \
    -H 'Content-Type: application/x-apple-aspen-mdm-checkin' -H "Device-Certificate: $certificate"
}
checkin "$(key MessageType Authenticate)"
checkin "$(key MessageType TokenUpdate)$(key PushMagic magic)<key>Token</key><data>AQID</data>"
enqueue() {
  plist "$(key CommandUUID "$1")<key>Command</key><dict>$(key RequestType ProfileList)</dict>" |
    curl -s -X PUT --data-binary @- -u nanomdm:key -w '\n%{http_code}\n' "$url/v1/enqueue/D1?nopush=1"
}
# says STATUS [COMMAND]: the device's answer, and what it is sent.
says() {
  local next
  next=$(plist "$(key UDID D1)$(key Status "$1")${2:+$(key CommandUUID "$2")}" |
    curl -sf -X PUT --data-binary @- "$url/mdm" -H "Device-Certificate: $certificate" |
    tr -d '\n' | sed -n 's|.*<key>CommandUUID</key>[[:space:]]*<string>\([^<]*\)</string>.*|\1|p')
  printf '%s: %s\n' "$1${2:+ $2}" "${next:-nothing}"
}
enqueue first >/dev/null
enqueue second >/dev/null
{
  says Idle
  says NotNow first
  says Acknowledged second
  says NotNow first
  says Acknowledged second
  says Idle
} | tee said
again=$(enqueue first)
echo "$again"
diff said - <<'SAID'
Idle: first
NotNow first: second
Acknowledged second: first
NotNow first: second
Acknowledged second: nothing
Idle: nothing
SAID
grep -q 'command already exists: first' <<<"$again"
grep -qx 500 <<<"$again"
