//! `/design`: every component with its states, in the demo only. The browser tests compare its picture with the one that
//! was approved.

use leptos::prelude::*;
use portal::Error;

use crate::{
    components::{
        ButtonLink, ChoiceField, CollapsedForm, Danger, Field, Frame, Glyph, Icon, Page, Pager, Radio, RadioField,
        Rendered, Tone, View, badge, card, danger_zone, dash, day_chart, day_table, empty, filter_chip, icon,
        large_monogram, monogram, note, note_with_act, notice, page, person_monogram, popover, production_badge,
        progress, remark, standing_notice, state, strip, toned_glyph, view_tabs,
    },
    context,
    islands::{CopyButton, SubmitOnce},
    query::Query,
    wording::home::Day,
};

/// Where links lead.
const HERE: &str = "/design";

#[component]
pub fn DesignPage() -> impl IntoView {
    page(design())
}

async fn design() -> Result<Rendered, Error> {
    if !context::services().is_demo {
        return Err(Error::NotFound);
    }
    let parts = [
        card("d-buttons", "Buttons", buttons()),
        card("d-states", "States", states()),
        card("d-badges", "Badges and monograms", badges()),
        card("d-notices", "Notices", notices()),
        card("d-lists", "Tabs, chips, table, pager", lists()),
        card("d-facts", "Facts and time line", facts()),
        card("d-fields", "Fields", fields()),
        card("d-disclosures", "Disclosures and dialogs", disclosures()),
        card("d-charts", "Charts", charts()),
        card("d-icons", "Icons", icons()),
    ];
    Ok(Frame::signed_in()?.with_teams().await?.title("Design").render(view! {
        <div class="head"><h1>"Design"</h1></div>
        <p class="t2">"Each component of the portal in each of its states. Nothing on this page does anything."</p>
        {parts.collect_view()}
    }))
}

fn buttons() -> impl IntoView {
    view! {
        <p class="row">
            <button type="button" class="btn primary">{icon(Icon::Plus)}"Primary"</button>
            <button type="button" class="btn">"Plain"</button>
            <button type="button" class="btn quiet">{icon(Icon::Columns)}"Quiet"</button>
            <button type="button" class="btn danger">{icon(Icon::Trash)}"Danger"</button>
            <button type="button" class="btn danger solid">"Danger, last step"</button>
            <button type="button" class="btn back">{icon(Icon::Undo)}"Roll back"</button>
            <button type="button" class="btn back solid">"Roll back, last step"</button>
        </p>
        <p class="row">
            <button type="button" class="btn sm">"Small"</button>
            <button type="button" class="btn" aria-disabled="true">"Not now"</button>
            <button type="button" class="btn primary" aria-disabled="true" aria-busy="true">"Working…"</button>
            <ButtonLink href=HERE>"A link"</ButtonLink>
            <SubmitOnce label="Submits once" class=""/>
            <button type="button" class="icon-btn" aria-label="Refresh">{icon(Icon::Refresh)}</button>
            <CopyButton text="text" label="Copy"/>
        </p>
    }
}

fn states() -> impl IntoView {
    let states = [
        (Glyph::Ok, Tone::Good, "Connected"),
        (Glyph::Bad, Tone::Bad, "Sign-in expired"),
        (Glyph::Exc, Tone::Warn, "Access removed"),
        (Glyph::Unk, Tone::Warn, "Outcome unknown"),
        (Glyph::Wait, Tone::Warn, "Waiting"),
        (Glyph::Lag, Tone::Info, "Update available"),
        (Glyph::Flag, Tone::Warn, "Flagged"),
        (Glyph::Out, Tone::Warn, "Outside the portal"),
        (Glyph::Check, Tone::Good, "Reviewed"),
        (Glyph::None, Tone::None, "Never connected"),
    ];
    view! { <p class="row">{states.map(|(glyph, tone, words)| state(glyph, tone, words)).collect_view()}</p> }
}

