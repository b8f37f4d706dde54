//! The HTML document: head, styles and the two scripts. `components::frame` renders what is in the body.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;
use serde::Deserialize;

/// The files that a page refers to, by their hashed names. A build without the browser half has none, and its pages are
/// plain HTML.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct SiteFiles {
    pub stylesheet: Option<SiteFile>,
    pub scripts: Option<Scripts>,
}

/// A file's URL and its subresource integrity hash.
#[derive(Clone, Debug, Deserialize)]
pub struct SiteFile {
    pub href: String,
    pub integrity: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Scripts {
    /// Sets the stored theme before the first paint.
    pub theme: SiteFile,
    /// Loads what the page needs: the palette, its islands, and the script for passkeys.
    pub boot: SiteFile,
    /// What `boot` loads for forms that ask for a passkey.
    #[serde(default)]
    pub passkeys: Option<SiteFile>,
    /// What `boot` loads where there is something to search.
    #[serde(default)]
    pub palette: Option<SiteFile>,
    /// What `boot` loads for islands: the JavaScript glue and the WebAssembly module.
    pub module: SiteFile,
    pub wasm: SiteFile,
}

/// Renders the document around `body`.
pub fn shell(files: &SiteFiles, body: impl IntoView) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {files.scripts.clone().map(theme_script)}
                {files.stylesheet.clone().map(stylesheet)}
                {files.scripts.clone().map(boot_script)}
                <MetaTags/>
            </head>
            <body>{body.into_view()}</body>
        </html>
    }
}

fn stylesheet(file: SiteFile) -> impl IntoView {
    view! { <link rel="stylesheet" href=file.href integrity=file.integrity/> }
}

/// Blocks rendering on purpose: setting the theme after the first paint would flash the wrong one.
fn theme_script(scripts: Scripts) -> impl IntoView {
    view! { <script nonce=use_nonce() src=scripts.theme.href integrity=scripts.theme.integrity></script> }
}

fn boot_script(scripts: Scripts) -> impl IntoView {
    view! {
        <script
            type="module"
            nonce=use_nonce()
            src=scripts.boot.href
            integrity=scripts.boot.integrity
            data-module=scripts.module.href
            data-module-integrity=scripts.module.integrity
            data-wasm=scripts.wasm.href
            data-wasm-integrity=scripts.wasm.integrity
            data-passkeys=scripts.passkeys.as_ref().map(|file| file.href.clone())
            data-passkeys-integrity=scripts.passkeys.and_then(|file| file.integrity)
            data-palette=scripts.palette.as_ref().map(|file| file.href.clone())
            data-palette-integrity=scripts.palette.and_then(|file| file.integrity)
        ></script>
    }
}
