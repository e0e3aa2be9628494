//! `provost deploy` against the contracts of the services that nobody has tried it with, over HTTP; and judges that are not ours:
//! Microsoft's types for what Intune is sent, and SimpleMDM's client for the contract itself.

#[expect(dead_code, reason = "the tests of the crate use the rest of it")]
#[path = "../../crates/provost-mdm/tests/contracts/contract.rs"]
mod contract;

use std::fs;
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Response;
use contract::{Asked, Contract, KEY, OTHERS};
use provost_tests::{Run, folder, installed, node_module, provost, root};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::python_imapclient::python_with;

/// A contract that listens. What it finds wrong is kept for the test.
struct Served {
    base: String,
    state: Arc<Mutex<(Contract, Vec<String>)>>,
    _runtime: Runtime,
}

impl Served {
    fn of(contract: Contract) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new((contract, Vec::new())));
        let router = Router::new().fallback(answer).with_state((base.clone(), Arc::clone(&state)));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        Self { base, state, _runtime: runtime }
    }

    fn with<T>(&self, f: impl FnOnce(&mut Contract) -> T) -> T {
        let mut state = self.state.lock().unwrap();
        assert_eq!(state.1, [] as [String; 0], "what the contract does not have");
        f(&mut state.0)
    }
}

type Shared = (String, Arc<Mutex<(Contract, Vec<String>)>>);

async fn answer(State((base, state)): State<Shared>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: contract::query(parts.uri.query().unwrap_or("")),
        headers: headers.collect(),
        body: to_bytes(body, 4 << 20).await.unwrap().to_vec(),
    };
    let mut state = state.lock().unwrap();
    match state.0.answer(&asked, &base) {
        Ok(answer) => {
            let response = Response::builder().status(answer.status);
            let add =
                |response: axum::http::response::Builder, (name, value): &(&str, String)| response.header(*name, value);
            answer.headers.iter().fold(response, add).body(Body::from(answer.body)).unwrap()
        }
        Err(wrong) => {
            state.1.push(wrong);
            Response::builder().status(400).body(Body::empty()).unwrap()
        }
    }
}

/// A service and the files of an administrator.
struct Site {
    served: Served,
    folder: TempDir,
}

