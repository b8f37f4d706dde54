//! The SVG shapes of statuses, defined once a page and used by id. A status differs in shape and colour, because not
//! everybody sees colours.

use leptos::prelude::*;

#[component]
pub fn StatusShapes() -> impl IntoView {
    view! {
        <svg class="shapes" width="0" height="0" aria-hidden="true">
            <defs>
                <symbol id="s-ok" viewBox="0 0 12 12"><circle cx="6" cy="6" r="5" fill="currentColor"/></symbol>
                <symbol id="s-bad" viewBox="0 0 12 12"><path d="M6 .8 11.6 11H.4z" fill="currentColor"/></symbol>
                <symbol id="s-exc" viewBox="0 0 12 12">
                    <rect x="1.2" y="1.2" width="9.6" height="9.6" rx="1.5" fill="currentColor"/>
                </symbol>
                <symbol id="s-check" viewBox="0 0 12 12">
                    <path d="M1.5 6.5 4.5 9.5 10.5 2.5" fill="none" stroke="currentColor" stroke-width="1.8"/>
                </symbol>
                <symbol id="s-flag" viewBox="0 0 12 12">
                    <path d="M2.5 11.5V1" fill="none" stroke="currentColor" stroke-width="1.6"/>
                    <path d="M2.5 1.2h8L8.4 4l2.1 2.8h-8z" fill="currentColor"/>
                </symbol>
                <symbol id="s-none" viewBox="0 0 12 12">
                    <circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="2.4 2"/>
                </symbol>
                <symbol id="s-unk" viewBox="0 0 12 12">
                    <circle cx="6" cy="6" r="5.2" fill="none" stroke="currentColor" stroke-width="1.4"/>
                    <path
                        d="M4.4 4.6c0-2 3.2-2 3.2 0C7.6 6 6 5.9 6 7.2M6 8.6v.6"
                        fill="none"
                        stroke="currentColor"
                        stroke-width="1.3"
                    />
                </symbol>
            </defs>
        </svg>
    }
}
