//! Finds the rows of an answer and reads them in one pass, straight into their type: a list can have tens of thousands.
//! A body is repaired and read again only if it could not be read exactly.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::error::{ReplyError, of_parser};
use super::repair::repaired;
use crate::List;
use crate::row::{AnyRow, Row, take_inexact};

/// Where a list or a row is in a body.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// The body is the list, or an object with the list in its field `result`.
    BareOrResult,
    /// The body is an object; these fields lead to the list or row. Without fields, the body is it.
    Fields(&'static [&'static str]),
}

/// Parses the list in `body`. `expected` describes the list in the error for a body without one.
pub(super) fn parse<T: Row>(body: &[u8], place: Place, expected: &'static str) -> Result<List<T>, ReplyError> {
    exactly(body, |body| {
        let mut collect = Collect(List::default());
        walk(body, place, &mut collect).map_err(|error| of_parser(&error, expected))?;
        Ok(collect.0)
    })
}

/// Parses the one row in `body`. `None` if it has no readable id.
pub(super) fn parse_one<T: Row>(body: &[u8], place: Place, expected: &'static str) -> Result<Option<T>, ReplyError> {
    exactly(body, |body| {
        let mut one = One(None);
        walk(body, place, &mut one).map_err(|error| of_parser(&error, expected))?;
        Ok(one.0)
    })
}

/// Parses a body. If it is not JSON, or if digits of a number were lost, parses it again with its defects mended.
fn exactly<T>(body: &[u8], parse: impl Fn(&[u8]) -> Result<T, ReplyError>) -> Result<T, ReplyError> {
    take_inexact();
    match (parse(body), take_inexact()) {
        (Err(error @ ReplyError::NotJson { .. }), _) => parse(&repaired(body)).map_err(|again| match again {
            // Its position is that of the defect in the answer.
            ReplyError::NotJson { .. } => error,
            other => other,
        }),
        (Ok(_), true) => parse(&repaired(body)),
        (parsed, _) => parsed,
    }
}

/// What to do with what is found.
trait Read {
    fn list<'de, A: SeqAccess<'de>>(&mut self, _list: A) -> Result<(), A::Error> {
        Err(A::Error::custom("a list in the place of an object"))
    }

    fn object<'de, A: MapAccess<'de>>(&mut self, _object: A) -> Result<(), A::Error> {
        Err(A::Error::custom("an object in the place of a list"))
    }
}

/// Reads every row of a list, and counts those without a readable id.
struct Collect<T>(List<T>);

impl<T: Row> Read for Collect<T> {
    fn list<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(row) = list.next_element_seed(AnyRow::default())? {
            match row {
                Some(row) => self.0.items.push(row),
                None => self.0.left_out += 1,
            }
        }
        Ok(())
    }
}

/// Reads one row.
struct One<T>(Option<T>);

impl<T: Row> Read for One<T> {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
        self.0 = T::read(&mut object)?;
        Ok(())
    }
}

fn walk(body: &[u8], place: Place, read: &mut impl Read) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    match place {
        Place::BareOrResult => At { fields: &["result"], may_be_bare: true, read }.deserialize(&mut deserializer)?,
        Place::Fields(fields) => At { fields, may_be_bare: false, read }.deserialize(&mut deserializer)?,
    }
    deserializer.end()
}

/// Deserializes a value that leads to the list or row: that itself once no field is left.
struct At<'a, R> {
    fields: &'static [&'static str],
    may_be_bare: bool,
    read: &'a mut R,
}

impl<'de, R: Read> DeserializeSeed<'de> for At<'_, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Read> Visitor<'de> for At<'_, R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fields.first() {
            Some(field) => write!(f, "an object with the field {field}"),
            None => f.write_str("a list or an object"),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        if self.fields.is_empty() || self.may_be_bare {
            self.read.list(list)
        } else {
            Err(A::Error::custom("a list in the place of an object"))
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((field, fields)) = self.fields.split_first() else {
            return self.read.object(map);
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
