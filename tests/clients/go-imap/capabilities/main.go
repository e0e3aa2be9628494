// What go-imap alone of our clients uses: initial responses, LIST-EXTENDED and LIST-STATUS, ESEARCH, BINARY,
// METADATA, CREATE-SPECIAL-USE. The ready line of `provost mock --json` is the argument.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"os"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

type ready struct {
	Imaps, CA string
	Accounts  []struct{ Username, Password string }
}

func main() {
	var server ready
	must(json.Unmarshal([]byte(os.Args[1]), &server))
	pem, err := os.ReadFile(server.CA)
	must(err)
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(pem)
	_, port, err := net.SplitHostPort(server.Imaps)
	must(err)
	client, err := imapclient.DialTLS(net.JoinHostPort("localhost", port),
		&imapclient.Options{TLSConfig: &tls.Config{RootCAs: authorities}})
	must(err)
	defer client.Close()
	john := server.Accounts[1]
	must(client.Authenticate(sasl.NewPlainClient("", john.Username, john.Password)))
	folders(client)
	searches(client)
	notes(client)
	must(client.Logout().Wait())
}

func folders(client *imapclient.Client) {
	// A use belongs to one folder only.
	must(client.Delete("Archive").Wait())
	must(client.Create("Old/2025", &imap.CreateOptions{SpecialUse: []imap.MailboxAttr{imap.MailboxAttrArchive}}).Wait())
	must(client.Subscribe("Old/2025").Wait())
	listed, err := client.List("", "*", &imap.ListOptions{
		ReturnSubscribed: true, ReturnChildren: true, ReturnSpecialUse: true,
		ReturnStatus: &imap.StatusOptions{NumMessages: true, NumUnseen: true, Size: true},
	}).Collect()
	must(err)
	found := map[string]*imap.ListData{}
	for _, folder := range listed {
		found[folder.Mailbox] = folder
	}
	inbox := found["INBOX"].Status
	expect(*inbox.NumMessages == 7 && *inbox.NumUnseen == 7 && *inbox.Size > 0, "INBOX: %+v", inbox)
	expect(has(found["Old/2025"], imap.MailboxAttrArchive), "Old/2025: %v", found["Old/2025"].Attrs)
	above, err := client.List("", "%", &imap.ListOptions{SelectSubscribed: true, SelectRecursiveMatch: true}).Collect()
	must(err)
	for _, folder := range above {
		if folder.Mailbox == "Old" {
			expect(folder.ChildInfo != nil && folder.ChildInfo.Subscribed, "Old: %+v", folder)
			return
		}
	}
	expect(false, "Old is not listed above its subscribed child")
}

func searches(client *imapclient.Client) {
	_, err := client.Select("INBOX", nil).Wait()
	must(err)
	everything := &imap.SearchCriteria{}
	found, err := client.UIDSearch(everything,
		&imap.SearchOptions{ReturnMin: true, ReturnMax: true, ReturnAll: true, ReturnCount: true}).Wait()
	must(err)
	expect(found.Min == 1 && found.Max == 7 && found.Count == 7, "%+v", found)
	part := &imap.FetchItemBinarySection{Part: []int{1}, Peek: true}
	messages, err := client.Fetch(found.All, &imap.FetchOptions{
		UID: true, BinarySection: []*imap.FetchItemBinarySection{part},
		BinarySectionSize: []*imap.FetchItemBinarySectionSize{{Part: []int{1}}},
	}).Collect()
	must(err)
	expect(len(messages) == 7, "%d messages were fetched", len(messages))
	for _, message := range messages {
		text := message.FindBinarySection(part)
		expect(len(text) > 0 && uint32(len(text)) == message.BinarySectionSize[0].Size, "%+v", message)
	}
}

func notes(client *imapclient.Client) {
	note := []byte("for the tests")
	must(client.SetMetadata("INBOX", map[string]*[]byte{"/private/comment": &note}).Wait())
	found, err := client.GetMetadata("INBOX", []string{"/private/comment"}, nil).Wait()
	must(err)
	value := found.Entries["/private/comment"]
	expect(value != nil && string(*value) == string(note), "%+v", found)
}

func has(folder *imap.ListData, attribute imap.MailboxAttr) bool {
	for _, it := range folder.Attrs {
		if it == attribute {
			return true
		}
	}
	return false
}

func expect(holds bool, format string, values ...any) {
	if !holds {
		panic(fmt.Sprintf(format, values...))
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
