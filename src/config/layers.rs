//! Reads each setting from the environment and the file, one by one, so that an error knows its field and its origin.
//!
//! confique's own reader of the environment sees only the process's, and its errors quote values; the derived layers, defaults
//! and descriptions are used as they are.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use confique::meta::{FieldKind, LeafKind, Meta};
use confique::{Config as _, Layer as _};
use serde::Deserialize as _;
use toml::{Table, Value};

use crate::files;

use super::{Config, ConfigError, DEFAULT_FILE, Invalid, Origin};

/// Many times all settings with their comments.
const LARGEST: u64 = 1024 * 1024;

type Layer = <Config as confique::Config>::Layer;

/// Settings that a variable holds as they are: what looks like TOML in a password is none.
const PLAIN: [&str; 3] = ["database_url", "mail.smtp_url", "mail.smtp_password"];
/// Variables that are no settings, and known all the same.
const OTHERS: [&str; 2] = ["COUNTERSIGN_CONFIG", "COUNTERSIGN_KEYS"];

/// The variables of an environment: the process's own, or a test's.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// The variable as it stands there; an empty one counts as unset.
    pub fn get(&self, name: &str) -> Option<&std::ffi::OsStr> {
        let value = self.0.get(std::ffi::OsStr::new(name))?;
        (!value.is_empty()).then_some(value)
    }

    /// This environment with one variable set.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Variables that begin with `COUNTERSIGN_` and are no setting: mistyped ones, or those that a container platform adds for
    /// a service of that name, which is why they are told and not refused.
    pub fn unknown(&self) -> Vec<String> {
        let known: Vec<&str> = leaves()
            .iter()
            .map(|leaf| leaf.variable)
            .chain(OTHERS)
            .collect();
        let names = self.0.keys().filter_map(|name| name.to_str());
        names
            .filter(|name| name.starts_with("COUNTERSIGN_") && !known.contains(name))
            .map(str::to_owned)
            .collect()
    }
}

/// Shows the names only: values may be secrets.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// One setting, as the derived description has it.
pub(super) struct Leaf {
    /// With its section, such as `mail.domain`.
    pub(super) field: String,
    pub(super) variable: &'static str,
    required: bool,
}

/// All settings.
pub(super) fn leaves() -> Vec<Leaf> {
    let mut found = Vec::new();
    collect(&Config::META, "", &mut found);
    found
}

fn collect(meta: &Meta, section: &str, found: &mut Vec<Leaf>) {
    for field in meta.fields {
        let name = format!("{section}{}", field.name);
        match field.kind {
            FieldKind::Nested { meta } => collect(meta, &format!("{name}."), found),
            FieldKind::Leaf { env, kind } => found.push(Leaf {
                field: name,
                variable: env.unwrap_or_default(),
                required: kind == LeafKind::Required { default: None },
            }),
        }
    }
}

/// Where each setting came from.
#[derive(Default)]
pub(super) struct Origins(HashMap<String, Origin>);

impl Origins {
    pub(super) fn locate(&self, invalid: Invalid) -> ConfigError {
        let origin = self
            .0
            .get(invalid.field)
            .cloned()
            .unwrap_or(Origin::Default);
        refused(invalid.field, origin, invalid.problem)
    }
}

fn refused(field: &str, origin: Origin, problem: String) -> ConfigError {
    ConfigError::Invalid {
        field: field.to_owned(),
        origin,
        problem,
    }
}

/// The settings of all layers, not yet validated, and where they came from.
pub(super) fn merge(
    path: Option<&Path>,
    env: &Environment,
) -> Result<(Config, Origins), ConfigError> {
    let leaves = leaves();
    let mut origins = Origins::default();
    let mut layer = Layer::empty();
    for leaf in &leaves {
        if let Some(value) = env.get(leaf.variable) {
            let origin = Origin::Variable(leaf.variable);
            let refused = |problem| refused(&leaf.field, origin.clone(), problem);
            let text = value
                .to_str()
                .ok_or_else(|| refused("must be UTF-8 text".to_owned()))?;
            layer = layer.with_fallback(from_text(&leaf.field, text).map_err(refused)?);
            origins.0.insert(leaf.field.clone(), origin);
        }
    }
    if let Some((path, table)) = read(path, env)? {
        let mut settings = Vec::new();
        flatten(table, "", &leaves, &path, &mut settings)?;
        for (field, value) in settings {
            let origin = Origin::File(path.clone());
            let below = from_value(&field, value)
                .map_err(|problem| refused(&field, origin.clone(), problem))?;
            layer = layer.with_fallback(below);
            origins.0.entry(field).or_insert(origin);
        }
    }
    for leaf in leaves {
        if leaf.required && !origins.0.contains_key(&leaf.field) {
            return Err(ConfigError::Missing {
                field: leaf.field,
                variable: leaf.variable,
            });
        }
    }
    let config = Config::from_layer(layer.with_fallback(Layer::default_values()))
        .expect("every setting without a default is there");
    Ok((config, origins))
}

