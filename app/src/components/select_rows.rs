//! Choosing rows of a list for a job: a check box in each row, and a button that opens the form that they belong to. It also
//! takes everything that the filter matches. It works without JavaScript.

use leptos::prelude::*;
use maud::{Markup, html};
use portal::{jobs::Act, upstream::Names};

use super::{Choice, ChoiceField, Field, Icon, SelectField, icon};
use crate::{
    forms::{self, names::DRY_RUN},
    islands::SubmitOnce,
    query::Query,
    wording::{jobs, numbers::grouped},
};

/// The form's id, by which check boxes belong to it.
const FORM: &str = "many";

/// The check box of a row.
pub fn pick(id: &str, name: &str) -> AnyView {
    view! {
        <td class="c-pick">
            <input type="checkbox" class="box" name="items[]" value=id.to_owned() form=FORM aria-label=format!("Select {name}")/>
        </td>
    }
    .into_any()
}

/// The same, for rows that are written as text.
pub fn pick_markup(id: &str, name: &str, has_class: bool) -> Markup {
    html! {
        td class=[has_class.then_some("c-pick")] {
            input type="checkbox" class="box" name="items[]" value=(id) form=(FORM) aria-label={ "Select " (name) };
        }
    }
}

/// The heading of the column of check boxes.
pub fn pick_heading() -> AnyView {
    view! { <th scope="col" class="c-pick"><span class="vh">"Select"</span></th> }.into_any()
}

/// The button above the list that opens the form.
pub fn change_many_button() -> AnyView {
    view! {
        <button type="button" class="btn sm several" popovertarget=FORM>
            {icon(Icon::List)}<span>"Change several"</span>
        </button>
    }
    .into_any()
}

/// The form, before it is rendered.
pub struct ChangeMany<'a> {
    pub team: &'a str,
    /// The URL of the list.
    pub page: String,
    /// The list's filter.
    pub filter: Query,
    pub acts: &'a [Act],
    /// How many rows the whole list has.
    pub total: usize,
    /// The tags and folders to choose from.
    pub names: Option<&'a Names>,
}

impl ChangeMany<'_> {
    pub fn render(self) -> AnyView {
        if self.total == 0 {
            return ().into_any();
        }
        let refused = forms::refused(DRY_RUN);
        let acts: Vec<Choice> = self.acts.iter().map(|act| (act.to_string(), jobs::act(*act).to_owned())).collect();
        let first = acts.first().map(|(value, _)| value.clone()).unwrap_or_default();
        let scopes = vec![
            ("rows".to_owned(), "Selected rows".to_owned()),
            ("all".to_owned(), format!("All {} that match", grouped(self.total))),
        ];
        let filter: Vec<_> = self
            .filter
            .pairs()
            .map(|(name, value)| view! { <input type="hidden" name=format!("filter[{name}]") value=value.to_owned()/> })
            .collect();
        let extra = self.names.map(|names| {
            let tags =
                names.tags.iter().map(|tag| (tag.handle.to_string(), names.tag(&tag.handle).to_owned())).collect();
            let folders = names.folders.iter().map(|(id, path)| (id.to_string(), path.clone())).collect();
            let tag = one_of("Tag to add or remove", "tag", tags, refused.value("tag", ""), refused.problem("tag"));
            let folder =
                one_of("Folder to move to", "folder", folders, refused.value("folder", ""), refused.problem("folder"));
            view! { {tag}{folder} }
        });
        let problem = refused.problem("items").map(|problem| view! { <p class="problem" role="alert">{problem}</p> });
        // A form with problems stands open.
        let (class, popover) = match refused.is_empty() {
            true => ("many pop wide from-below", Some("auto")),
            false => ("many card card-body", None),
        };
        view! {
            <form
                class=class
                id=FORM
                popover=popover
                method="post"
                action="/api/fn/dry_run"
                aria-label="Change several at once"
            >
                <input type="hidden" name="team" value=self.team.to_owned()/>
                <input type="hidden" name="page" value=self.page/>
                {filter}
                <SelectField label="Apply to" name="scope" options=scopes chosen=refused.value("scope", "rows")/>
                <SelectField
                    label="Action"
                    name="act"
                    options=acts
                    chosen=refused.value("act", &first)
                    problem=refused.problem("act")
                />
                {extra}
                {problem}
                <p class="hint">"Nothing is sent yet: the dry run shows what would happen to each item."</p>
                <p class="acts"><SubmitOnce label="Dry run" class="primary"/></p>
            </form>
        }
        .into_any()
    }
}

/// A choice, or a text field if there is nothing to choose from. The list's filter has fields of the same names.
fn one_of(
    label: &'static str,
    name: &'static str,
    choices: Vec<Choice>,
    chosen: String,
    problem: Option<String>,
) -> AnyView {
    let id = format!("{FORM}-{name}");
    if choices.is_empty() {
        return view! { <Field label=label name=name id=id value=chosen problem=problem unmarked=true/> }.into_any();
    }
    view! { <ChoiceField label=label name=name id=id none="–" choices=choices chosen=chosen problem=problem/> }
        .into_any()
}
