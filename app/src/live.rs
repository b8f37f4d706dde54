//! What differs each time a page is sent although nothing else has changed: its nonce, and how long ago something was. A page
//! is drawn with marks in their places. A mark begins with the nonce of the drawing, which nobody can guess, so that no name
//! or reason can look like one.

use std::{fmt::Write, ops::Range};

use leptos::nonce::use_nonce;
use time::{OffsetDateTime, UtcOffset};

use crate::{short::short, wording::times};

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    Ago,
    Age,
}

impl Wording {
    const ALL: [Self; 2] = [Self::Ago, Self::Age];

    const fn letter(self) -> char {
        match self {
            Self::Ago => 'a',
            Self::Age => 's',
        }
    }

    fn words(self, at: OffsetDateTime, now: OffsetDateTime, zone: UtcOffset) -> String {
        match self {
            Self::Ago => times::ago(at, now, zone),
            Self::Age => times::age(at, now, zone),
        }
    }
}

/// The mark for a time. Its words, if this is no page.
pub fn time(wording: Wording, at: OffsetDateTime, now: OffsetDateTime, zone: UtcOffset) -> String {
    match use_nonce() {
        Some(nonce) => format!("{nonce}.{}{}.", wording.letter(), at.unix_timestamp_nanos()),
        None => wording.words(at, now, zone),
    }
}

/// A page without what differs each time.
#[derive(Debug)]
pub struct Template {
    html: String,
    /// Where in `html` something is missing, and what.
    missing: Vec<(usize, Missing)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    Nonce,
    Time(Wording, OffsetDateTime),
}

impl Template {
    /// The page that was drawn with this nonce.
    pub fn of(drawn: &str, nonce: &str) -> Self {
        let drawn = &short(drawn);
        let mut template = Self { html: String::with_capacity(drawn.len()), missing: Vec::new() };
        let mut parts = drawn.split(nonce);
        template.html.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let (missing, length) = time_of(part).unwrap_or((Missing::Nonce, 0));
            template.missing.push((template.html.len(), missing));
            template.html.push_str(&part[length..]);
        }
        template
    }

    /// The page as it is sent now.
    pub fn page(&self, nonce: &str, now: OffsetDateTime, zone: UtcOffset) -> String {
        let mut page = String::with_capacity(self.html.len() + self.missing.len() * 24);
        let mut written = 0;
        for (at, missing) in &self.missing {
            page.push_str(self.part(written..*at));
            written = *at;
            // Writing to a string never fails.
            let _written = match missing {
                Missing::Nonce => page.write_str(nonce),
                Missing::Time(wording, at) => page.write_str(&wording.words(*at, now, zone)),
            };
        }
        page.push_str(self.part(written..self.html.len()));
        page
    }

    /// How much memory it takes.
    pub fn bytes(&self) -> usize {
        self.html.capacity() + self.missing.capacity() * size_of::<(usize, Missing)>()
    }

    fn part(&self, range: Range<usize>) -> &str {
        self.html.get(range).unwrap_or_default()
    }
}

/// The time after a nonce, and how long its mark is.
fn time_of(part: &str) -> Option<(Missing, usize)> {
    let mark = part.strip_prefix('.')?;
    let (mark, _) = mark.split_once('.')?;
    let wording = Wording::ALL.into_iter().find(|wording| mark.starts_with(wording.letter()))?;
    let at = OffsetDateTime::from_unix_timestamp_nanos(mark.get(1..)?.parse().ok()?).ok()?;
    Some((Missing::Time(wording, at), mark.len() + 2))
}

#[cfg(test)]
mod tests {
    use leptos::{nonce::Nonce, prelude::*};
    use time::{Duration, UtcOffset, macros::datetime};

    use super::{Template, Wording, time};

    #[test]
    fn a_page_gets_its_nonce_and_its_times_when_it_is_sent() {
        let drawn_at = datetime!(2026-11-22 12:00 UTC);
        let owner = Owner::new();
        let (drawn, nonce) = owner.with(|| {
            let nonce = Nonce::new();
            provide_context(nonce.clone());
            let at = |wording, seconds| time(wording, drawn_at - Duration::seconds(seconds), drawn_at, UtcOffset::UTC);
            let (read, changed) = (at(Wording::Age, 12), at(Wording::Ago, 90));
            (format!("<script nonce=\"{nonce}\"></script>ñ{read}, {changed}<b nonce={nonce}>"), nonce)
        });
        let template = Template::of(&drawn, &nonce);
        assert!(!template.html.contains(&*nonce));
        let sent = |later| template.page("other", drawn_at + Duration::seconds(later), UtcOffset::UTC);
        assert_eq!(sent(0), "<script nonce=other></script>ñ12 s ago, 1 min ago<b nonce=other>");
        assert_eq!(sent(40), "<script nonce=other></script>ñ52 s ago, 2 min ago<b nonce=other>");
        assert!(template.bytes() < 1_000);
    }

    #[test]
    fn what_only_resembles_a_mark_stays() {
        for text in ["n.a", "n.a12", "n.x12.", "n.a1x.", "n.a99999999999999999999999999999999.", ".a12."] {
            let drawn = text.replace('n', "NONCE");
            assert_eq!(Template::of(&drawn, "NONCE").page("n", datetime!(2026-11-22 12:00 UTC), UtcOffset::UTC), text);
        }
    }
}
