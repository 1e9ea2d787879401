//! The desks of `bench`, built in.

macro_rules! suite {
    ($($name:literal)*) => {
        /// Each desk's name and text; they lie under `scenarios/bench/`.
        pub const SUITE: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../scenarios/bench/", $name, ".toml"))),)*];
    };
}

suite! {
    "awaiting-customers"
    "back-from-lunch"
    "long-and-short"
    "morning-surge"
    "night-backlog"
    "overload"
    "returning-customers"
    "shared-channels"
    "steady"
    "unequal-caps"
    "unequal-shifts"
    "vip-share"
}
