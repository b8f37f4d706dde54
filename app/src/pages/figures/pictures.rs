//! The charts and their tables. `components::bars` draws the SVG.

use leptos::prelude::*;
use portal::audit::{ByActor, Count, Family, Figures, FiguresQuery, OutcomeFilter, Took};
use time::{Date, Duration, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    components::{BarPart, bar_columns, bar_row, search_path, top_of_scale},
    wording::{
        numbers::{self, grouped_i64},
        times,
    },
};

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:short]");

pub struct Pictures {
    pub figures: Figures,
    pub request: FiguresQuery,
}

/// One kind of part, the same in all bars of a chart.
struct Kind {
    label: &'static str,
    class: &'static str,
    /// The search clause for it.
    search: String,
}

impl Pictures {
    pub fn render(self) -> AnyView {
        let families = Family::ALL.iter().map(|family| family_kind(*family)).collect::<Vec<_>>();
        let outcomes = SHOWN_OUTCOMES.iter().map(|outcome| outcome_kind(*outcome)).collect::<Vec<_>>();
        let of_family = |day: Date, at: usize| {
            Family::ALL.get(at).and_then(|family| self.figures.by_family.get(&(day, *family))).copied().unwrap_or(0)
        };
        let of_outcome = |day: Date, at: usize| {
            SHOWN_OUTCOMES
                .get(at)
                .and_then(|outcome| self.figures.by_outcome.get(&(day, *outcome)))
                .copied()
                .unwrap_or(0)
        };
        view! {
            <div class="pictures">
                {self.days("Changes per day", "by-action", &families, of_family)}
                {self.days("Outcomes per day", "by-outcome", &outcomes, of_outcome)}
                {self.people()}
                {self.took()}
                {self.waits()}
            </div>
        }
        .into_any()
    }

    /// The URL of a search, limited to the team that is shown.
    fn search(&self, words: &str) -> String {
        let team = self.request.team.as_ref().map_or_else(String::new, |team| format!(" team:{team}"));
        search_path(&format!("{}{team}", words.trim()))
    }

    /// The same, limited to the days that are shown.
    fn search_days(&self, words: &str) -> String {
        let (first, last) = (self.figures.days.first().copied(), self.figures.days.last().copied());
        match (first, last.and_then(Date::next_day)) {
            (Some(first), Some(end)) => self.search(&format!("{words} after:{first} before:{end}")),
            _ => self.search(words),
        }
    }

    fn search_day(&self, words: &str, day: Date) -> String {
        let next = day.saturating_add(Duration::DAY);
        self.search(&format!("{words} after:{day} before:{next}"))
    }

    /// A chart with one column per day.
    fn days(
        &self,
        title: &'static str,
        id: &'static str,
        kinds: &[Kind],
        amount: impl Fn(Date, usize) -> i64,
    ) -> AnyView {
        let days = &self.figures.days;
        let total = |day: Date| (0..kinds.len()).map(|at| amount(day, at)).sum::<i64>();
        let top = top_of_scale(days.iter().map(|day| total(*day)).max().unwrap_or(0));
        let bars: Vec<Vec<BarPart>> = days
            .iter()
            .map(|day| {
                let part = |(at, kind): (usize, &Kind)| BarPart {
                    amount: amount(*day, at),
                    class: kind.class,
                    words: format!("{}, {}: {}", short(*day), kind.label, numbers::operations_i64(amount(*day, at))),
                    href: self.search_day(&kind.search, *day),
                };
                kinds.iter().enumerate().map(part).collect()
            })
            .collect();
        let sums: Vec<i64> = (0..kinds.len()).map(|at| days.iter().map(|day| amount(*day, at)).sum()).collect();
        let legend = kinds.iter().zip(&sums).filter(|(_, sum)| **sum > 0).map(|(kind, sum)| {
            let href = self.search_days(&kind.search);
            view! { <li><Swatch class=kind.class/><a href=href>{kind.label}</a>" "<span class="soft">{grouped_i64(*sum)}</span></li> }
        });
        let legend = legend.collect_view();
        let drawn = bar_columns(&bars, top);
        let picture = if sums.iter().all(|sum| *sum == 0) {
            nothing()
        } else {
            view! {
                <p class="unit">"Operations per day, UTC"</p>
                <div class="plot">
                    <div class="scale" aria-hidden="true">
                        <span>{grouped_i64(top)}</span>
                        {(top % 2 == 0).then(|| view! { <span>{grouped_i64(top / 2)}</span> })}
                        <span>"0"</span>
                    </div>
                    <div class="drawing" inner_html=drawn></div>
                    <div class="axis" aria-hidden="true">
                        {ticks(days).into_iter().map(|day| view! { <span>{short(day)}</span> }).collect_view()}
                    </div>
                </div>
                <ul class="legend">{legend}</ul>
                {self.days_table(title, kinds, &amount)}
            }
            .into_any()
        };
        figure(title, id, picture, true)
    }