impl Site {
    fn of(target: &str) -> Self {
        let site = Self { served: Served::of(Contract::of(target)), folder: folder() };
        let settings = fs::read_to_string(root().join("fixtures/centurylink/mail.yaml")).unwrap();
        site.write("mail.yaml", &format!("{settings}mdm:\n  simplemdm: {{ address: \"{{{{email}}}}\" }}\n"));
        site.write("users.csv", "email,name\njane@centurylink.net,Jane\njohn@centurylink.net,John\n");
        let rows = "email,group,variant\njane@centurylink.net,42,ios\njane@centurylink.net,42,macos\n";
        let map = match target {
            "apple-business" => {
                "email,group,variant\njane@centurylink.net,42,ios\njohn@centurylink.net,43,macos\n".to_owned()
            }
            _ => format!("{rows}john@centurylink.net,42,ios\n"),
        };
        site.write("devices.csv", &map);
        site.write("key", KEY);
        let deliver = match target {
            "apple-business" => "apple-mobileconfig/ios, apple-mobileconfig/macos".to_owned(),
            _ => format!("apple-mdm-template/{target}"),
        };
        let base = &site.served.base;
        let deploy = format!(
            "provost: 1\ntarget: {target}\nurl: \"{base}\"\ncredentials: {{ file: key }}\ndeliver: [{deliver}]\n\
             journal: journal.jsonl\n"
        );
        site.write("deploy.yaml", &deploy);
        site
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn deploy(&self, verb: &[&str]) -> Run {
        let path = |name: &str| self.folder.path().join(name).to_str().unwrap().to_owned();
        let (config, users) = (path("mail.yaml"), path("users.csv"));
        let (map, to) = (path("devices.csv"), path("deploy.yaml"));
        let files = ["-c", &config, "--users", &users, "--map", &map, "--to", &to];
        let run = provost(&[&["deploy"], verb, &files[..]].concat());
        self.served.with(|_| ());
        run
    }

    #[track_caller]
    fn says(&self, verb: &[&str], status: i32, text: &str) -> String {
        let run = self.deploy(verb);
        let output = run.output();
        assert_eq!(run.status, Some(status), "{verb:?}: {output}");
        assert!(output.contains(text), "{verb:?} does not say {text:?}: {output}");
        output
    }

    fn kept(&self) -> usize {
        self.served.with(|contract| contract.service().kept().len())
    }

    fn faults(&self, faults: &[u16]) {
        self.served.with(|contract| contract.faults = faults.to_vec().into());
    }
}

#[track_caller]
fn lives(target: &str) -> Site {
    let site = Site::of(target);
    let plan = site.says(&["plan"], 1, "plan: 2 create");
    assert!(plan.contains("contract only: never tried with the service"), "{plan}");

    // The server asks for patience in the middle, says how much, and the same request goes again.
    site.faults(&[0, 429]);
    let start = Instant::now();
    site.says(&["apply", "--yes"], 0, "2 sent, 2 acknowledged, 0 failed");
    assert!(start.elapsed() >= Duration::from_secs(1), "Retry-After says one second");
    assert_eq!(site.kept(), 2);

    site.says(&["plan"], 0, "plan: 2 unchanged");
    let sent = site.served.with(|contract| contract.asked.len());
    site.says(&["apply", "--yes"], 0, "0 sent");
    let only_reads = site.served.with(|contract| {
        contract.asked[sent..].iter().all(|it| !["create", "update", "remove"].iter().any(|what| it.ends_with(what)))
    });
    assert!(only_reads, "a second run changes nothing");
    site.says(&["status"], 0, "status: 2 has it");
    fs::remove_file(site.folder.path().join("journal.jsonl")).unwrap();
    site.says(&["plan"], 0, "plan: 2 unchanged");

    let settings = fs::read_to_string(site.folder.path().join("mail.yaml")).unwrap();
    site.write("mail.yaml", &settings.replace("imap.centurylink.com", "imap2.centurylink.com"));
    site.says(&["status"], 1, "2 has another version");
    site.says(&["plan"], 1, "plan: 2 update in place");
    site.says(&["apply", "--yes"], 0, "2 sent, 2 acknowledged");
    assert_eq!(site.kept(), 2);
    site.says(&["plan"], 0, "plan: 2 unchanged");

    site.write("key", "another");
    site.says(&["plan"], 2, "HTTP 401: the server does not accept the credentials");
    site.write("key", KEY);
    site
}

#[track_caller]
fn ends(site: &Site) {
    site.says(&["remove", "--yes"], 0, "2 sent, 2 acknowledged");
    assert_eq!(site.kept(), 0);
    assert_eq!(site.served.with(|contract| contract.service().others()), OTHERS);
    site.says(&["remove", "--yes"], 0, "0 sent");
}

#[test]
fn apple_business_keeps_what_it_is_sent() {
    ends(&lives("apple-business"));
}

#[test]
fn fleet_keeps_what_it_is_sent() {
    let site = lives("fleet");
    // One of two leaves: the other keeps the template.
    site.write("users.csv", "email,name\njohn@centurylink.net,John\n");
    site.says(&["remove", "--yes"], 0, "0 sent");
    assert_eq!(site.kept(), 2);
    site.write("users.csv", "email,name\njane@centurylink.net,Jane\njohn@centurylink.net,John\n");
    ends(&site);
}

#[test]
fn jamf_pro_keeps_what_it_is_sent() {
    ends(&lives("jamf-pro"));
}

#[test]
fn simplemdm_keeps_what_it_is_sent() {
    ends(&lives("simplemdm"));
}

#[test]
fn a_conflict_is_told_and_the_next_run_goes_on() {
    for (target, create, update) in [
        ("apple-business", "configurations create", "configurations update"),
        ("apple-business", "blueprints create", "configurations update"),
        ("fleet", "create", "update"),
        ("intune", "create", "update"),
        ("jamf-pro", "mac create", "mac update"),
        ("jamf-pro", "mobile create", "mobile update"),
        ("simplemdm", "create", "update"),
    ] {
        let site = Site::of(target);
        let conflict = |what| site.served.with(|contract| contract.refuses = Some((what, 409)));
        site.says(&["plan"], 1, "plan: 2 create");
        conflict(create);
        site.says(&["apply", "--yes"], 1, "HTTP 409");
        site.says(&["apply", "--yes"], 0, "1 sent, 1 acknowledged");
        assert_eq!(site.kept(), 2, "{target}");

        let settings = fs::read_to_string(site.folder.path().join("mail.yaml")).unwrap();
        site.write("mail.yaml", &settings.replace("imap.centurylink.com", "imap2.centurylink.com"));
        conflict(update);
        site.says(&["apply", "--yes"], 1, "HTTP 409");
        site.says(&["apply", "--yes"], 0, "1 sent, 1 acknowledged");
        assert_eq!(site.kept(), 2, "{target}");
        site.says(&["plan"], 0, "plan: 2 unchanged");
    }
}

#[test]
fn intune_keeps_what_it_is_sent_and_microsofts_types_agree() {
    let site = lives("intune");
    let sent = site.served.with(|contract| contract.sent.clone());
    ends(&site);
    let Some(node) = installed("node") else { return };
    let types = ["@microsoft/microsoft-graph-types", "@microsoft/microsoft-graph-types-beta"];
    if !types.iter().all(|types| node_module("tests/clients", types)) {
        return;
    }
    let clients = root().join("tests/clients");
    let folder = folder();
    std::os::unix::fs::symlink(clients.join("node_modules"), folder.path().join("node_modules")).unwrap();
    let check = |bodies: &[(String, serde_json::Value)]| {
        let source = folder.path().join("bodies.ts");
        let constants = bodies.iter().enumerate().map(|(number, (endpoint, body))| {
            let name = match (endpoint.as_str(), body["@odata.type"].as_str()) {
                ("assign", _) => "Assign",
                (_, Some("#microsoft.graph.macOSCustomConfiguration")) => "Mac",
                (_, Some("#microsoft.graph.iosCustomConfiguration")) => "Ios",
                other => panic!("{other:?}"),
            };
            format!("export const body{number}: {name} = {body};\n")
        });
        fs::write(&source, format!("{TYPES}{}", constants.collect::<String>())).unwrap();
        let mut tsc = Command::new(&node);
        tsc.arg(clients.join("node_modules/typescript/bin/tsc"));
        tsc.args(["--noEmit", "--strict", "--skipLibCheck", "--typeRoots"])
            .arg(folder.path().join("none"))
            .arg(&source);
        let output = tsc.current_dir(folder.path()).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    // Two are created, assigned and updated.
    assert_eq!(sent.len(), 6, "{sent:?}");
    let (good, complaint) = check(&sent);
    assert!(good, "{complaint}");
    for (key, value) in [("deploymentChannel", "nobodysChannel".into()), ("payloadNames", "x".into())] {
        let mut broken = sent.clone();
        for (endpoint, body) in &mut broken {
            if endpoint != "assign" {
                body[key] = serde_json::Value::clone(&value);
            }
        }
        assert!(!check(&broken).0, "the judge accepts any {key}");
    }
}

/// Microsoft's types lack the annotation that says which type an object is of.
const TYPES: &str = r##"
import type * as v1 from "@microsoft/microsoft-graph-types";
import type * as beta from "@microsoft/microsoft-graph-types-beta";
type Of<Name extends string> = { "@odata.type": `#microsoft.graph.${Name}` };
type Ios = v1.IosCustomConfiguration & Of<"iosCustomConfiguration">;
type Mac = beta.MacOSCustomConfiguration & Of<"macOSCustomConfiguration">;
type Group = v1.GroupAssignmentTarget & Of<"groupAssignmentTarget">;
type Assignment = Omit<v1.DeviceConfigurationAssignment, "target"> & Of<"deviceConfigurationAssignment"> & { target: Group };
type Assign = { assignments: Assignment[] };
"##;

#[test]
fn the_contract_of_simplemdm_satisfies_its_client() {
    let Some(python) = python_with("SimpleMDMpy") else { return };
    let served = Served::of(Contract::of("simplemdm"));
    let script = root().join("tests/integration/python_simplemdm.py");
    let output = Command::new(python).arg(script).args([&served.base, KEY]).output().unwrap();
    served.with(|_| ());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
