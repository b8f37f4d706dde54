//! Puts every time of the page into the reader's own zone. The server draws times in UTC, readable without this.
//!
//! The contract is `<time datetime="2026-11-22T02:00:00Z">`:
//! - the text stays when it is relative ("2 h ago"); the tooltip (`title`) becomes the local time, UTC after it;
//! - with `data-absolute` the text too becomes the local time.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// Draws nothing; one on a page is enough.
#[island]
pub fn LocalTimes() -> impl IntoView {
    Effect::new(move |_| make_local());
}

fn make_local() {
    let Ok(times) = document().query_selector_all("time[datetime]") else { return };
    for time in (0..times.length()).filter_map(|at| times.item(at)?.dyn_into::<web_sys::Element>().ok()) {
        let Some(instant) = time.get_attribute("datetime") else { continue };
        let date = js_sys::Date::new(&JsValue::from_str(&instant));
        if date.get_time().is_nan() {
            continue;
        }
        let local = local_words(&date, true);
        let _titled = match time.get_attribute("title") {
            Some(utc) => time.set_attribute("title", &format!("{local} ({utc})")),
            None => time.set_attribute("title", &local),
        };
        if time.has_attribute("data-absolute") {
            time.set_text_content(Some(&local_words(&date, false)));
        }
    }
}

/// "22 Nov 2026, 03:00:00 CET": the words of the page's language, the reader's zone, and its name; to the second where
/// it has to be exact.
fn local_words(date: &js_sys::Date, exact: bool) -> String {
    let options = js_sys::Object::new();
    for (name, value) in [
        ("day", "numeric"),
        ("month", "short"),
        ("year", "numeric"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("hourCycle", "h23"),
        ("timeZoneName", "short"),
    ] {
        set(&options, name, value);
    }
    if exact {
        set(&options, "second", "2-digit");
    }
    date.to_locale_string("en-GB", &options).into()
}

fn set(options: &js_sys::Object, name: &str, value: &str) {
    // Cannot fail: the object is fresh, plain and ours.
    let _set = js_sys::Reflect::set(options, &name.into(), &value.into());
}
