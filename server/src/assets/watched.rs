//! The site's files under `cargo leptos watch`, in debug builds only: read again for every request from the repository
//! and from cargo-leptos' output, without hashes in their names.

use app::shell::{Scripts, SiteFile, SiteFiles};
use std::{fs, io, path::Path};

pub fn is_on() -> bool {
    std::env::var_os("LEPTOS_WATCH").is_some()
}

pub fn files() -> SiteFiles {
    let plain = |href: &str| SiteFile { href: href.to_owned(), integrity: None };
    SiteFiles {
        stylesheet: Some(plain("/pkg/styles.css")),
        scripts: Some(Scripts {
            theme: plain("/pkg/theme.js"),
            boot: plain("/pkg/boot.js"),
            module: plain("/pkg/portal.js"),
            wasm: plain("/pkg/portal.wasm"),
        }),
    }
}

pub fn read(path: &str) -> io::Result<Vec<u8>> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    match path {
        "pkg/styles.css" => styles(&root.join("style")),
        "pkg/theme.js" => fs::read(root.join("frontend/js/theme.js")),
        "pkg/boot.js" => fs::read(root.join("frontend/js/boot.js")),
        "pkg/portal.js" | "pkg/portal.wasm" | "favicon.svg" => fs::read(root.join("target/site").join(path)),
        _ => Err(io::ErrorKind::NotFound.into()),
    }
}

/// Combines the sheets as `frontend/site.mjs` does: the layers in order, then the sheets by name.
fn styles(folder: &Path) -> io::Result<Vec<u8>> {
    let mut sheets = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    sheets.retain(|sheet| sheet.extension().is_some_and(|extension| extension == "css"));
    sheets.sort();
    let mut together = b"@layer reset, tokens, base, components, utilities;\n".to_vec();
    for sheet in sheets {
        together.extend(fs::read(sheet)?);
    }
    Ok(together)
}
