//! `/teams/{team}/connectors`: the parts of the connector list. `portal` filters, sorts and pages it. Connectors are shared
//! and suppressed on their own pages.

mod table;

use leptos::prelude::*;
use portal::{
    Error, FieldProblems, TeamReader,
    audit::TargetType,
    connectors::{Column, Filter, FilterInput, PARAMETERS, ReleaseFilter, ViewCounts},
    jobs::Act,
    looks::Look,
    views::ViewedList,
};

use self::table::table;
use super::list::{Filters, ListUrl, Listing, Resource, list_page, with_problems};
use crate::{
    components::{
        Ago, ButtonLink, ButtonLook, ChangeMany, Choice, ChoiceField, Glyph, Search, Section, Tone, View,
        change_many_button, changes_outside, comparison, left_out_note, look_chooser, note_with_act, read_look,
        usage_age,
    },
    context,
    query::Query,
    wording::{home as words, numbers::grouped, operations::Sentence, problems},
};

/// The orders other than the default one, which the headings set on wide screens only.
const ORDERS: [(&str, &str); 13] = [
    ("-title", "title, Z to A"),
    ("gets", "updates first"),
    ("-gets", "not shared first"),
    ("-latest", "latest release, highest first"),
    ("latest", "latest release, lowest first"),
    ("-released", "newest release first"),
    ("released", "oldest release first"),
    ("-shared", "newest share first"),
    ("shared", "oldest share first"),
    ("-customers", "most customers first"),
    ("customers", "fewest customers first"),
    ("-recipes", "most active recipes first"),
    ("recipes", "fewest active recipes first"),
];
/// The choices of the filter by sharing: the value in the URL, and how it reads.
const SHARED: [(&str, &str); 2] = [("true", "shared"), ("false", "not shared")];
/// The choices of the filter by releases.
const RELEASES: [(&str, &str); 2] =
    [(ReleaseFilter::Behind.as_str(), "update available"), (ReleaseFilter::None.as_str(), "never released")];

#[component]
pub fn ConnectorsPage() -> impl IntoView {
    list_page::<Connectors>()
}

struct Connectors {
    input: FilterInput,
    look: Look<Column>,
    look_problems: FieldProblems,
}

impl Resource for Connectors {
    const SECTION: Section = Section::Connectors;
    const HEADING: &'static str = "Connectors";
    const PLURAL: &'static str = "connectors";
    const SINGULAR: &'static str = "connector";
    const FORM_LABEL: &'static str = "Filter the connectors";
    const ON_NO_MATCH: &'static str = "Change or clear the filters";
    const VIEWS: Option<ViewedList> = Some(ViewedList::Connectors);
    const PARAMETERS: &'static [&'static str] = PARAMETERS;
    const ORDER: &'static [&'static str] = &["sort", "page", "rows", "columns", "density"];
    type Filter = (Filter, Look<Column>);

    fn new(query: &Query) -> Self {
        let mut look_problems = FieldProblems::default();
        let look = read_look(query, &mut look_problems);
        Self { input: FilterInput::of(|name| query.get(name)), look, look_problems }
    }

    fn filter(&self) -> Result<Self::Filter, FieldProblems> {
        Ok((with_problems(self.input.read(), &self.look_problems)?, self.look.clone()))
    }

    async fn read(&self, reader: &TeamReader, url: &ListUrl, filter: &Self::Filter) -> Result<Listing, Error> {
        let (filter, look) = filter;
        let found = context::portal().connector_page(reader, filter).await?;
        let query = url.first_page();
        let table = table(&found, filter.order, look, &url.path, &query, reader.may_operate());
        let items = &found.list.all.items;
        let left_out = left_out_note(items.left_out, items.repeated, "connector", "connectors");
        Ok(Listing {
            page: Some((&found.list).into()),
            note: Some(view! { {outside(reader).await?}{left_out} }.into_any()),
            views: self.views(url, found.views),
            tools: Some(
                view! { {reader.may_operate().then(change_many_button)}{look_chooser(look, &url.path, &query)} }
                    .into_any(),
            ),
            below: Some(
                view! { {many(reader, url, found.list.total)}{usage_age(&found.customers)}{comparison(reader).await?} }
                    .into_any(),
            ),
            ..Listing::new(&found.list.all, self.filters(&FieldProblems::default()), found.list.total, table)
        })
    }

    async fn invalid_filters(&self, _reader: &TeamReader, _url: &ListUrl, problems: &FieldProblems) -> Filters {
        self.filters(problems)
    }

    fn empty(_url: &ListUrl) -> AnyView {
        view! {
            <div class="card empty" id="list" tabindex="-1">
                <h2>"No connectors yet"</h2>
                <p>"Build a custom connector in Workato, under Tools. It then appears here."</p>
            </div>
        }
        .into_any()
    }
}

