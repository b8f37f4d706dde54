//! Shows the page's times in the reader's time zone. The server renders them in UTC, which is readable without
//! JavaScript.
//!
//! The contract is `<time datetime="2026-11-22T02:00:00Z">`:
//! - The tooltip (`title`) becomes the local time, followed by UTC. A relative text ("2 h ago") stays.
//! - With `data-absolute`, the text becomes the local time, too.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// Renders nothing. A page needs only one.
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

/// "22 Nov 2026, 03:00:00 CET": in English, in the reader's time zone, with seconds if `exact`.
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
    // Cannot fail: `options` is a plain object that this module created.
    let _set = js_sys::Reflect::set(options, &name.into(), &value.into());
}
