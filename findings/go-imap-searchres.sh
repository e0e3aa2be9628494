#!/usr/bin/env bash
# go-imap v2.0.0-beta.8 (Go): what `imap.SearchOptions{ReturnSave: true}` sends.
#
# Guess: `UID SEARCH RETURN (SAVE) ALL` (RFC 5182 section 2.1), so that a FETCH of `imap.SearchRes()`, which is `$`, addresses
# what was found.
# Behaviour: the option is never sent. Alone it makes a plain SEARCH; beside others it is left out of their list. `$` is
# sent by FETCH all the same, and addresses nothing, or what another search saved; no error tells of it.
# Seen on 2026-11-28 with Go 1.26.8, by the bytes that the client writes:
#   T2 UID SEARCH ALL
#   T3 UID SEARCH RETURN (COUNT) ALL
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'MOD'
module example.test/searchres

go 1.18

require github.com/emersion/go-imap/v2 v2.0.0-beta.8
MOD
cat > main.go <<'GO'
package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// A server that knows the three commands that are sent here.
func serve(connection net.Conn) {
	fmt.Fprint(connection, "* PREAUTH [CAPABILITY IMAP4rev1 ESEARCH SEARCHRES] ready\r\n")
	lines := bufio.NewScanner(connection)
	for lines.Scan() {
		fmt.Println(lines.Text())
		tag, rest, _ := strings.Cut(lines.Text(), " ")
		switch {
		case strings.Contains(rest, "RETURN"):
			fmt.Fprintf(connection, "* ESEARCH (TAG \"%s\") UID COUNT 1\r\n", tag)
		case strings.Contains(rest, "SEARCH"):
			fmt.Fprint(connection, "* SEARCH 1\r\n")
		default:
			fmt.Fprint(connection, "* FLAGS ()\r\n* 1 EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n")
		}
		fmt.Fprintf(connection, "%s OK done\r\n", tag)
	}
}

func main() {
	here, there := net.Pipe()
	go serve(there)
	client := imapclient.New(here, nil)
	if _, err := client.Select("INBOX", nil).Wait(); err != nil {
		panic(err)
	}
	for _, options := range []*imap.SearchOptions{{ReturnSave: true}, {ReturnSave: true, ReturnCount: true}} {
		if _, err := client.UIDSearch(&imap.SearchCriteria{}, options).Wait(); err != nil {
			panic(err)
		}
	}
}
GO
go mod tidy >/dev/null 2>&1
sent=$(go run .)
echo "$sent"
grep -q '^T2 UID SEARCH ALL' <<<"$sent"
grep -q '^T3 UID SEARCH RETURN (COUNT) ALL' <<<"$sent"
