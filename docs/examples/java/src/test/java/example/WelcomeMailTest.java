package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Store;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.search.FromStringTerm;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests of a program that sends mail, with Jakarta Mail and JUnit: the mock server runs as a process of its own.
 *
 * <pre>PROVOST=/path/to/provost mvn test</pre>
 *
 * Tried with Java 17 and Maven 3.8.
 */
class WelcomeMailTest {
    private static Process mock;
    private static JsonObject ready;
    private static JsonObject sender;
    private static JsonObject reader;
    private static SSLSocketFactory trust;

    /** What is tested: in your project it lies elsewhere. */
    static void sendWelcome(Session session, String from, String to) throws MessagingException {
        MimeMessage message = new MimeMessage(session);
        message.setFrom(new InternetAddress(from));
        message.setRecipient(Message.RecipientType.TO, new InternetAddress(to));
        message.setSubject("Welcome, Jürgen", "UTF-8");
        message.setText("Your code is 4711.\n", "UTF-8");
        try (Transport transport = session.getTransport("smtp")) {
            transport.connect();
            transport.sendMessage(message, message.getAllRecipients());
        }
    }

    @BeforeAll
    static void start() throws Exception {
        String program = System.getenv().getOrDefault("PROVOST", "provost");
        mock = new ProcessBuilder(program, "mock", "--json", "--control", "0")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        // The line comes when every port accepts: nothing to poll, nothing to sleep for.
        BufferedReader output = new BufferedReader(new InputStreamReader(mock.getInputStream(), StandardCharsets.UTF_8));
        ready = JsonParser.parseString(output.readLine()).getAsJsonObject();
        JsonArray accounts = ready.getAsJsonArray("accounts");
        sender = accounts.get(0).getAsJsonObject();
        reader = accounts.get(1).getAsJsonObject();
        trust = trusting(Path.of(ready.get("ca").getAsString()));
    }

    @AfterAll
    static void stop() throws Exception {
        mock.destroy();
        mock.waitFor();
    }

    @BeforeEach
    void reset() throws Exception {
        call("POST", "/v1/reset", Map.of());
    }

    @Test
    void itArrives() throws Exception {
        send();
        String path = "/v1/accounts/" + reader.get("address").getAsString() + "/messages";
        Map<String, String> query = Map.of("wait", "1", "subject", "Welcome, Jürgen", "timeout", "10000");
        JsonArray found = JsonParser.parseString(call("GET", path, query)).getAsJsonArray();
        assertEquals(1, found.size());
        JsonObject message = found.get(0).getAsJsonObject();
        assertTrue(message.get("raw").getAsString().contains("Your code is 4711."));
        JsonObject envelope = message.getAsJsonObject("envelope");
        assertEquals(sender.get("address"), envelope.get("mail_from"));
    }

    @Test
    void aMailClientReadsIt() throws Exception {
        send();
        try (Store store = session(reader).getStore("imaps")) {
            store.connect();
            Folder inbox = store.getFolder("INBOX");
            inbox.open(Folder.READ_ONLY);
            Message[] found = inbox.search(new FromStringTerm(sender.get("address").getAsString()));
            Message last = found[found.length - 1];
            assertEquals("Welcome, Jürgen", last.getSubject());
            assertTrue(last.getContent().toString().contains("4711"));
        }
    }

    @Test
    void aRecipientThatIsRefusedIsNoSilence() throws Exception {
        call("PUT", "/v1/faults/recipient-refused", Map.of("account", reader.get("address").getAsString()));
        assertThrows(SendFailedException.class, this::send);
    }

    private void send() throws MessagingException {
        sendWelcome(session(sender), sender.get("address").getAsString(), reader.get("address").getAsString());
    }

    private static Session session(JsonObject account) {
        String user = account.get("username").getAsString();
        Properties properties = new Properties();
        for (String[] each : new String[][] {{"smtp", "submission"}, {"imaps", "imaps"}}) {
            String prefix = "mail." + each[0] + ".";
            properties.put(prefix + "host", "localhost");
            properties.put(prefix + "port", ready.get(each[1]).getAsString().replaceAll(".*:", ""));
            properties.put(prefix + "user", user);
            properties.put(prefix + "ssl.socketFactory", trust);
            properties.put(prefix + "ssl.checkserveridentity", "true");
            properties.put(prefix + "timeout", "20000");
        }
        properties.put("mail.smtp.auth", "true");
        properties.put("mail.smtp.starttls.required", "true");
        return Session.getInstance(properties, new jakarta.mail.Authenticator() {
            @Override
            protected jakarta.mail.PasswordAuthentication getPasswordAuthentication() {
                return new jakarta.mail.PasswordAuthentication(user, account.get("password").getAsString());
            }
        });
    }

    /** TLS that trusts the mock's authority, and no other. */
    private static SSLSocketFactory trusting(Path authority) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var pem = Files.newInputStream(authority)) {
            store.setCertificateEntry("mock", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trusted.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    private static String call(String method, String path, Map<String, String> query) throws Exception {
        String options = query.entrySet().stream()
                .map(it -> it.getKey() + "=" + URLEncoder.encode(it.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        URI uri = URI.create(ready.get("control").getAsString() + path + "?" + options);
        HttpRequest request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertTrue(response.statusCode() < 300, response.body());
        return response.body();
    }
}
