//! The control with which people choose how a list looks: its columns, their order, and how dense it is.

use leptos::prelude::*;
use portal::{
    FieldProblems,
    looks::{self, Density, Look},
};

use super::{ButtonLink, ButtonLook, Icon, icon};
use crate::query::Query;

/// How a column reads.
pub trait Column: looks::Column {
    fn label(self) -> &'static str;

    /// The class of its cells, by which `style/tables.css` sets its width and hides it on narrow screens.
    fn class(self) -> &'static str;
}

/// Reads the look from the URL. Adds a problem for each word that is not known.
pub fn read_look<C: Column>(query: &Query, problems: &mut FieldProblems) -> Look<C> {
    let [columns, density] = looks::PARAMETERS.map(|name| query.get(name));
    Look::read(&columns, &density, problems)
}

/// The classes of a table of this density.
pub fn table_class(density: Density, class: &str) -> String {
    match density {
        Density::Comfortable => class.to_owned(),
        Density::Compact => format!("{class} compact"),
    }
}

/// A button that opens links to the same list with other columns and another density. `query` is the list's.
pub fn look_chooser<C: Column>(look: &Look<C>, path: &str, query: &Query) -> AnyView {
    let link = |columns: &[C]| query.with("columns", &Look::word(columns)).on(path);
    let shown = look.columns.iter().enumerate().map(|(at, column)| {
        let mut without = look.columns.clone();
        without.remove(at);
        let earlier = (at > 0).then(|| {
            let mut moved = look.columns.clone();
            moved.swap(at - 1, at);
            let label = format!("Move {} before {}", column.label(), look.columns[at - 1].label());
            view! { <a class="icon-btn" href=link(&moved) aria-label=label>{icon(Icon::Up)}</a> }
        });
        view! {
            <li>
                <a class="menu-row" href=link(&without) aria-label=format!("Hide {}", column.label())>
                    {icon(Icon::Check)}<span>{column.label()}</span>
                </a>
                {earlier}
            </li>
        }
    });
    let hidden = C::EVERY.iter().filter(|column| !look.columns.contains(column)).map(|column| {
        let with: Vec<_> = look.columns.iter().chain([column]).copied().collect();
        view! {
            <li>
                <a class="menu-row off" href=link(&with) aria-label=format!("Show {}", column.label())>
                    {icon(Icon::Plus)}<span>{column.label()}</span>
                </a>
            </li>
        }
    });
    let usual = (look.columns != C::USUAL).then(|| {
        view! { <p class="acts"><ButtonLink href=link(C::USUAL) look=ButtonLook::Quiet small=true>"Reset columns"</ButtonLink></p> }
    });
    let densities = [(Density::Comfortable, "", "Comfortable"), (Density::Compact, "compact", "Compact")];
    let densities = densities.map(|(density, word, label)| {
        let here = (density == look.density).then_some("true");
        view! { <a class="btn sm quiet" href=query.with("density", word).on(path) aria-current=here>{label}</a> }
    });
    view! {
        <button type="button" class="btn sm push wide-only" popovertarget="look">{icon(Icon::Columns)}"Columns"</button>
        <div class="pop menu-pop end" id="look" popover="auto" role="dialog" aria-label="Columns and density">
            <ul class="columns">{shown.collect_view()}{hidden.collect_view()}</ul>
            {usual}
            <hr/>
            <p class="acts">{densities.collect_view()}</p>
        </div>
    }
    .into_any()
}
