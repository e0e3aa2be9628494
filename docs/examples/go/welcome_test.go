// Tests of a program that sends mail, with net/smtp and go-imap: the mock server runs as a process of its own.
//
//	PROVOST=/path/to/provost go test ./...
//
// Tried with Go 1.26.
package welcome

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"net/textproto"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// SendWelcome is what is tested: in your project it lies elsewhere.
func SendWelcome(to, address string, trust *tls.Config, user, password string) error {
	client, err := smtp.Dial(address)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.StartTLS(trust); err != nil {
		return err
	}
	if err := client.Auth(smtp.PlainAuth("", user, password, trust.ServerName)); err != nil {
		return err
	}
	if err := client.Mail(user); err != nil {
		return err
	}
	if err := client.Rcpt(to); err != nil {
		return err
	}
	body, err := client.Data()
	if err != nil {
		return err
	}
	text := "From: " + user + "\r\nTo: " + to + "\r\nSubject: Welcome\r\n\r\nYour code is 4711.\r\n"
	if _, err := io.WriteString(body, text); err != nil {
		return err
	}
	if err := body.Close(); err != nil {
		return err
	}
	return client.Quit()
}

type account struct{ Address, Username, Password string }

// The server's ready line, as far as it is needed here.
type ready struct {
	Imaps, Submission, Control, CA string
	Accounts                       []account
}

type mock struct {
	ready
	trust *tls.Config
}

func start(t *testing.T) *mock {
	t.Helper()
	program := os.Getenv("PROVOST")
	if program == "" {
		program = "provost"
	}
	server := exec.Command(program, "mock", "--json", "--control", "0")
	output, err := server.StdoutPipe()
	must(t, err)
	must(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait()
	})
	// The line comes when every port accepts: nothing to poll, nothing to sleep for.
	line, err := bufio.NewReader(output).ReadBytes('\n')
	must(t, err)
	m := &mock{}
	must(t, json.Unmarshal(line, &m.ready))
	pem, err := os.ReadFile(m.CA)
	must(t, err)
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(pem)
	m.trust = &tls.Config{RootCAs: authorities, ServerName: "localhost"}
	return m
}

func (m *mock) call(t *testing.T, method, path string, query url.Values, into any) {
	t.Helper()
	request, err := http.NewRequest(method, m.Control+path+"?"+query.Encode(), nil)
	must(t, err)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	if response.StatusCode >= 300 {
		t.Fatalf("%s %s: %s", method, path, body)
	}
	if into != nil {
		must(t, json.Unmarshal(body, into))
	}
}

func (m *mock) send() error {
	sender, reader := m.Accounts[0], m.Accounts[1]
	return SendWelcome(reader.Address, local(m.Submission), m.trust, sender.Username, sender.Password)
}

func TestItArrives(t *testing.T) {
	m := start(t)
	must(t, m.send())
	var found []struct {
		Raw      string
		Envelope struct {
			MailFrom string `json:"mail_from"`
		}
	}
	query := url.Values{"wait": {"1"}, "subject": {"Welcome"}, "timeout": {"10000"}}
	m.call(t, "GET", "/v1/accounts/"+m.Accounts[1].Address+"/messages", query, &found)
	if len(found) != 1 || !strings.Contains(found[0].Raw, "4711") || found[0].Envelope.MailFrom != m.Accounts[0].Address {
		t.Fatalf("%+v", found)
	}
}

func TestAMailClientReadsIt(t *testing.T) {
	m := start(t)
	must(t, m.send())
	client, err := imapclient.DialTLS(local(m.Imaps), &imapclient.Options{TLSConfig: m.trust})
	must(t, err)
	defer client.Close()
	must(t, client.Login(m.Accounts[1].Username, m.Accounts[1].Password).Wait())
	_, err = client.Select("INBOX", nil).Wait()
	must(t, err)
	criteria := &imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "From", Value: m.Accounts[0].Address}}}
	found, err := client.Search(criteria, nil).Wait()
	must(t, err)
	messages, err := client.Fetch(found.All, &imap.FetchOptions{Envelope: true}).Collect()
	must(t, err)
	if last := messages[len(messages)-1]; last.Envelope.Subject != "Welcome" {
		t.Fatalf("%+v", last.Envelope)
	}
}

func TestARecipientThatIsRefusedIsNoSilence(t *testing.T) {
	m := start(t)
	m.call(t, "PUT", "/v1/faults/recipient-refused", url.Values{"account": {m.Accounts[1].Address}}, nil)
	err := m.send()
	if refusal, ok := err.(*textproto.Error); !ok || refusal.Code != 550 {
		t.Fatalf("%v", err)
	}
}

// The name in the certificates, with the port of a socket.
func local(socket string) string {
	_, port, _ := net.SplitHostPort(socket)
	return net.JoinHostPort("localhost", port)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
