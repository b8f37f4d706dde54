//! Closed sets of words: enums whose spelling in URLs, in SQL and in the audit log is the same.

/// Declares an enum with `as_str`, `ALL`, `Display`, `FromStr` and serde, each by the given words.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident => $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
            strum::Display, strum::EnumString, strum::VariantArray,
        )]
        #[strum(parse_err_ty = $crate::UnknownWord, parse_err_fn = Self::unknown)]
        $vis enum $name { $($(#[$vmeta])* #[serde(rename = $word)] #[strum(serialize = $word)] $variant,)+ }

        impl $name {
            /// Every word of the set, in the order of its declaration.
            $vis const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

            /// The word, as in URLs, SQL and the audit log.
            #[must_use]
            $vis const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn unknown(_text: &str) -> $crate::UnknownWord {
                $crate::UnknownWord { expected: &[$($word),+] }
            }
        }
    };
}

/// The text is not one of the words of the set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one of: {}", expected.join(", "))]
pub struct UnknownWord {
    /// The words of the set.
    pub expected: &'static [&'static str],
}