/// The file of settings, if there is one.
fn read(path: Option<&Path>, env: &Environment) -> Result<Option<(PathBuf, Table)>, ConfigError> {
    let named = path.or_else(|| env.get("COUNTERSIGN_CONFIG").map(Path::new));
    let path = named.unwrap_or(Path::new(DEFAULT_FILE)).to_owned();
    let text = match text_of(&path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(None);
        }
        Err(source) => return Err(ConfigError::Read { path, source }),
    };
    match text.parse::<Table>() {
        Ok(table) => Ok(Some((path, table))),
        // The parser's full report quotes the line, which may hold a password.
        Err(error) => Err(ConfigError::Syntax {
            path,
            line: line_of(&text, error.span().map_or(0, |span| span.start)),
            problem: error.message().to_owned(),
        }),
    }
}

/// The text of the file, which may be a pipe here: other programs make settings, too.
fn text_of(path: &Path) -> std::io::Result<String> {
    let file = std::fs::File::open(path)?;
    Ok(std::mem::take(&mut *files::text_of(&file, LARGEST)?))
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.get(..at).unwrap_or(text).matches('\n').count()
}

/// The settings of a table with their sections; refuses what is none.
fn flatten(
    table: Table,
    section: &str,
    leaves: &[Leaf],
    path: &Path,
    settings: &mut Vec<(String, Value)>,
) -> Result<(), ConfigError> {
    for (key, value) in table {
        let name = format!("{section}{key}");
        let inside = format!("{name}.");
        if leaves.iter().any(|leaf| leaf.field == name) {
            settings.push((name, value));
        } else if leaves.iter().any(|leaf| leaf.field.starts_with(&inside)) {
            let Value::Table(table) = value else {
                let problem = format!("is a section: write its settings under [{name}]");
                return Err(refused(&name, Origin::File(path.to_owned()), problem));
            };
            flatten(table, &inside, leaves, path, settings)?;
        } else {
            return Err(ConfigError::Unknown {
                path: path.to_owned(),
                suggestion: nearest(&name, leaves),
                name,
            });
        }
    }
    Ok(())
}

/// The setting that resembles `name` most, by itself or under its section, if one does.
fn nearest(name: &str, leaves: &[Leaf]) -> Option<String> {
    let last = |text: &str| text.rsplit('.').next().unwrap_or_default().to_owned();
    let likeness = |leaf: &Leaf| {
        let whole = strsim::jaro_winkler(name, &leaf.field);
        whole.max(strsim::jaro_winkler(&last(name), &last(&leaf.field)))
    };
    let best = leaves
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > 0.85).then(|| best.field.clone())
}

/// A layer with the one setting that a variable holds: as text, as a TOML value, or as the elements of a list.
fn from_text(field: &str, text: &str) -> Result<Layer, String> {
    let as_text = from_value(field, Value::String(text.to_owned()));
    let Err(problem) = as_text else {
        return as_text;
    };
    if PLAIN.contains(&field) {
        return Err(problem);
    }
    match bare(text).map(|value| from_value(field, value)) {
        Some(Ok(layer)) => Ok(layer),
        Some(Err(nearer)) => bare(&format!("[{text}]"))
            .and_then(|list| from_value(field, list).ok())
            .ok_or(nearer),
        None => bare(&format!("[{text}]"))
            .and_then(|list| from_value(field, list).ok())
            .ok_or(problem),
    }
}

/// The TOML value that `text` alone is.
fn bare(text: &str) -> Option<Value> {
    let mut table = format!("value = {text}").parse::<Table>().ok()?;
    let value = table.remove("value")?;
    table.is_empty().then_some(value)
}

/// A layer with one setting; the error is the rest of a sentence that begins with the setting.
fn from_value(field: &str, value: Value) -> Result<Layer, String> {
    let nested = field.rsplit('.').fold(value, |inner, name| {
        Value::Table(Table::from_iter([(name.to_owned(), inner)]))
    });
    Layer::deserialize(nested).map_err(|error| without_value(error.message()))
}

/// What serde said of a value, without the value, which it quotes: any setting may have got a password or a key by mistake.
/// What our own types say quotes none.
fn without_value(message: &str) -> String {
    let Some((_, expected)) = message.rsplit_once(", expected ") else {
        return format!("is not accepted: {message}");
    };
    if message.starts_with("unknown field ") {
        return format!("has a part that is not known: its parts must be {expected}");
    }
    let wanted = match expected {
        "a string" => "text in quotes",
        "path string" => "the path of a file, in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "socket address" => "an address and a port, as 127.0.0.1:8080 or [::1]:8080",
        "u16" | "u32" | "u64" => "a whole number, 0 or more",
        "struct DkimKey" => "a table: { domain = …, selector = …, key_file = … }",
        expected => expected,
    };
    format!("must be {wanted}")
}
