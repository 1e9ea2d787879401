//! Figures as an object by metric, in their order, for `serde`'s `with`.

use crate::measures::Selector;
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

pub(super) fn serialize<T: Serialize, S: Serializer>(
    figures: &[(Selector, T)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(figures.len()))?;
    for (metric, figure) in figures {
        map.serialize_entry(metric, figure)?;
    }
    map.end()
}

pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(Selector, T)>, D::Error> {
    struct Figures<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Figures<T> {
        type Value = Vec<(Selector, T)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("figures by metric")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut figures = Vec::new();
            while let Some(entry) = map.next_entry()? {
                figures.push(entry);
            }
            Ok(figures)
        }
    }
    deserializer.deserialize_map(Figures(PhantomData))
}