    fn days_table(&self, title: &'static str, kinds: &[Kind], amount: &impl Fn(Date, usize) -> i64) -> AnyView {
        let busy = |day: &&Date| (0..kinds.len()).any(|at| amount(**day, at) > 0);
        let rows = self.figures.days.iter().rev().filter(busy).map(|day| {
            let cells = kinds.iter().enumerate().map(|(at, kind)| {
                cell(amount(*day, at), self.search_day(&kind.search, *day), kind.label, &short(*day))
            });
            view! { <tr><th scope="row">{short(*day)}</th>{cells.collect_view()}</tr> }
        });
        table(title, "Day", kinds.iter().map(|kind| kind.label), rows.collect_view().into_any())
    }

    /// A chart with one bar per person.
    fn people(&self) -> AnyView {
        let kinds: Vec<(Family, Kind)> = Family::ALL.iter().map(|family| (*family, family_kind(*family))).collect();
        let kinds: Vec<_> = kinds
            .into_iter()
            .filter(|(family, _)| self.figures.by_actor.iter().any(|actor| actor.operations.contains_key(family)))
            .collect();
        let longest = self.figures.by_actor.first().map_or(1, ByActor::total);
        let actor_search =
            |actor: &ByActor| format!("actor:\"{}\"", actor.email.as_ref().unwrap_or(&actor.name).replace('"', " "));
        let search =
            |actor: &ByActor, kind: &Kind| self.search_days(&format!("{} {}", actor_search(actor), kind.search));
        let rows = self.figures.by_actor.iter().map(|actor| {
            let parts: Vec<BarPart> = kinds
                .iter()
                .map(|(family, kind)| {
                    let amount = actor.operations.get(family).copied().unwrap_or(0);
                    let words = format!("{}, {}: {}", actor.name, kind.label, numbers::operations_i64(amount));
                    BarPart { amount, class: kind.class, words, href: search(actor, kind) }
                })
                .collect();
            bar(&actor.name, &parts, longest, grouped_i64(actor.total()))
        });
        let rows = rows.collect_view();
        let legend =
            kinds.iter().map(|(_, kind)| view! { <li><Swatch class=kind.class/>{kind.label}</li> }).collect_view();
        let table_rows = self.figures.by_actor.iter().map(|actor| {
            let cells = kinds.iter().map(|(family, kind)| {
                let amount = actor.operations.get(family).copied().unwrap_or(0);
                cell(amount, search(actor, kind), kind.label, &actor.name)
            });
            view! { <tr><th scope="row">{actor.name.clone()}</th>{cells.collect_view()}</tr> }
        });
        let table_rows = table_rows.collect_view().into_any();
        let picture = if self.figures.by_actor.is_empty() {
            nothing()
        } else {
            view! {
                <p class="unit">"Operations"</p>
                <div class="bars">{rows}</div>
                <ul class="legend">{legend}</ul>
                {table("Changes by person", "Person", kinds.iter().map(|(_, kind)| kind.label), table_rows)}
            }
            .into_any()
        };
        figure("Changes by person", "by-actor", picture, false)
    }

