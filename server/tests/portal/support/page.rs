//! An answer of the portal, read as a person with a browser without JavaScript reads it: by text, heading, link and
//! label. The forms on a page are in `form`.

use std::fmt::Write;

use reqwest::header::{HeaderMap, LOCATION};
use scraper::{ElementRef, Html, Selector};

use super::Form;

/// An answer.
#[derive(Clone, Debug)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

/// An element of a page: its text and its attributes.
#[derive(Clone, Debug)]
pub struct Element {
    pub text: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    fn of(element: ElementRef<'_>) -> Self {
        let attributes = element.value().attrs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { text: text_of(element), attributes }
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Page {
    /// Where a redirect leads.
    #[track_caller]
    pub fn location(&self) -> &str {
        let location = self.headers.get(LOCATION).unwrap_or_else(|| panic!("not a redirect: {self:?}"));
        location.to_str().expect("a path in ASCII")
    }

    pub fn is_redirect(&self) -> bool {
        matches!(self.status, 302 | 303)
    }

    /// A header's value; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The text of the whole page on one line.
    pub fn text(&self) -> String {
        text_of(self.document().root_element())
    }

    /// The text of the page's main part as a text browser shows it: a line for each block, `|` between cells, `[…]`
    /// around what a field holds, `(…)` around a button, and `TIME` for every moment.
    pub fn main_part(&self) -> String {
        let document = self.document();
        let main = document.select(&selector("main")).next();
        let mut lines = Lines::default();
        lines.add(main.unwrap_or_else(|| panic!("no main part: {}", self.body)));
        lines.finish()
    }

    /// The text of the first heading.
    #[track_caller]
    pub fn heading(&self) -> String {
        self.select("h1").first().unwrap_or_else(|| panic!("no heading: {}", self.text())).text.clone()
    }

    /// # Panics
    /// If the words are not on the page.
    #[track_caller]
    pub fn assert_says(&self, words: &str) {
        assert!(self.says(words), "{} does not say {words:?}: {}", self.status, self.text());
    }

    pub fn says(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// Every element that a CSS selector finds, in the order of the page.
    pub fn select(&self, css: &str) -> Vec<Element> {
        self.document().select(&selector(css)).map(Element::of).collect()
    }

    /// Whether a CSS selector finds anything.
    pub fn has(&self, css: &str) -> bool {
        self.document().select(&selector(css)).next().is_some()
    }

    /// The values of an attribute of the elements that a CSS selector finds, in the order of the page.
    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        self.select(css).iter().filter_map(|element| element.attribute(name)).map(str::to_owned).collect()
    }

    /// Where the page's links lead.
    pub fn links(&self) -> Vec<String> {
        self.attributes("a", "href")
    }

    /// Where the link with this text leads, in the page's main part.
    #[track_caller]
    pub fn link(&self, text: &str) -> String {
        let links = self.select("main a[href]");
        let link = links.iter().find(|link| link.text == text);
        let link = link.unwrap_or_else(|| panic!("no link {text:?}: {}", self.text()));
        link.attribute("href").unwrap_or_default().to_owned()
    }

    /// What the page's fields suggest to type.
    pub fn suggestions(&self) -> Vec<String> {
        self.attributes("option", "value")
    }

    /// The message beside a field that was refused.
    pub fn problem(&self, field: &str) -> Option<String> {
        self.select(&format!("[id='{field}-problem']")).pop().map(|problem| problem.text)
    }

    /// What the page alerts its reader to.
    pub fn alerts(&self) -> Vec<String> {
        self.select("[role=alert]").into_iter().map(|alert| alert.text).collect()
    }

    /// The cells of each row, without its check box, in the bodies of the page's tables.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let (document, rows, cells) =
            (self.document(), selector("tbody tr"), selector("th, td:not(:has(> [type=checkbox]))"));
        document.select(&rows).map(|row| row.select(&cells).map(text_of).collect()).collect()
    }

    /// The value of the element with this id.
    pub fn value_of(&self, id: &str) -> Option<String> {
        self.attributes(&format!("[id='{id}']"), "value").pop()
    }

    /// Every form that is posted to `action`, or sent there by GET.
    pub fn forms(&self, action: &str) -> Vec<Form> {
        let mut forms = Form::all_on(&self.document());
        forms.retain(|form| form.action == action);
        forms
    }

    /// The one form that is posted to `action`.
    #[track_caller]
    pub fn form(&self, action: &str) -> Form {
        self.only_one(self.forms(action), action)
    }

    /// The one form with a button of this name.
    #[track_caller]
    pub fn form_with_button(&self, name: &str) -> Form {
        let mut forms = Form::all_on(&self.document());
        forms.retain(|form| form.buttons.iter().any(|button| button == name));
        self.only_one(forms, name)
    }

    #[track_caller]
    fn only_one(&self, mut forms: Vec<Form>, which: &str) -> Form {
        assert_eq!(forms.len(), 1, "forms {which:?} on {}: {}", self.status, self.text());
        forms.remove(0)
    }

    fn document(&self) -> Html {
        Html::parse_document(&self.body)
    }
}

pub fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|error| panic!("{css}: {error}"))
}

