#!/usr/bin/env bash
# What does the npm package plist make of a hexadecimal integer?
#
# Guess: 0x3E1 is 993, as for CoreFoundation, plistlib, libplist and howett.net/plist; or the file is refused.
# Version: plist 5.0.0 on Node.js 20.
# Behaviour: 0, without an error.
# Output seen, 2026-11:
#   993 993
#   0x3E1 0
#
# Needs node and npm. Of the network it uses the npm registry.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts plist@5.0.0 >/dev/null
cat > read.mjs <<'JS'
import { parse } from 'plist';

for (const number of ['993', '0x3E1']) {
  const list = `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>port</key><integer>${number}</integer></dict></plist>`;
  console.log(number, parse(list).port);
}
JS
node read.mjs | tee seen

diff - seen <<'SEEN'
993 993
0x3E1 0
SEEN
