//! The JSON Schema of the scenario file, for editors.

use super::schema::Scenario;
use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};

/// The JSON Schema of the scenario file.
pub fn json_schema() -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12().for_deserialize().with_transform(NoNull);
    let mut schema = settings.into_generator().into_root_schema_for::<Scenario>();
    schema.insert("title".to_owned(), "desksim scenario".into());
    schema.insert("required".to_owned(), serde_json::json!(["schema", "title", "run"]));
    schema.to_value()
}

/// TOML knows no null: what may be left out is simply not required.
#[derive(Clone, Debug)]
struct NoNull;

impl Transform for NoNull {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else { return };
        if let Some(serde_json::Value::Array(types)) = object.get_mut("type") {
            types.retain(|kind| kind != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
        }
        if let Some(serde_json::Value::Array(any)) = object.get_mut("anyOf") {
            any.retain(|schema| schema.get("type").is_none_or(|kind| kind != "null"));
            if let [only] = any.as_slice()
                && let Some(inner) = only.as_object().cloned()
            {
                object.remove("anyOf");
                object.extend(inner);
            }
        }
        if let Some(serde_json::Value::Array(words)) = object.get_mut("enum") {
            words.retain(|word| !word.is_null());
        }
        if object.get("default").is_some_and(serde_json::Value::is_null) {
            object.remove("default");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn walk(value: &Value, each: &mut impl FnMut(&Value)) {
        each(value);
        match value {
            Value::Array(items) => items.iter().for_each(|item| walk(item, each)),
            Value::Object(entries) => entries.values().for_each(|entry| walk(entry, each)),
            _ => {}
        }
    }

    #[test]
    fn it_knows_every_table_and_no_null() {
        let schema = json_schema();
        for table in [
            "run", "desk", "status", "field", "group", "shift", "agent", "channel", "customer", "policy", "event",
            "staff",
        ] {
            assert!(schema["properties"][table].is_object(), "{table}");
        }
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["$defs"]["Field"]["required"], serde_json::json!(["type"]), "keys that Rust reserves");
        walk(&schema, &mut |value| assert_ne!(*value, Value::Null));
        walk(&schema, &mut |value| assert!(value != "null"));
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let schema = json_schema();
        walk(&schema, &mut |value| {
            if let Some(Value::String(reference)) = value.get("$ref") {
                let pointer = reference.strip_prefix('#').unwrap();
                assert!(schema.pointer(pointer).is_some(), "{reference}");
            }
        });
    }
}
