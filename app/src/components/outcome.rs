//! The status of an operation as a shape, a colour and a word.

use leptos::prelude::*;

use crate::{operation_status::OperationStatus, wording::outcomes};

#[component]
pub fn OutcomePill(status: OperationStatus) -> impl IntoView {
    let (shape, class) = shape_and_class(status);
    view! {
        <span class=class>
            <svg aria-hidden="true"><use href=shape></use></svg>
            {outcomes::status(status)}
        </span>
    }
}

/// The id of the shape, which the frame defines, and the CSS class of the colour.
fn shape_and_class(status: OperationStatus) -> (&'static str, &'static str) {
    match status {
        OperationStatus::Succeeded => ("#s-ok", "status ok"),
        OperationStatus::Rejected | OperationStatus::Failed => ("#s-bad", "status bad"),
        OperationStatus::Unknown | OperationStatus::Waiting => ("#s-unk", "status warn"),
        OperationStatus::Denied => ("#s-exc", "status none"),
        OperationStatus::NotRecorded => ("#s-none", "status none"),
    }
}
