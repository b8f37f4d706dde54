//! Tells the server the browser's offset from UTC in the cookie `zone`, so that pages come with the reader's times and do
//! not change after loading. A page that was drawn with another offset, such as the first one, is corrected here.
//!
//! The contract with the server: times are drawn at the offset of the cookie, or in UTC without one.
//! - `<time datetime="2026-11-22T02:00:00Z" data-absolute>`: its text is "22 Nov 2026, 02:00".
//! - `<span data-zone>`: its text is the zone, such as "UTC+1".
//!
//! One offset holds for a whole page, also for times on the other side of a clock change: the page names it.

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::Element;

use super::dom;

const NAME: &str = "zone";
/// How long a browser keeps its offset, in seconds.
const LENGTH: u32 = 400 * 24 * 60 * 60;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub(super) fn start() {
    let offset = offset_minutes();
    if reported() != Some(offset) {
        report(offset);
        correct(offset);
    }
}

/// Minutes east of UTC, now.
fn offset_minutes() -> i32 {
    // JavaScript counts westwards, in whole minutes.
    #[allow(clippy::cast_possible_truncation, reason = "at most a day of minutes")]
    let west = js_sys::Date::new_0().get_timezone_offset() as i32;
    -west
}

/// The offset that the server drew this page with, if this browser has reported one.
fn reported() -> Option<i32> {
    let cookies = js_sys::Reflect::get(&document(), &JsValue::from_str("cookie")).ok()?.as_string()?;
    let value = cookies.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name.trim_start_matches("__Host-") == NAME).then(|| value.to_owned())
    })?;
    value.parse().ok()
}

/// A browser that keeps no cookies is shown UTC, corrected on each page.
fn report(offset: i32) {
    let is_https = window().location().protocol().is_ok_and(|protocol| protocol == "https:");
    let (prefix, secure) = if is_https { ("__Host-", "; Secure") } else { ("", "") };
    let cookie = format!("{prefix}{NAME}={offset}; Path=/; Max-Age={LENGTH}; SameSite=Lax{secure}");
    let _set = js_sys::Reflect::set(&document(), &JsValue::from_str("cookie"), &JsValue::from_str(&cookie));
}

fn correct(offset: i32) {
    for time in dom::all::<Element>("time[data-absolute]") {
        let Some(instant) = time.get_attribute("datetime") else { continue };
        let shifted = js_sys::Date::parse(&instant) + f64::from(offset) * 60_000.0;
        let date = js_sys::Date::new(&JsValue::from_f64(shifted));
        let month = usize::try_from(date.get_utc_month()).ok().and_then(|month| MONTHS.get(month));
        // There is no month if the time cannot be parsed.
        let Some(month) = month.filter(|_| !shifted.is_nan()) else { continue };
        let (day, year) = (date.get_utc_date(), date.get_utc_full_year());
        let (hours, minutes) = (date.get_utc_hours(), date.get_utc_minutes());
        time.set_text_content(Some(&format!("{day} {month} {year}, {hours:02}:{minutes:02}")));
    }
    for name in dom::all::<Element>("[data-zone]") {
        name.set_text_content(Some(&zone_name(offset)));
    }
}

/// As `wording::times::zone_name` writes it.
fn zone_name(offset: i32) -> String {
    let sign = if offset < 0 { "−" } else { "+" };
    match (offset.abs() / 60, offset.abs() % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}
