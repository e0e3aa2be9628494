//! The fixtures' services and users, read through the crates and not through the command line.

use std::fs;

use provost_account::Service;
use provost_settings::{ListOptions, User, identity_of, read_settings, read_users};
use provost_tests::root;

/// A service and its users.
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) service: Service,
    pub(crate) users: Vec<User>,
}

/// Every service, in the order of the folders' names.
pub(crate) fn fixtures() -> Vec<Fixture> {
    let mut folders: Vec<_> =
        fs::read_dir(root().join("fixtures")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let services = folders.into_iter().filter(|folder| folder.join("mail.yaml").exists());
    services
        .map(|folder| {
            let trust = |name: &str| fs::read(folder.join(name));
            let settings = read_settings(&fs::read(folder.join("mail.yaml")).unwrap(), &trust);
            let service = settings.value.unwrap_or_else(|| panic!("{:?}", settings.findings));
            let list =
                ["users.csv", "users.json", "users.jsonl"].iter().map(|name| folder.join(name)).find(|it| it.exists());
            let list = list.unwrap();
            let bytes = fs::read(&list).unwrap();
            let mut users = read_users(&bytes, &ListOptions::named(list.to_str()), &service);
            for user in &mut users.good {
                user.account.smime = identity_of(&user.account.address, user.place, &service, &trust).unwrap();
            }
            assert_eq!(users.bad_rows, 0, "{:?}", users.findings);
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            Fixture { name, service, users: users.good }
        })
        .collect()
}
