//! One binary of integration tests: the parts together, the command line, and real programs as judges.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod against_dovecot;
mod apple_declarations;
mod apple_schema;
mod cases;
mod causes;
mod command_line_clients;
mod control_interface;
mod delta_chat;
mod deploy_again;
mod discover_sources;
mod discovery;
mod dns_records;
mod every_capability;
mod everyday;
mod examples;
mod faults;
mod fixtures;
mod help;
mod import;
mod interactive_clients;
mod ispdb;
mod keywords;
mod lint;
mod mail_programs;
mod many_people;
mod mdm_contracts;
mod mock;
mod mock_options;
mod node_clients;
mod patterns;
mod python_imapclient;
mod readme;
mod real_programs;
mod recording_servers;
mod round_trip;
mod rules;
mod secrets;
mod settings_keys;
mod settings_sheet;
mod signatures;
mod signed_profiles;
mod signing;
mod variants;
mod verify_reports;