fn badges() -> impl IntoView {
    view! {
        <p class="row">
            {badge(Tone::None, "Latest")}
            {badge(Tone::Good, "Customers get this")}
            {badge(Tone::Info, "Update available")}
            {badge(Tone::Warn, "Expires soon")}
            {badge(Tone::Bad, "Rejected by Workato")}
            {production_badge()}
            <span class="tag blue">"emea"</span>
            <span class="tag">"no colour"</span>
            <kbd>"Ctrl"</kbd><kbd>"K"</kbd>
        </p>
        <p class="row">
            {["Salesforce", "NetSuite", "Stripe", "Slack", "Workday", "Jira", "SAP", "Zuora"].map(|name| monogram(name, name)).collect_view()}
            {person_monogram("Olga Petrova")}
            {large_monogram("Adyen Settlement", "adyen")}
        </p>
    }
}

fn notices() -> impl IntoView {
    let tones = [
        (Tone::Good, "Version 8 of Adyen Settlement is shared. Customers receive it now."),
        (Tone::Info, "Sent. Workato hasn't answered yet."),
        (Tone::Warn, "Workato didn't answer. Check the connection there before you try again."),
        (Tone::Bad, "Workato refused: the connection is used by 3 active recipes. Nothing changed."),
        (Tone::None, "This token is 91 days old. Replace tokens every 90 days."),
    ];
    view! {
        {tones.map(|(tone, words)| notice(tone, view! { <p>{words}</p> })).collect_view()}
        {standing_notice(Tone::Info, view! { <p>"A standing notice is about something that lasts."</p> })}
        {remark(Tone::Info, view! { <p>"A remark is next to what it is about."</p> })}
        {note(Tone::Good, Glyph::Ok, "A note has a shape.")}
        {note(Tone::Info, Glyph::Wait, "Another operator has to approve this.")}
        {note_with_act(
            Tone::Warn,
            Glyph::Out,
            "Changed outside the portal 1 h ago.",
            view! { <ButtonLink href=HERE small=true>"Review change"</ButtonLink> }.into_any(),
        )}
        {note(Tone::Bad, Glyph::Bad, "Sign in again. Recipes that use this connection fail until then.")}
        {empty("No connections match these filters.")}
    }
}

fn lists() -> impl IntoView {
    let view = |name, count, is_current| View::of_everyone(name, HERE.to_owned(), count, is_current);
    let tabs = view_tabs(vec![
        view("All", Some(1_284), true),
        view("Broken", Some(12), false).bad(),
        view("Never connected", None, false),
    ]);
    let rows = [
        ("Acme Salesforce", "Salesforce", state(Glyph::Ok, Tone::Good, "Connected")),
        ("Globex billing, whose name is so long that no column has room for all of it", "Stripe", broken()),
        ("Initech", "NetSuite", state(Glyph::None, Tone::None, "Never connected")),
    ];
    let rows = rows.map(|(name, application, status)| {
        view! {
            <tr>
                <th scope="row" class="c-name" title=name><span class="nm">{monogram(application, application)}<a href=HERE>{name}</a></span></th>
                <td class="c-status">{status}</td>
                <td class="c-app">{application}</td>
                <td>{dash()}</td>
            </tr>
        }
    });
    view! {
        {tabs}
        <p class="row">{filter_chip("Status: Failed", HERE)}{filter_chip("Folder: EMEA", HERE)}</p>
        <table class="data t-conn">
            <caption>"Example rows"</caption>
            <thead>
                <tr>
                    <th scope="col" class="c-name" aria-sort="ascending"><a href=HERE>"Name"{icon(Icon::Up)}</a></th>
                    <th scope="col" class="c-status"><a href=HERE>"Status"</a></th>
                    <th scope="col">"Application"</th>
                    <th scope="col">"Folder"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        <Pager page=Page { number: 2, of: 26, size: 50, total: 1_284 } path=HERE query=Query::default()/>
    }
}

fn broken() -> AnyView {
    view! {
        <div class="state">
            <button type="button" class=Tone::Bad.class() popovertarget="d-broken">
                {toned_glyph(Glyph::Bad, Tone::Bad)}<span>"Sign-in expired"</span>{icon(Icon::Down)}
            </button>
        </div>
        {popover("d-broken".to_owned(), "Sign-in expired".to_owned(), view! { <p>"Connect it again in Workato."</p><pre>"invalid_grant"</pre> })}
    }
    .into_any()
}

