//! The forms: which connector is the counterpart, and promoting a version to it.

use std::collections::BTreeSet;

use leptos::prelude::*;
use portal::{
    code::Compared,
    impact::{CustomersRecipes, Known},
    promotions::Source,
    teams::Guarded,
};
use workato::Connector;

use super::between::Between;
use crate::{
    components::{
        Choice, Field, Glyph, ReasonField, SelectField, by_name, code_compared, connector_impact, connector_name,
        glyph, problem_summary,
    },
    forms::{
        names::{PAIR_CONNECTORS, PROMOTE_CONNECTOR},
        refused,
    },
    islands::SubmitOnce,
    wording::promotions as words,
};

/// Which connector of the other team is the counterpart, with those of a similar name first.
pub fn pair(between: &Between<'_>, source: &Source, alike: &[Connector], all: &[Connector]) -> AnyView {
    let refused = refused(PAIR_CONNECTORS);
    let (from, to) = (&between.from.team().name, &between.to.team().name);
    let intro = view! {
        <h2 id="pair">"Counterpart"</h2>
        <p>{words::not_paired(&connector_name(&source.connector), to)}</p>
    };
    if !between.may_promote() {
        return view! {
            <section class="panel" aria-labelledby="pair">{intro}<p>{words::needs_both(from, to)}</p></section>
        }
        .into_any();
    }
    let option = |one: &Connector| -> Choice { (one.id.to_string(), format!("{} ({})", connector_name(one), one.id)) };
    let rest = all.iter().filter(|one| alike.iter().all(|near| near.id != one.id));
    let new = ("new".to_owned(), "Create a new connector".to_owned());
    let options: Vec<Choice> = alike.iter().map(option).chain([new]).chain(rest.map(option)).collect();
    let first = options.first().map(|(value, _)| value.clone()).unwrap_or_default();
    let hint = if alike.is_empty() { words::NO_SUGGESTION } else { words::SUGGESTED };
    view! {
        <section class="panel" aria-labelledby="pair">
            {intro}
            <form class="fields" method="post" action="/api/fn/pair_connectors" aria-label="Counterpart">
                {between.fields()}
                <SelectField
                    label=format!("Connector in {to}")
                    name="counterpart"
                    options=options
                    chosen=refused.value("counterpart", &first)
                    hint=hint
                    problem=refused.problem("counterpart")
                />
                <SubmitOnce label="Confirm counterpart" class="primary"/>
            </form>
        </section>
    }
    .into_any()
}

/// What would be promoted, and the form. Without a counterpart, it is created.
pub fn promote(
    between: &Between<'_>,
    source: &Source,
    paired: Option<(&Connector, Option<Compared>)>,
    customers: Option<&Known<CustomersRecipes>>,
    guarded: &BTreeSet<Guarded>,
) -> AnyView {
    let (from, to) = (between.from.team(), between.to.team());
    let version = source.version;
    let draft = source.has_newer_draft.then(|| {
        view! { <p class="note warn">{glyph(Glyph::Exc)}<span>{words::newer_draft(version, &from.name)}</span></p> }
    });
    let code = match &paired {
        None => view! { <p class="sm">{words::creates(&connector_name(&source.connector), &to.name)}</p> }.into_any(),
        Some((_, None)) => view! { <p class="sm t2">{words::unreadable_code(&to.name)}</p> }.into_any(),
        Some((_, Some(Compared::Same))) => view! { <p class="sm">{words::same_code(&to.name)}</p> }.into_any(),
        Some((_, Some(compared))) => {
            code_compared(compared, &words::code_title(&to.name, version), &words::code_shown(&from.name))
        }
    };
    let impact = paired.as_ref().zip(customers).map(|((paired, _), customers)| connector_impact(customers, paired));
    let form = match between.may_promote() {
        true => form(between, source, paired.is_none(), guarded),
        false => view! { <p>{words::needs_both(&from.name, &to.name)}</p> }.into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="what">
            <h2 id="what">{format!("Version {version} of {}", from.name)}</h2>
            {draft}
            {code}
            {impact}
            {form}
        </section>
    }
    .into_any()
}

fn form(between: &Between<'_>, source: &Source, creates: bool, guarded: &BTreeSet<Guarded>) -> AnyView {
    let refused = refused(PROMOTE_CONNECTOR);
    let to = between.to.team();
    let note = source.connector.released(source.version).and_then(|released| released.version_note.clone());
    let reason = ReasonField { refused: &refused, team: to, destructive: false, id: "reason".to_owned(), initial: "" };
    let is_shared = refused.is_empty() || refused.typed("share") == Some("yes");
    let waits = guarded.contains(&Guarded::Share).then(|| {
        view! { <p class="note">{glyph(Glyph::Wait)}<span>{words::share_waits(&to.name)}</span></p> }
    });
    let create = creates.then(|| view! { <input type="hidden" name="create" value="yes"/> });
    view! {
        // The portal shows problems beside the fields.
        <form class="form" method="post" action="/api/fn/promote_connector" aria-label="Promote" novalidate>
            {problem_summary(&refused, by_name(["note", "reason"]))}
            {between.fields()}
            {create}
            <input type="hidden" name="operation" value=refused.operation().to_string()/>
            <input type="hidden" name="version" value=source.version.to_string()/>
            <input type="hidden" name="sha256" value=source.sha256.clone()/>
            <Field
                label="Release note"
                name="note"
                value=refused.value("note", note.as_deref().unwrap_or_default())
                autocomplete="off"
                hint=words::NOTE_HINT
                problem=refused.problem("note")
            />
            <div class="check">
                <input type="checkbox" id="share" name="share" value="yes" checked=is_shared aria-describedby="share-hint"/>
                <label for="share">"Share the new version with customers"</label>
                <p class="hint" id="share-hint">{words::SHARE_HINT}</p>
            </div>
            {waits}
            {reason.render()}
            <p class="acts"><SubmitOnce label="Promote" class="primary"/></p>
        </form>
    }
    .into_any()
}
