//! Sees to it that the folder the binary embeds is there, so that the server compiles without the browser half,
//! and that the binary is built anew when a file in it changes.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site");
    fs::create_dir_all(&site)?;
    println!("cargo::rerun-if-changed={}", site.display());
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
