//! Parses a list in one pass, straight into the type of its elements: a list can have tens of thousands of them.
//! If an element cannot be parsed, only its id is looked up afterwards; no element is parsed twice.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::error::{ReplyError, of_parser};

/// Where a list is in a body.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// The body is the list, or an object with the list in its field `result`.
    BareOrResult,
    /// The body is an object; these fields lead to the list.
    Fields(&'static [&'static str]),
}

/// Parses the list in `body`. `expected` describes the list in the error for a body without one.
pub(super) fn parse<T: DeserializeOwned>(
    body: &[u8],
    place: Place,
    expected: &'static str,
) -> Result<Vec<T>, ReplyError> {
    let mut collect = Collect { elements: Vec::new(), in_element: false };
    let Err(error) = walk(body, place, &mut collect) else { return Ok(collect.elements) };
    if !(error.is_data() && collect.in_element) {
        return Err(of_parser(&error, expected));
    }
    let index = collect.elements.len();
    let mut find_id = FindId { index, id: None };
    // Ends with an error of its own once it has the id, or else finds none.
    drop(walk(body, place, &mut find_id));
    Err(element_error(index, find_id.id, &error))
}

/// The error for an element that `error` is about. The message quotes the body, so it is bounded.
pub(super) fn element_error(index: usize, id: Option<Value>, error: &serde_json::Error) -> ReplyError {
    let id = match id {
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::String(text)) => Some(text.chars().filter(|c| !c.is_control()).take(40).collect()),
        _ => None,
    };
    // The position in the whole body says less than the element's index and id.
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    let why = message.strip_suffix(&position).unwrap_or(&message);
    ReplyError::Element { index, id, why: why.chars().filter(|c| !c.is_control()).take(200).collect() }
}

/// What to do with the elements of a list.
trait ReadElements {
    fn read<'de, A: SeqAccess<'de>>(&mut self, elements: A) -> Result<(), A::Error>;
}

/// Parses every element.
struct Collect<T> {
    elements: Vec<T>,
    /// Whether an error now is about an element.
    in_element: bool,
}

impl<T: DeserializeOwned> ReadElements for Collect<T> {
    fn read<'de, A: SeqAccess<'de>>(&mut self, mut elements: A) -> Result<(), A::Error> {
        self.in_element = true;
        while let Some(element) = elements.next_element()? {
            self.elements.push(element);
        }
        self.in_element = false;
        Ok(())
    }
}

/// Skips to one element and reads its `id` or `handle`.
struct FindId {
    index: usize,
    id: Option<Value>,
}

impl ReadElements for FindId {
    fn read<'de, A: SeqAccess<'de>>(&mut self, mut elements: A) -> Result<(), A::Error> {
        #[derive(Deserialize)]
        struct Named {
            id: Option<Value>,
            handle: Option<Value>,
        }
        for _ in 0..self.index {
            elements.next_element::<IgnoredAny>()?;
        }
        if let Some(named) = elements.next_element::<Named>()? {
            self.id = named.id.or(named.handle);
        }
        Err(A::Error::custom("the rest of the list is not needed"))
    }
}

fn walk(body: &[u8], place: Place, read: &mut impl ReadElements) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    match place {
        Place::BareOrResult => At { fields: &["result"], may_be_bare: true, read }.deserialize(&mut deserializer)?,
        Place::Fields(fields) => At { fields, may_be_bare: false, read }.deserialize(&mut deserializer)?,
    }
    deserializer.end()
}

/// Deserializes a value that leads to the list: the list itself once no field is left.
struct At<'a, R> {
    fields: &'static [&'static str],
    may_be_bare: bool,
    read: &'a mut R,
}

impl<'de, R: ReadElements> DeserializeSeed<'de> for At<'_, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: ReadElements> Visitor<'de> for At<'_, R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fields.first() {
            Some(field) => write!(f, "an object with the field {field}"),
            None => f.write_str("a list"),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<(), A::Error> {
        if self.fields.is_empty() || self.may_be_bare {
            self.read.read(elements)
        } else {
            Err(A::Error::custom("a list in the place of an object"))
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((field, fields)) = self.fields.split_first() else {
            return Err(A::Error::custom("an object in the place of a list"));
        };
        let mut is_found = false;
        while let Some(name) = map.next_key::<String>()? {
            if name == *field && !is_found {
                is_found = true;
                map.next_value_seed(At { fields, may_be_bare: false, read: &mut *self.read })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if is_found { Ok(()) } else { Err(A::Error::custom(format_args!("no field {field}"))) }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static PARSED: Cell<usize> = const { Cell::new(0) };
    }

    /// Counts how many elements were parsed.
    struct Counted;

    impl<'de> Deserialize<'de> for Counted {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            #[derive(Deserialize)]
            struct Element {
                #[serde(rename = "name")]
                _name: String,
            }
            PARSED.set(PARSED.get() + 1);
            Element::deserialize(deserializer).map(|_| Self)
        }
    }

    #[test]
    fn no_element_is_parsed_twice_to_name_a_bad_one() {
        let element = |id| format!(r#"{{"id": {id}, "name": {}}}"#, if id == 900 { "7" } else { r#""x""# });
        let elements: Vec<_> = (1..=1_000).map(element).collect();
        for body in [format!("[{}]", elements.join(",")), format!(r#"{{"result": [{}]}}"#, elements.join(","))] {
            PARSED.set(0);
            let error = parse::<Counted>(body.as_bytes(), Place::BareOrResult, "a list").err().expect("900 is bad");
            let why = "invalid type: integer `7`, expected a string".to_owned();
            assert_eq!(error, ReplyError::Element { index: 899, id: Some("900".to_owned()), why });
            assert_eq!(PARSED.get(), 900);
        }
    }
}
