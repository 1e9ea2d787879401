#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| desksim_fuzz::baseline(bytes));
