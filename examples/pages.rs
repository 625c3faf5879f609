//! Writes every page in every state and language into a folder, to be looked at or checked: `<folder>/<language>/<name>.html`
//! and `<folder>/assets/`. Serve the folder, since the pages name their stylesheet by an absolute path.
//!
//! ```text
//! cargo run --example pages -- /tmp/pages
//! ```

use std::path::Path;
use std::{env, fs};

use countersign::locale::Texts;
use countersign::web::{assets, views::samples};

fn main() -> anyhow::Result<()> {
    let folder = env::args().nth(1).unwrap_or_else(|| "pages".to_owned());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets"))?;
    for asset in assets::all() {
        fs::write(folder.join(&asset.path[1..]), asset.bytes)?;
    }
    for language in ["ko", "en"] {
        let folder = folder.join(language);
        fs::create_dir_all(&folder)?;
        for sample in samples::all(Texts::of(&language.parse()?)) {
            fs::write(folder.join(format!("{}.html", sample.name)), sample.html)?;
        }
    }
    Ok(())
}