    /// A chart with one bar per duration.
    fn took(&self) -> AnyView {
        let amount = |took: Took| self.figures.took.get(&took).copied().unwrap_or(0);
        let longest = Took::ALL.iter().map(|took| amount(*took)).max().unwrap_or(1);
        let search = |took: Took| self.search_days(&format!("took:{took}"));
        let rows = Took::ALL.iter().map(|took| {
            let words = format!("{}: {}", times::took(*took), numbers::operations_i64(amount(*took)));
            let part = BarPart { amount: amount(*took), class: "c-shares", words, href: search(*took) };
            bar(times::took(*took), &[part], longest, grouped_i64(amount(*took)))
        });
        let rows = rows.collect_view();
        let table_rows = Took::ALL.iter().map(|took| {
            let cell = cell(amount(*took), search(*took), "operations", times::took(*took));
            view! { <tr><th scope="row">{times::took(*took)}</th>{cell}</tr> }
        });
        let table_rows = table_rows.collect_view().into_any();
        let picture = if self.figures.took.is_empty() {
            nothing()
        } else {
            view! {
                <p class="unit">"Operations, by the time from request to outcome"</p>
                <div class="bars">{rows}</div>
                {table("Duration", "Duration", ["Operations"].into_iter(), table_rows)}
            }
            .into_any()
        };
        figure("Duration", "took", picture, false)
    }

    /// A chart with one bar per kind of waiting operation, of any age.
    fn waits(&self) -> AnyView {
        let amount = |count: Count| match count {
            Count::Exactly(number) => i64::try_from(number).unwrap_or(i64::MAX),
            Count::More => Count::MOST as i64,
        };
        let longest = self.figures.waits.iter().map(|(_, count)| amount(*count)).max().unwrap_or(1);
        let rows = self.figures.waits.iter().map(|(search, count)| {
            let (label, class) = waits_for(search);
            let words = format!("{label}: {}", numbers::operations(*count));
            let part = BarPart { amount: amount(*count), class, words, href: self.search(search) };
            bar(label, &[part], longest, numbers::count(*count))
        });
        let rows = rows.collect_view();
        let table_rows = self.figures.waits.iter().map(|(search, count)| {
            let (label, _) = waits_for(search);
            let href = self.search(search);
            view! { <tr><th scope="row">{label}</th><td class="num"><a href=href>{numbers::count(*count)}</a></td></tr> }
        });
        let table_rows = table_rows.collect_view().into_any();
        let picture = view! {
            <p class="unit">"Operations of any age"</p>
            <div class="bars">{rows}</div>
            {table("Open items", "State", ["Operations"].into_iter(), table_rows)}
        };
        figure("Open items", "waits", picture.into_any(), false)
    }
}

/// Ordered as they are stacked.
const SHOWN_OUTCOMES: [OutcomeFilter; 8] = [
    OutcomeFilter::Succeeded,
    OutcomeFilter::Rejected,
    OutcomeFilter::Failed,
    OutcomeFilter::Unknown,
    OutcomeFilter::Denied,
    OutcomeFilter::None,
    OutcomeFilter::Requested,
    OutcomeFilter::Unapproved,
];

fn family_kind(family: Family) -> Kind {
    let (label, class) = match family {
        Family::Shares => ("Connectors and recipes", "c-shares"),
        Family::Connections => ("Connections", "c-connections"),
        Family::Setup => ("Teams and people", "c-setup"),
        Family::Sessions => ("Sign-ins", "c-sessions"),
        Family::Log => ("Audit log", "c-log"),
    };
    Kind { label, class, search: format!("action:{}", family.spelled()) }
}

