#!/usr/bin/env bash
# NanoMDM 0.9.0 (Go): what is queued for a user of a Mac when the Mac enrolls again.
#
# Guess: Authenticate clears the queue of the Mac and those of its users' channels, so that nobody is sent a command that was
# meant for the time before; a comment in the source says so.
# Behaviour: with the storages `filekv` (the default) and `file`, it clears the queue of the Mac alone. The user is sent the
# old command.
# Seen on 2026-11-29 with Go 1.26.8, what each is sent at Idle after the Mac has enrolled again:
#   filekv, the Mac: nothing
#   filekv, its user: for-the-user
#   file, the Mac: nothing
#   file, its user: for-the-user
set -euo pipefail
folder=$(mktemp -d)
server=
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
GOBIN="$folder" go install github.com/micromdm/nanomdm/cmd/nanomdm@v0.9.0 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=mac -keyout key.pem -out ca.pem \
  -addext extendedKeyUsage=clientAuth 2>/dev/null
certificate=":$(openssl x509 -in ca.pem -outform DER | base64 -w0):"
plist() { printf '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>%s</dict></plist>\n' "$1"; }
key() { printf '<key>%s</key><string>%s</string>' "$1" "$2"; }
mac=$(key UDID D1)
user=$mac$(key UserID U1)
checkin() {
  plist "$1" | curl -sf -o /dev/null -X PUT --data-binary @- "$url/mdm" \
    -H 'Content-Type: application/x-apple-aspen-mdm-checkin' -H "Device-Certificate: $certificate"
}
topic=$(key Topic com.apple.mgmt.External.x)
token="$(key MessageType TokenUpdate)$topic$(key PushMagic magic)<key>Token</key><data>AQID</data>"
enrolls() {
  checkin "$mac$(key MessageType Authenticate)$topic"
  checkin "$mac$token"
}
# asks DICTIONARY: what an Idle is answered with.
asks() {
  local next
  next=$(plist "$1$(key Status Idle)" |
    curl -sf -X PUT --data-binary @- "$url/mdm" -H "Device-Certificate: $certificate" |
    tr -d '\n' | sed -n 's|.*<key>CommandUUID</key>[[:space:]]*<string>\([^<]*\)</string>.*|\1|p')
  echo "${next:-nothing}"
}
enqueue() {
  plist "$(key CommandUUID "$1")<key>Command</key><dict>$(key RequestType ProfileList)</dict>" |
    curl -sf -o /dev/null -X PUT --data-binary @- -u nanomdm:key "$url/v1/enqueue/$2?nopush=1"
}
for storage in filekv file; do
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  options=()
  [ "$storage" = filekv ] || options=(-storage-options enable_deprecated=1)
  ./nanomdm -listen "127.0.0.1:$port" -ca ca.pem -cert-header Device-Certificate -api key -ua-zl-dc \
    -storage "$storage" -storage-dsn "storage-$storage" "${options[@]}" 2>log & server=$!
  url=http://127.0.0.1:$port
  curl -s --retry 50 --retry-connrefused --retry-delay 0 --retry-all-errors -o /dev/null "$url/version"
  enrolls
  checkin "$user$(key MessageType UserAuthenticate)"
  checkin "$user$token$(key UserShortName jane)"
  enqueue for-the-mac D1
  enqueue for-the-user D1:U1
  enrolls
  echo "$storage, the Mac: $(asks "$mac")"
  echo "$storage, its user: $(asks "$user")"
  kill "$server"
  wait "$server" || true
done | tee said
diff said - <<'SAID'
filekv, the Mac: nothing
filekv, its user: for-the-user
file, the Mac: nothing
file, its user: for-the-user
SAID
