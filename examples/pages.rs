//! Writes every page in every state and every mail, in every language, into a folder, to be looked at or checked:
//! `<folder>/<language>/<name>.html`, `<folder>/<language>/mail/<name>.{html,txt}` and `<folder>/assets/`. Serve the folder, since
//! the pages name their stylesheet by an absolute path.
//!
//! The two languages that nobody speaks are among them: `en-XA`, longer and accented, shows what is not translated or does not
//! fit; `ar-XB` goes from right to left.
//!
//! ```text
//! cargo run --example pages -- /tmp/pages
//! python3 -m http.server --bind 127.0.0.1 --directory /tmp/pages
//! ```

use std::path::Path;
use std::{env, fs};

use countersign::domain::language::AVAILABLE;
use countersign::locale::{Texts, pseudo_languages};
use countersign::outbound::render;
use countersign::web::{assets, views::samples};

fn main() -> anyhow::Result<()> {
    let folder = env::args().nth(1).unwrap_or_else(|| "pages".to_owned());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets"))?;
    for asset in assets::all() {
        fs::write(folder.join(&asset.path[1..]), asset.bytes)?;
    }
    for language in AVAILABLE.iter().chain(&pseudo_languages()) {
        let folder = folder.join(language.to_string());
        fs::create_dir_all(folder.join("mail"))?;
        for sample in samples::all(Texts::of(language)) {
            fs::write(folder.join(format!("{}.html", sample.name)), sample.html)?;
        }
        for sample in render::samples_in(language) {
            let name = format!("mail/{}", sample.name());
            let text = format!("Subject: {}\n\n{}", sample.mail.subject, sample.mail.text);
            fs::write(folder.join(format!("{name}.txt")), text)?;
            fs::write(folder.join(format!("{name}.html")), sample.mail.html)?;
        }
    }
    Ok(())
}
