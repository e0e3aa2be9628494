#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| provost_mockmail::fuzzing::smtp(input));