/// The newest change of a connector outside the portal that nobody has reviewed.
async fn outside(reader: &TeamReader) -> Result<Option<AnyView>, Error> {
    let changes = context::portal().outside_changes(reader, TargetType::Connector).await?;
    let Some(newest) = changes.listed.first() else { return Ok(None) };
    let sentence = words::outside_title(&Sentence::of(newest).text());
    let more = (changes.count > 1).then(|| {
        let others = changes.count - 1;
        let words = if others == 1 { "1 more change".to_owned() } else { format!("{} more changes", grouped(others)) };
        view! { <ButtonLink href=changes_outside(reader.team().slug.as_str()) look=ButtonLook::Quiet small=true>{words}</ButtonLink> }
    });
    let content = view! {
        <p><strong>"Changed outside the portal "<Ago at=newest.at/>"."</strong>" "{sentence}"."</p>
    };
    let label = if reader.actor().reviews() { "Review change" } else { "View change" };
    let act = view! { <ButtonLink href=format!("/audit/{}", newest.id) small=true>{label}</ButtonLink>{more} };
    Ok(Some(note_with_act(Tone::Warn, Glyph::Out, content, act.into_any())))
}

/// The form that shares several connectors at once.
fn many(reader: &TeamReader, url: &ListUrl, total: usize) -> Option<AnyView> {
    reader.may_operate().then(|| {
        let (page, filter) = (url.query.on(&url.path), url.first_page());
        ChangeMany { team: &url.team, page, filter, acts: &[Act::Share], total, names: None }.render()
    })
}

impl Connectors {
    /// The whole list, and what people look for in it.
    fn views(&self, url: &ListUrl, counts: ViewCounts) -> Vec<View> {
        let views = [
            ("All", "", "", counts.all),
            ("Update available", "release", ReleaseFilter::Behind.as_str(), counts.behind),
            ("Shared", "oem_shared", "true", counts.shared),
            ("Not shared", "oem_shared", "false", counts.not_shared),
            ("Never released", "release", ReleaseFilter::None.as_str(), counts.never_released),
        ];
        views.into_iter().map(|(name, parameter, value, count)| url.view(name, parameter, value, Some(count))).collect()
    }

    fn filters(&self, problems: &FieldProblems) -> Filters {
        let problem = |field| problems::of_field(problems, field);
        let choices = |all: &[(&str, &str)]| -> Vec<Choice> {
            all.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
        };
        let order = if problem("sort").is_some() { String::new() } else { self.input.sort.clone() };
        let fields = view! {
            <ChoiceField
                label="Shared"
                name="oem_shared"
                none="any"
                choices=choices(&SHARED)
                chosen=self.input.oem_shared.clone()
                problem=problem("oem_shared")
            />
            <ChoiceField
                label="Releases"
                name="release"
                none="any"
                choices=choices(&RELEASES)
                chosen=self.input.release.clone()
                problem=problem("release")
            />
            <ChoiceField label="Order" name="sort" none="title, A to Z" choices=choices(&ORDERS) chosen=order/>
        };
        let title = self.input.title.trim();
        let title = (!title.is_empty()).then(|| ("title", format!("title: {title}")));
        let word = |all: &[(&str, &str)], value: &str| {
            all.iter().find(|(one, _)| *one == value.trim()).map(|(_, label)| (*label).to_owned())
        };
        let shared = word(&SHARED, &self.input.oem_shared).map(|label| ("oem_shared", label));
        let release = word(&RELEASES, &self.input.release).map(|label| ("release", label));
        let search = Search {
            name: "title",
            label: "Title",
            placeholder: "Connector title",
            value: self.input.title.clone(),
            problem: problem("title"),
        };
        let active = title.into_iter().chain(shared).chain(release).collect();
        Filters { search, fields: Some(fields.into_any()), active }
    }
}
