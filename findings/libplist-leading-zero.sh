#!/usr/bin/env bash
# What does libplist make of an integer with leading zeros in an XML property list?
#
# Guess: 0993 is 993 and 017 is 17, as for Apple's CoreFoundation and Python's plistlib; or the file is refused.
# Version: Debian's libplist-utils and libplist3 2.2.0-6+b2.
# Behaviour: digits after a zero are octal, without an error: 017 is 15, and 0993, which is no octal number, is 0.
# Output seen, 2026-11:
#   993 993
#   0993 0
#   017 15
#
# Needs python3. Of the network it uses Debian's archive.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 libplist-utils=2.2.0-6+b2 libplist3=2.2.0-6+b2 2>/dev/null
for package in *.deb; do dpkg -x "$package" installed; done
LD_LIBRARY_PATH=$(dirname "$(find "$folder/installed" -name 'libplist-2.0.so.3')")
export LD_LIBRARY_PATH

for number in 993 0993 017; do
  cat > list.plist <<XML
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>port</key><integer>$number</integer></dict></plist>
XML
  installed/usr/bin/plistutil -i list.plist -o list.bin >/dev/null
  echo "$number $(python3 -c 'import plistlib; print(plistlib.load(open("list.bin", "rb"))["port"])')"
done | tee seen

diff - seen <<'SEEN'
993 993
0993 0
017 15
SEEN
