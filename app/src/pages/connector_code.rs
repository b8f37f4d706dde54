//! `/teams/{team}/connectors/{id}/code`: the current code of a connector, read only when this page is opened.

use futures::future::join;
use leptos::prelude::*;
use portal::{Error, TeamReader, characters::first_hidden};
use workato::ConnectorId;

use crate::{
    components::{Frame, Rendered, Section, Tone, connector_name, page, remark, set_status_of},
    context,
    islands::CopyButton,
    wording::{numbers::grouped, refusals},
};

/// The id of the element with the code, for the copy button.
const CODE: &str = "code";

#[component]
pub fn ConnectorCodePage() -> impl IntoView {
    page(connector_code(context::path_part("team"), context::path_part("id")))
}

async fn connector_code(team: String, id: String) -> Result<Rendered, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let id: ConnectorId = id.parse().map_err(|_| Error::NotFound)?;
    let portal = context::portal();
    let (connector, code) = join(portal.connector(&reader, id), portal.connector_code(&reader, id)).await;
    // If the connector cannot be read, the page still shows the code and uses the id as name.
    let name = connector.map_or_else(|_| format!("Connector {id}"), |found| connector_name(&found.items));
    let content = match code {
        Ok(code) => listing(&code),
        // A token's role can lack this privilege and have all others.
        Err(error @ Error::Workato(_)) => {
            let error = error.public();
            set_status_of(&error);
            view! {
                <section class="panel empty" role="alert">
                    <h2>"The code can't be shown"</h2>
                    <p>{refusals::message(&error)}</p>
                    <p>"The rest is on the connector's page."</p>
                </section>
            }
            .into_any()
        }
        Err(error) => return Err(error),
    };
    let frame = frame.section(Section::Connectors).title(format!("Code of {name}"));
    Ok(frame.render(view! {
        {breadcrumb(&reader, id, &name)}
        <div class="head"><div><h1>{format!("Code of {name}")}</h1></div></div>
        {content}
    }))
}

fn breadcrumb(reader: &TeamReader, id: ConnectorId, name: &str) -> AnyView {
    let connector = format!("/teams/{}/connectors/{id}", reader.team().slug);
    view! { <p class="back"><a href=connector>{format!("Back to {name}")}</a></p> }.into_any()
}

/// The code and its line numbers. Each is one text node, so that a megabyte of code is not thirty thousand elements,
/// and so that the numbers are not copied with the code.
fn listing(code: &str) -> AnyView {
    let code = Code::of(code);
    if code.text.trim().is_empty() {
        return view! { <p class="panel">"This connector has no code yet."</p> }.into_any();
    }
    let deceptive = code.deceptive.first().map(|line| {
        let lines = match code.deceptive.len() {
            1 => format!("line {line}"),
            many => format!("{} lines, the first of them line {line}", grouped(many)),
        };
        let says = format!("Hidden characters can make this code look different from what it does ({lines}).");
        remark(Tone::Warn, says)
    });
    let lines = if code.lines == 1 { "1 line".to_owned() } else { format!("{} lines", grouped(code.lines)) };
    view! {
        {deceptive}
        <div class="row">
            <span class="soft">{format!("Draft code · {lines}")}</span>
            <CopyButton of=CODE label="Copy code"/>
        </div>
        // It scrolls, so it has to be reachable by keyboard.
        <div class="listing" role="region" aria-label="Code" tabindex="0">
            <pre class="numbers" aria-hidden="true">{code.numbers()}</pre>
            <pre><code id=CODE>{code.text}</code></pre>
        </div>
    }
    .into_any()
}

/// The code as the page shows it.
#[derive(Debug, PartialEq, Eq)]
struct Code {
    /// With `
    /// ` as the only line ending, so that the line numbers match in every browser.
    text: String,
    lines: usize,
    /// The numbers of lines with invisible characters that change how the code looks.
    deceptive: Vec<usize>,
}

impl Code {
    fn of(code: &str) -> Self {
        let text = code.replace("\r\n", "\n").replace('\r', "\n");
        let lines = text.lines().count();
        let deceptive = text.lines().enumerate().filter(|(_, line)| first_hidden(line).is_some());
        let deceptive = deceptive.map(|(before, _)| before + 1).collect();
        Self { text, lines, deceptive }
    }

    /// "1\n2\n3".
    fn numbers(&self) -> String {
        let mut numbers = String::with_capacity(self.lines * 6);
        for line in 1..=self.lines {
            if line > 1 {
                numbers.push('\n');
            }
            numbers.push_str(&line.to_string());
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn every_kind_of_line_ending_counts_as_a_line() {
        let code = Code::of("\na\r\nb\rc\n\n\n");
        assert_eq!((code.text.as_str(), code.lines), ("\na\nb\nc\n\n\n", 6));
        assert_eq!(code.numbers(), "1\n2\n3\n4\n5\n6");
        assert_eq!(Code::of("a").numbers(), "1");
    }

    #[test]
    fn lines_with_deceptive_characters_are_listed() {
        let code = Code::of("title: 'Übung 🚚'\n\tif admin\u{202e}\nplain\nzero\u{200b}width\u{0}");
        assert_eq!(code.deceptive, [2, 4]);
    }
}
