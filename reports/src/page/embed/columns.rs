//! JSON turned by its side: many objects of one shape become one object of lists, so that what is
//! alike stands together and compresses to about half. Nothing is lost.
//!
//! A list of values has one of four forms: `{"o": {key: list}}` for objects, `{"a": [lengths, list]}`
//! for arrays, `{"n": [known, list]}` where some are null, `{"v": […]}` for the rest. A field that some
//! objects do not have is `{"p": [present, list]}`.

use serde_json::{Map, Value, json};

/// Objects that a decoded value may have. A run has some hundred a trial; more is an attack.
const MOST_OBJECTS: usize = 1_000_000;

/// Turns a value by its side.
pub fn encode(value: Value) -> Value {
    list(vec![value])
}

/// Turns it back; `None` when it is not of this form.
pub fn decode(value: Value) -> Option<Value> {
    Decoder { objects: 0 }.list(value, 1)?.pop()
}

fn list(values: Vec<Value>) -> Value {
    let compound = |value: &Value| value.is_object() || value.is_array();
    if values.is_empty() || !values.iter().any(compound) {
        json!({ "v": values })
    } else if values.iter().all(Value::is_object) {
        objects(values)
    } else if values.iter().all(Value::is_array) {
        arrays(values)
    } else if values.iter().any(Value::is_null) {
        let values = values.into_iter().map(|value| (!value.is_null()).then_some(value));
        partial("n", values.collect())
    } else {
        json!({ "v": values })
    }
}

fn objects(values: Vec<Value>) -> Value {
    let rows = values.len();
    let mut columns: Map<String, Value> = Map::new();
    let mut fields: Vec<(String, Vec<Option<Value>>)> = Vec::new();
    for (row, value) in values.into_iter().enumerate() {
        let Value::Object(object) = value else { continue };
        for (key, value) in object {
            let known = fields.iter().position(|(other, _)| *other == key);
            let index = known.unwrap_or_else(|| {
                fields.push((key, vec![None; rows]));
                fields.len() - 1
            });
            fields[index].1[row] = Some(value);
        }
    }
    for (key, column) in fields {
        let whole = column.iter().all(Option::is_some);
        let column =
            if whole { list(column.into_iter().flatten().collect()) } else { partial("p", column) };
        columns.insert(key, column);
    }
    json!({ "o": columns })
}

fn arrays(values: Vec<Value>) -> Value {
    let arrays = values.into_iter().filter_map(|value| match value {
        Value::Array(items) => Some(items),
        _ => None,
    });
    let mut lengths = Vec::new();
    let mut all = Vec::new();
    for mut items in arrays {
        lengths.push(items.len());
        all.append(&mut items);
    }
    json!({ "a": [lengths, list(all)] })
}

fn partial(kind: &str, values: Vec<Option<Value>>) -> Value {
    let present: Vec<u8> = values.iter().map(|value| u8::from(value.is_some())).collect();
    json!({ kind: [present, list(values.into_iter().flatten().collect())] })
}

/// The way back, with a count of what it makes.
struct Decoder {
    objects: usize,
}

impl Decoder {
    /// The values of a list that has `rows` of them.
    fn list(&mut self, form: Value, rows: usize) -> Option<Vec<Value>> {
        let values = match single(form)? {
            (kind, Value::Array(values)) if kind == "v" => values,
            (kind, Value::Object(columns)) if kind == "o" => self.objects(columns, rows)?,
            (kind, Value::Array(parts)) if kind == "a" => self.arrays(parts)?,
            (kind, Value::Array(parts)) if kind == "n" => {
                let values = self.partial(parts)?.into_iter();
                values.map(Option::unwrap_or_default).collect()
            }
            _ => return None,
        };
        (values.len() == rows).then_some(values)
    }

    fn objects(&mut self, columns: Map<String, Value>, rows: usize) -> Option<Vec<Value>> {
        self.objects = self.objects.checked_add(rows).filter(|all| *all <= MOST_OBJECTS)?;
        let mut objects = vec![Map::new(); rows];
        for (key, column) in columns {
            let values = if column.get("p").is_some() {
                let (_, Value::Array(parts)) = single(column)? else { return None };
                self.partial(parts)?
            } else {
                self.list(column, rows)?.into_iter().map(Some).collect()
            };
            if values.len() != rows {
                return None;
            }
            for (object, value) in objects.iter_mut().zip(values) {
                if let Some(value) = value {
                    object.insert(key.clone(), value);
                }
            }
        }
        Some(objects.into_iter().map(Value::Object).collect())
    }

    fn arrays(&mut self, parts: Vec<Value>) -> Option<Vec<Value>> {
        let [lengths, all]: [Value; 2] = parts.try_into().ok()?;
        let lengths: Vec<usize> = serde_json::from_value(lengths).ok()?;
        let total = lengths.iter().try_fold(0_usize, |sum, length| sum.checked_add(*length))?;
        let mut all = self.list(all, total)?.into_iter();
        let array = |length| Value::Array(all.by_ref().take(length).collect());
        Some(lengths.into_iter().map(array).collect())
    }

    fn partial(&mut self, parts: Vec<Value>) -> Option<Vec<Option<Value>>> {
        let [present, known]: [Value; 2] = parts.try_into().ok()?;
        let flags: Vec<u8> = serde_json::from_value(present).ok()?;
        let present: Vec<bool> = flags.into_iter().map(|flag| flag == 1).collect();
        let rows = present.iter().filter(|present| **present).count();
        let mut known = self.list(known, rows)?.into_iter();
        Some(present.into_iter().map(|present| if present { known.next() } else { None }).collect())
    }
}

/// The one entry of an object.
fn single(form: Value) -> Option<(String, Value)> {
    let Value::Object(form) = form else { return None };
    form.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u32>().prop_map(Value::from),
            (-1e9..1e9).prop_map(Value::from),
            "[a-c]{0,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-c]", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_turned_by_its_side_can_be_turned_back(value in values()) {
            prop_assert_eq!(decode(encode(value.clone())), Some(value));
        }

        #[test]
        fn what_never_was_turned_is_refused_or_read_and_breaks_nothing(value in values()) {
            let _ = decode(value);
        }
    }

    #[test]
    fn a_null_is_not_an_absent_field() {
        let value = json!([{ "a": null }, {}, { "a": [1] }, { "a": 2, "b": null }]);
        assert_eq!(decode(encode(value.clone())), Some(value));
    }

    #[test]
    fn a_few_bytes_do_not_become_a_million_objects() {
        let bomb = json!({ "a": [[2_000_000], { "o": {} }] });
        assert_eq!(decode(bomb), None);
    }
}