/// Parts of a document that are not shown.
const NOT_SHOWN: [&str; 4] = ["head", "script", "style", "template"];

/// The text in an element, with one space for any white space and for every tag.
pub fn text_of(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    add_text(element, &mut text);
    in_one_line(&text)
}

fn add_text(element: ElementRef<'_>, text: &mut String) {
    text.push(' ');
    for child in element.children() {
        if let Some(words) = child.value().as_text() {
            text.push_str(words);
        } else if let Some(child) = ElementRef::wrap(child)
            && !NOT_SHOWN.contains(&child.value().name())
        {
            add_text(child, text);
        }
    }
    text.push(' ');
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A part of a page, written as lines.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, element: ElementRef<'_>) {
        let name = element.value().name();
        match name {
            "input" if element.attr("type") == Some("hidden") => {}
            "input" => {
                let value = match element.attr("type") {
                    Some("checkbox" | "radio") if element.attr("checked").is_some() => "x",
                    Some("checkbox" | "radio") => " ",
                    _ => element.attr("value").unwrap_or_default(),
                };
                write!(self.0, " [{value}] ").expect("writing to a string cannot fail");
            }
            "textarea" => write!(self.0, " [{}] ", text_of(element)).expect("writing to a string cannot fail"),
            "select" => {
                let chosen = element.select(&selector("option[selected]")).next();
                let chosen = chosen.or_else(|| element.select(&selector("option")).next()).map(text_of);
                write!(self.0, " [{}] ", chosen.unwrap_or_default()).expect("writing to a string cannot fail");
            }
            "button" => {
                let label = element.attr("aria-label").map_or_else(|| text_of(element), str::to_owned);
                write!(self.0, " ({label}) ").expect("writing to a string cannot fail");
            }
            "time" => self.0.push_str("TIME"),
            "svg" | "datalist" | "script" | "style" | "template" => {}
            "tr" => {
                let mut row = Self::default();
                row.add_children(element);
                writeln!(self.0, "\n{}", in_one_line(&row.0)).expect("writing to a string cannot fail");
            }
            _ if is_block(name) => {
                self.0.push('\n');
                self.add_children(element);
                self.0.push('\n');
            }
            "th" | "td" => {
                self.add_children(element);
                self.0.push_str(" | ");
            }
            _ => self.add_children(element),
        }
    }

    fn add_children(&mut self, element: ElementRef<'_>) {
        let mut after_element = false;
        for child in element.children() {
            if let Some(words) = child.value().as_text() {
                self.0.push_str(words);
                after_element = false;
            } else if let Some(child) = ElementRef::wrap(child) {
                // Only style keeps two such elements apart.
                if after_element {
                    self.0.push(' ');
                }
                self.add(child);
                after_element = true;
            }
        }
    }

    fn finish(self) -> String {
        let lines = self.0.lines().map(|line| in_one_line(line).trim_end_matches(" |").to_owned());
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

fn is_block(name: &str) -> bool {
    let blocks = "address article caption dd details div dl dt fieldset footer form h1 h2 h3 h4 header legend li main \
                  nav ol p pre section summary table tbody thead ul";
    blocks.split_whitespace().any(|block| block == name)
}
