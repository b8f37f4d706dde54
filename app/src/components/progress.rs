//! How much of something is done, as a bar. Words beside it say the same.

use leptos::prelude::*;

const WIDTH: usize = 200;

pub fn progress(done: usize, all: usize) -> AnyView {
    let width = (done.min(all) * WIDTH / all.max(1)).to_string();
    view! {
        <svg class="meter" viewBox="0 0 200 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class="f-none" width="200" height="6"></rect>
            <rect class="f-ok" width=width height="6"></rect>
        </svg>
    }
    .into_any()
}
