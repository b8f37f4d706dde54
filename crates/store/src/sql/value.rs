//! The arguments of statements: all that SQLite stores, and lists.

use serde::Serialize;
use sqlx::{Arguments, error::BoxDynError, postgres::PgArguments, sqlite::SqliteArguments};

use super::nul::hidden;

/// An argument of a statement. Truth values are numbers, as in the tables of both databases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// NULL, where this type is expected: PostgreSQL has to know.
    Null(Kind),
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
    List(List),
}

/// The type of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
    Bytes,
    Texts,
}

/// A list for `IN (SELECT value FROM json_each(?))`. SQLite gets it as a JSON array, PostgreSQL as an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Numbers(Vec<i64>),
    Texts(Vec<String>),
}

impl List {
    pub fn of<T: Listed>(items: &[T]) -> Self {
        T::list(items)
    }

    fn json(&self) -> String {
        match self {
            Self::Numbers(numbers) => json(numbers),
            Self::Texts(texts) => json(texts),
        }
    }
}

fn json<T: Serialize>(items: &[T]) -> String {
    serde_json::to_string(items).unwrap_or_else(|_| "[]".to_owned())
}

/// What can be in a list.
pub(crate) trait Listed: Sized {
    fn list(items: &[Self]) -> List;
}

impl Listed for i64 {
    fn list(items: &[Self]) -> List {
        List::Numbers(items.to_vec())
    }
}

macro_rules! listed_as_text {
    ($($item:ty),*) => {
        $(impl Listed for $item {
            fn list(items: &[Self]) -> List {
                List::Texts(items.iter().map(ToString::to_string).collect())
            }
        })*
    };
}

listed_as_text!(String, &str, crate::ids::TeamId, crate::ids::OperationId);

/// What can be an argument of a statement.
pub(crate) trait Bind {
    /// Its type where it is NULL.
    const KIND: Kind;

    fn value(self) -> Value;
}

macro_rules! bind {
    ($kind:ident: $($from:ty => |$it:ident| $value:expr;)*) => {
        $(impl Bind for $from {
            const KIND: Kind = Kind::$kind;

            fn value(self) -> Value {
                let $it = self;
                $value
            }
        })*
    };
}

bind! { Number:
    i64 => |it| Value::Number(it);
    &i64 => |it| Value::Number(*it);
    u32 => |it| Value::Number(i64::from(it));
    bool => |it| Value::Number(i64::from(it));
}
bind! { Text:
    String => |it| Value::Text(it);
    &String => |it| Value::Text(it.clone());
    &str => |it| Value::Text(it.to_owned());
}
bind! { Bytes:
    Vec<u8> => |it| Value::Bytes(it);
    &Vec<u8> => |it| Value::Bytes(it.clone());
    &[u8] => |it| Value::Bytes(it.to_vec());
}
// Only lists of texts are left out.
bind! { Texts:
    List => |it| Value::List(it);
    &List => |it| Value::List(it.clone());
}

impl Bind for Value {
    // Only a value that is there can be left out, and it says itself what it is.
    const KIND: Kind = Kind::Text;

    fn value(self) -> Value {
        self
    }
}

impl<T: Bind> Bind for Option<T> {
    const KIND: Kind = T::KIND;

    fn value(self) -> Value {
        self.map_or(Value::Null(T::KIND), T::value)
    }
}

impl<'a, T> Bind for &'a Option<T>
where
    &'a T: Bind,
{
    const KIND: Kind = <&'a T as Bind>::KIND;

    fn value(self) -> Value {
        self.as_ref().value()
    }
}

/// The arguments as SQLite gets them.
pub(super) fn for_sqlite(values: Vec<Value>) -> Result<SqliteArguments, BoxDynError> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        match value {
            Value::Null(_) => arguments.add(None::<i64>)?,
            Value::Number(number) => arguments.add(number)?,
            Value::Text(text) => arguments.add(text)?,
            Value::Bytes(bytes) => arguments.add(bytes)?,
            Value::List(list) => arguments.add(list.json())?,
        }
    }
    Ok(arguments)
}

/// The arguments as PostgreSQL gets them.
pub(super) fn for_postgres(values: Vec<Value>) -> Result<PgArguments, BoxDynError> {
    let mut arguments = PgArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        match value {
            Value::Null(Kind::Number) => arguments.add(None::<i64>)?,
            Value::Null(Kind::Text) => arguments.add(None::<String>)?,
            Value::Null(Kind::Bytes) => arguments.add(None::<Vec<u8>>)?,
            Value::Null(Kind::Texts) => arguments.add(None::<Vec<String>>)?,
            Value::Number(number) => arguments.add(number)?,
            Value::Text(text) => arguments.add(hidden(text))?,
            Value::Bytes(bytes) => arguments.add(bytes)?,
            Value::List(List::Numbers(numbers)) => arguments.add(numbers)?,
            Value::List(List::Texts(texts)) => arguments.add(texts.into_iter().map(hidden).collect::<Vec<_>>())?,
        }
    }
    Ok(arguments)
}
