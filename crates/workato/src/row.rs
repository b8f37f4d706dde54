//! Reading the rows of Workato's answers field by field. A field that cannot be read is noted and costs nothing but
//! itself: one odd value must not hide a list of thousands. Only a row without a readable id cannot be used.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::Unreadable;

thread_local! {
    /// Whether this thread has read a number into text that may have lost digits.
    static INEXACT: Cell<bool> = const { Cell::new(false) };
}

/// Whether a number has been read into text since the last call that may have lost digits: `1.10`, or one of more than
/// 64 bits.
pub(crate) fn take_inexact() -> bool {
    INEXACT.replace(false)
}

/// The value of a field, as far as it could be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Read<T> {
    pub value: Option<T>,
    pub is_readable: bool,
}

impl<T> Read<T> {
    fn of(value: Option<T>) -> Self {
        Self { is_readable: value.is_some(), value }
    }
}

/// A type that a field can have. Whatever it does not read is unreadable.
pub(crate) trait FromField: Sized {
    fn text(_text: Cow<'_, str>) -> Option<Self> {
        None
    }

    fn integer(_number: i64) -> Option<Self> {
        None
    }

    fn bool(_value: bool) -> Option<Self> {
        None
    }

    /// Must read the list to its end.
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Read<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Read::of(None))
    }

    /// Must read the object to its end.
    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Read<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Read::of(None))
    }
}

/// Text, or a number or truth value as text: ids from other systems can be any of them.
impl FromField for String {
    fn text(text: Cow<'_, str>) -> Option<Self> {
        Some(text.into_owned())
    }

    fn integer(number: i64) -> Option<Self> {
        Some(number.to_string())
    }

    fn bool(value: bool) -> Option<Self> {
        Some(value.to_string())
    }
}

impl FromField for bool {
    fn text(text: Cow<'_, str>) -> Option<Self> {
        text.parse().ok()
    }

    fn bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

/// A whole number, or its digits as text.
impl FromField for i64 {
    fn text(text: Cow<'_, str>) -> Option<Self> {
        text.parse().ok()
    }

    fn integer(number: i64) -> Option<Self> {
        Some(number)
    }
}

/// The elements that can be read; unreadable if there are others.
impl<T: FromField> FromField for Vec<T> {
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Read<Self>, A::Error> {
        let (mut elements, mut is_readable) = (Self::new(), true);
        while let Some(element) = list.next_element_seed(Value::default())? {
            is_readable &= element.value.is_some();
            elements.extend(element.value);
        }
        Ok(Read { value: Some(elements), is_readable })
    }
}

/// Reads any JSON value as a field.
pub(crate) struct Value<T>(PhantomData<T>);

impl<T> Default for Value<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: FromField> DeserializeSeed<'de> for Value<T> {
    type Value = Read<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Read<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: FromField> Visitor<'de> for Value<T> {
    type Value = Read<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Read<T>, E> {
        Ok(Read { value: None, is_readable: true })
    }