fn outcome_kind(outcome: OutcomeFilter) -> Kind {
    let (label, class) = match outcome {
        OutcomeFilter::Succeeded => ("Succeeded", "c-ok"),
        OutcomeFilter::Rejected => ("Rejected", "c-bad"),
        OutcomeFilter::Failed => ("Failed", "c-failed"),
        OutcomeFilter::Unknown | OutcomeFilter::Waiting => ("Unknown", "c-warn"),
        OutcomeFilter::Denied => ("Denied", "c-denied"),
        OutcomeFilter::None => ("Pending", "c-none"),
        OutcomeFilter::Requested => ("Waiting for approval", "c-none"),
        OutcomeFilter::Unapproved => ("Not approved", "c-denied"),
    };
    Kind { label, class, search: format!("outcome:{outcome}") }
}

fn waits_for(search: &str) -> (&'static str, &'static str) {
    match search {
        "outcome:none" => ("Pending", "c-none"),
        "outcome:unknown" => ("Unknown", "c-warn"),
        "outcome:waiting" => ("Check needed", "c-warn"),
        "reviewed:flagged" => ("Flagged", "c-bad"),
        "reviewed:answered" => ("Flag answered", "c-connections"),
        _ => ("Not reviewed yet", "c-shares"),
    }
}

#[component]
fn Swatch(class: &'static str) -> impl IntoView {
    view! {
        <svg class="swatch" viewBox="0 0 1 1" width="10" height="10" aria-hidden="true">
            <rect class=class width="1" height="1"></rect>
        </svg>
    }
}

fn figure(title: &'static str, id: &'static str, content: AnyView, wide: bool) -> AnyView {
    let class = if wide { "card picture wide" } else { "card picture" };
    view! {
        <section class=class aria-labelledby=id>
            <div class="card-head"><h2 id=id>{title}</h2></div>
            <div class="card-body">{content}</div>
        </section>
    }
    .into_any()
}

fn nothing() -> AnyView {
    view! { <p class="soft">"No changes in this period."</p> }.into_any()
}

/// A bar with its label and its number.
fn bar(label: &str, parts: &[BarPart], longest: i64, number: String) -> AnyView {
    let drawn = bar_row(parts, longest);
    view! {
        <span class="bar-label">{label.to_owned()}</span>
        <div class="drawing" inner_html=drawn></div>
        <span class="num">{number}</span>
    }
    .into_any()
}

fn table(
    title: &'static str,
    first: &'static str,
    columns: impl Iterator<Item = &'static str>,
    rows: AnyView,
) -> AnyView {
    let heads = columns.map(|column| view! { <th scope="col" class="num">{column}</th> }).collect_view();
    view! {
        <details>
            <summary>"Show as table"</summary>
            <div class="sheet">
                <table>
                    <caption>{title}</caption>
                    <thead><tr><th scope="col">{first}</th>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

fn cell(amount: i64, href: String, what: &str, of: &str) -> AnyView {
    if amount == 0 {
        return view! { <td class="num soft">"0"</td> }.into_any();
    }
    let label = format!("{amount} {what}, {of}");
    view! { <td class="num"><a href=href aria-label=label>{grouped_i64(amount)}</a></td> }.into_any()
}

/// The days that an axis names: the first, the last, and three between them at equal distances.
fn ticks(days: &[Date]) -> Vec<Date> {
    let Some(last) = days.len().checked_sub(1) else { return Vec::new() };
    let mut places: Vec<usize> = (0..=4).map(|quarter| last * quarter / 4).collect();
    places.dedup();
    places.into_iter().filter_map(|place| days.get(place).copied()).collect()
}

/// "3 Nov".
fn short(day: Date) -> String {
    day.format(DAY).unwrap_or_else(|_| day.to_string())
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::date};

    use super::ticks;

    #[test]
    fn an_axis_names_its_ends_and_three_days_between() {
        let days: Vec<_> = (0..30).map(|day| date!(2026 - 11 - 01) + Duration::days(day)).collect();
        assert_eq!(ticks(&days), [days[0], days[7], days[14], days[21], days[29]]);
        assert_eq!(ticks(&days[..2]), [days[0], days[1]]);
        assert!(ticks(&[]).is_empty());
    }
}
