//! `provost deploy apply` after a run that was killed before it told devices to come, and after one that nobody listens to.
//! The server here answers as NanoMDM 0.9.0 does (observed, 2026-11-23); the real one is in `cargo xtask e2e --mdm`.

use std::fs;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use provost_tests::{folder, provost, root};

type Asked = Arc<Mutex<Vec<String>>>;

async fn answer(State(asked): State<Asked>, request: Request) -> String {
    let line = format!("{} {}", request.method(), request.uri());
    let body = to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let text = String::from_utf8_lossy(&body);
    let uuid = text.split("<key>CommandUUID</key>").nth(1).and_then(|rest| rest.split(['<', '>']).nth(2));
    let reply = match uuid {
        Some(uuid) => {
            format!(r#"{{"no_push":true,"command_uuid":"{uuid}","request_type":"InstallProfile"}}"#)
        }
        None => r#"{"status":{"D1":{"push_result":"A"}}}"#.to_owned(),
    };
    asked.lock().unwrap().push(line);
    reply
}

#[test]
fn a_second_run_tells_those_to_come_whom_the_first_told_nothing() {
    let (asked, folder) = (Asked::default(), folder());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(Arc::clone(&asked));
    runtime.spawn(async move {
        axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), router).await.unwrap();
    });

    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::copy(root().join("fixtures/centurylink/mail.yaml"), folder.path().join("mail.yaml")).unwrap();
    write("users.csv", "email,name\njane@centurylink.net,Jane\n");
    write("devices.csv", "email,enrollment,variant\njane@centurylink.net,D1,ios\n");
    write("key", "K");
    let deploy = format!(
        "provost: 1\ntarget: nanomdm\nurl: \"{url}\"\ncredentials: {{ file: key }}\n\
         deliver: [apple-mobileconfig/ios]\njournal: journal.jsonl\n"
    );
    write("deploy.yaml", &deploy);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (config, users) = (path("mail.yaml"), path("users.csv"));
    let (map, to) = (path("devices.csv"), path("deploy.yaml"));
    let apply = || {
        let run = provost(&["deploy", "apply", "--yes", "-c", &config, "--users", &users, "--map", &map, "--to", &to]);
        (run.status, run.output(), std::mem::take(&mut *asked.lock().unwrap()))
    };
    let enqueue = "PUT /v1/enqueue/D1?nopush=1".to_owned();
    let push = "PUT /v1/push/D1".to_owned();

    let (status, said, sent) = apply();
    assert_eq!((status, &sent), (Some(0), &vec![enqueue, push.clone()]), "{said}");
    assert!(said.contains("note: nobody has heard the devices' answers"), "{said}");
    // The device has not answered, so the run may have been killed before the push.
    let (status, said, sent) = apply();
    assert_eq!((status, &sent), (Some(0), &vec![push]), "{said}");
    assert!(said.contains("0 sent"), "{said}");

    // Once it has, nothing is left to be said.
    let journal = fs::read_to_string(path("journal.jsonl")).unwrap();
    let last = journal.lines().rfind(|line| line.contains("\"event\":\"sent\"")).unwrap();
    write("journal.jsonl", &format!("{journal}{}\n", last.replace("\"sent\"", "\"acknowledged\"")));
    let (status, said, sent) = apply();
    assert_eq!((status, sent.len()), (Some(0), 0), "{said}");
    assert!(!said.contains("nobody has heard"), "{said}");
}