    fn visit_bool<E>(self, value: bool) -> Result<Read<T>, E> {
        Ok(Read::of(T::bool(value)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Read<T>, E> {
        Ok(Read::of(T::integer(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Read<T>, E> {
        Ok(Read::of(match i64::try_from(number) {
            Ok(number) => T::integer(number),
            Err(_) => T::text(number.to_string().into()),
        }))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Read<T>, E> {
        INEXACT.set(true);
        Ok(Read::of(T::text(number.to_string().into())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Read<T>, E> {
        Ok(Read::of(T::text(Cow::Borrowed(text))))
    }

    fn visit_string<E>(self, text: String) -> Result<Read<T>, E> {
        Ok(Read::of(T::text(Cow::Owned(text))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Read<T>, A::Error> {
        T::list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Read<T>, A::Error> {
        T::object(object)
    }
}

/// A field of a row: absent, or what was read.
pub(crate) struct Field<T> {
    pub value: Option<T>,
    pub is_readable: bool,
    is_present: bool,
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self { value: None, is_readable: true, is_present: false }
    }
}

impl<T: FromField + PartialEq> Field<T> {
    /// Reads the next value of the map. A field that is there twice with different values is unreadable: it is unknown
    /// which of them counts.
    pub fn read<'de, A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<(), A::Error> {
        let read = map.next_value_seed(Value::default())?;
        let is_the_same = !self.is_present || (self.is_readable && read.is_readable && self.value == read.value);
        *self = if is_the_same {
            Self { value: read.value, is_readable: read.is_readable, is_present: true }
        } else {
            Self { value: None, is_readable: false, is_present: true }
        };
        Ok(())
    }
}

/// A row: an object of an answer.
pub(crate) trait Row: Sized {
    /// Reads the object to its end. `None` if it has no readable id.
    fn read<'de, A: MapAccess<'de>>(object: &mut A) -> Result<Option<Self>, A::Error>;
}

/// Reads any JSON value as a row. `None` if it is not one or has no readable id.
pub(crate) struct AnyRow<T>(PhantomData<T>);

impl<T> Default for AnyRow<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// A row that any value can be, because nothing else is expected in its place.
struct Whole<T>(T);

impl<T: Row> FromField for Whole<T> {
    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Read<Self>, A::Error> {
        Ok(Read::of(T::read(&mut object)?.map(Whole)))
    }
}

impl<'de, T: Row> DeserializeSeed<'de> for AnyRow<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        let inexact_before = INEXACT.get();
        let read = Value::<Whole<T>>::default().deserialize(deserializer)?;
        // A number in the place of a row is left out, whatever its digits.
        if read.value.is_none() {
            INEXACT.set(inexact_before);
        }
        Ok(read.value.map(|Whole(row)| row))
    }
}

/// Deserializes one row on its own.
pub(crate) fn deserialize<'de, T: Row, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Object<T>(PhantomData<T>);

    impl<'de, T: Row> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<T, A::Error> {
            T::read(&mut object)?.ok_or_else(|| A::Error::custom("an object without a readable id"))
        }
    }

    deserializer.deserialize_map(Object(PhantomData))
}

/// The fields that were there and could not be read.
pub(crate) fn unreadable<const N: usize>(fields: [(&'static str, bool); N]) -> Unreadable {
    // Nearly every row is readable.
    if fields.iter().all(|(_, is_readable)| *is_readable) {
        return Unreadable::default();
    }
    fields.into_iter().filter(|(_, is_readable)| !is_readable).map(|(name, _)| name).collect()
}

/// Declares the fields of a row as Workato names them, and reads them into a struct of this name. The row's type is
/// made from it by a function that returns `None` if there is no readable id.
macro_rules! row {
    ($fields:ident => $row:ty { $($(#[$attribute:meta])* $name:ident: $type:ty),* $(,)? } by $make:expr) => {
        #[derive(Default)]
        struct $fields {
            $($name: $crate::row::Field<$type>),*
        }

        impl $fields {
            #[allow(dead_code, reason = "not every row says which of its fields are unreadable")]
            fn unreadable(&self) -> $crate::Unreadable {
                $crate::row::unreadable([$((stringify!($name), self.$name.is_readable)),*])
            }
        }

        impl $crate::row::Row for $row {
            fn read<'de, A: ::serde::de::MapAccess<'de>>(object: &mut A) -> Result<Option<Self>, A::Error> {
                #[derive(::serde::Deserialize)]
                #[serde(field_identifier)]
                #[allow(non_camel_case_types, reason = "these are the names of the fields")]
                enum Name {
                    $($(#[$attribute])* $name,)*
                    #[serde(other)]
                    Other,
                }
                let mut fields = $fields::default();
                while let Some(key) = object.next_key()? {
                    match key {
                        $(Name::$name => fields.$name.read(object)?,)*
                        Name::Other => drop(object.next_value::<::serde::de::IgnoredAny>()?),
                    }
                }
                let make: fn($fields) -> Option<Self> = $make;
                Ok(make(fields))
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $row {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::row::deserialize(deserializer)
            }
        }
    };
}

/// Lets a row be the value of a field.
macro_rules! row_as_field {
    ($row:ty) => {
        impl $crate::row::FromField for $row {
            fn object<'de, A: ::serde::de::MapAccess<'de>>(mut object: A) -> Result<$crate::row::Read<Self>, A::Error> {
                let value = <$row as $crate::row::Row>::read(&mut object)?;
                Ok($crate::row::Read { is_readable: value.is_some(), value })
            }
        }
    };
}

pub(crate) use {row, row_as_field};