fn facts() -> impl IntoView {
    let small = |words: &'static str| Some(words.into_any());
    view! {
        {strip(vec![
            ("Status", state(Glyph::Ok, Tone::Good, "Connected"), small("since 14 Nov 2026")),
            ("Shared version", "7".into_any(), small("8 is newer")),
            ("Folder", dash(), None),
        ])}
        <dl class="facts">
            <dt>"Application"</dt><dd>"Salesforce"</dd>
            <dt>"ID"</dt><dd><span class="id">"connection-36"</span></dd>
            <dt>"External ID"</dt><dd>{dash()}</dd>
        </dl>
        <ol class="line">
            <li>{toned_glyph(Glyph::Ok, Tone::Good)}<span>"Olga shared version 7"</span><span class="t3 xs">"14 Nov 2026"</span><span class="sub">"PAY-1042: settlement report"</span></li>
            <li>{toned_glyph(Glyph::Bad, Tone::Bad)}<span>"Olga tried to delete the connection"</span><span class="t3 xs">"13 Nov 2026"</span><span class="sub">"Refused by Workato"</span></li>
            <li>{toned_glyph(Glyph::Unk, Tone::Warn)}<span>"Sam suppressed Adyen Settlement"</span><span class="t3 xs">"12 Nov 2026"</span><span class="sub">"Outcome unknown"</span></li>
        </ol>
    }
}

fn fields() -> impl IntoView {
    let choice = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    view! {
        <div class="fields">
            <Field label="Name" name="d-name" value="Acme Salesforce" required=true hint="As customers see it."/>
            <Field label="Email" name="d-email" kind="email" value="olga@" required=true problem=Some("Enter an email address, such as olga@example.com.".to_owned())/>
            <ChoiceField label="Folder" name="d-folder" none="Any" choices=vec![choice("1", "EMEA"), choice("2", "Americas")] chosen="2"/>
            <RadioField
                legend="Send checkpoints to"
                name="d-radio"
                radios=vec![
                    Radio { value: "a", label: "A folder".to_owned(), hint: "On another machine.".to_owned() },
                    Radio { value: "b", label: "An address".to_owned(), hint: "That other people control.".to_owned() },
                ]
                chosen="b"
                problem=None
            />
            <p class="field check"><input type="checkbox" id="d-check" checked/><label for="d-check">"Production"</label></p>
        </div>
    }
}

fn disclosures() -> impl IntoView {
    view! {
        {CollapsedForm { id: "d-closed", title: "A form that is rarely needed", open: false, form: ().into_any() }.render()}
        {CollapsedForm { id: "d-open", title: "The same, open", open: true, form: view! { <p>"Its form."</p> }.into_any() }.render()}
        {danger_zone(vec![Danger {
            id: "d-delete",
            title: "Delete",
            what: "Workato can't undo this.".to_owned(),
            icon: Icon::Trash,
            verb: "Delete connection",
            open: false,
            form: ().into_any(),
        }])}
    }
}

fn charts() -> impl IntoView {
    const CHANGES: [(i64, i64, i64); 7] = [(3, 0, 0), (6, 1, 0), (0, 0, 0), (4, 2, 1), (9, 0, 0), (2, 0, 2), (5, 1, 0)];
    let days = CHANGES.into_iter().zip(14..).map(|((succeeded, failed, unknown), day)| Day {
        name: format!("{day} Nov"),
        succeeded,
        failed,
        unknown,
    });
    let days: Vec<_> = days.collect();
    view! {
        <div class="fields">{day_chart(&days, "Changes a day: 29 succeeded, 4 failed, 3 unknown".to_owned())}
        {day_table(&days, "Changes a day")}</div>
        {[0, 2, 5].map(|done| progress(done, 5)).collect_view()}
    }
}

fn icons() -> impl IntoView {
    view! {
        <p class="row">{Icon::ALL.iter().map(|of| icon(*of)).collect_view()}</p>
        <p class="row">{Glyph::ALL.iter().map(|of| toned_glyph(*of, Tone::None)).collect_view()}</p>
    }
}
