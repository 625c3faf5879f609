//! Where the database is. The URL holds a password, so that printing it never shows more than the rest.

use std::fmt;

use serde::Deserialize;
use url::Url;

use super::values::Texts;

/// The URL of one database server, or of an SQLite file.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The whole URL, password and all, for the driver.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is SQLite; otherwise it is PostgreSQL.
    pub fn is_sqlite(&self) -> bool {
        self.0.starts_with("sqlite:")
    }
}

/// Without its password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_sqlite() {
            return f.write_str(&self.0);
        }
        let Ok(mut url) = Url::parse(&self.0) else {
            return f.write_str("postgres://***");
        };
        if url.password().is_some() && url.set_password(Some("***")).is_err() {
            return f.write_str("postgres://***");
        }
        if url.query().is_some() {
            // PostgreSQL takes `password` and `sslpassword` there too.
            let parameters: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let mut shown = url.query_pairs_mut();
            shown.clear();
            for (name, value) in parameters {
                let hidden = name.to_ascii_lowercase().contains("password");
                shown.append_pair(&name, if hidden { "***" } else { &value });
            }
        }
        fmt::Display::fmt(&url, f)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// One SQLite file, one PostgreSQL server, or several of which one is not in recovery.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Texts")]
pub struct DatabaseUrls(Vec<DatabaseUrl>);

impl DatabaseUrls {
    /// All of them: at least one, and more than one only for PostgreSQL.
    pub fn all(&self) -> &[DatabaseUrl] {
        &self.0
    }

    /// Whether it is SQLite; otherwise it is PostgreSQL.
    pub fn is_sqlite(&self) -> bool {
        self.0.iter().any(DatabaseUrl::is_sqlite)
    }
}

impl fmt::Display for DatabaseUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, url) in self.0.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{url}")?;
        }
        Ok(())
    }
}

impl TryFrom<Texts> for DatabaseUrls {
    type Error = &'static str;

    fn try_from(texts: Texts) -> Result<Self, Self::Error> {
        let several = match texts {
            Texts::One(text) => split(&text),
            Texts::Several(several) => several,
        };
        let urls = several
            .iter()
            .map(|text| one(text.trim()))
            .collect::<Result<Vec<_>, _>>()?;
        match urls.as_slice() {
            [] => Err("name at least one URL"),
            [_] => Ok(Self(urls)),
            several if several.iter().any(DatabaseUrl::is_sqlite) => {
                Err("a list is for PostgreSQL servers: SQLite is one file")
            }
            _ => Ok(Self(urls)),
        }
    }
}

/// Splits at the commas before a scheme: a password may hold others.
fn split(text: &str) -> Vec<String> {
    let mut urls: Vec<String> = Vec::new();
    for part in text.split(',') {
        match urls.last_mut() {
            Some(last) if !part.trim_start().starts_with("postgres") => {
                last.push(',');
                last.push_str(part);
            }
            _ => urls.push(part.to_owned()),
        }
    }
    urls
}

fn one(text: &str) -> Result<DatabaseUrl, &'static str> {
    const FORMS: &str = "use sqlite://FILE or postgres://USER:PASSWORD@HOST/DATABASE";
    if let Some(file) = text.strip_prefix("sqlite:") {
        let file = file.trim_start_matches("//");
        if file.is_empty() || file.starts_with('?') {
            return Err("name the file: sqlite://countersign.db");
        }
        return Ok(DatabaseUrl(text.to_owned()));
    }
    if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
        return Err(FORMS);
    }
    let url = Url::parse(text).map_err(|_| {
        "use postgres://USER:PASSWORD@HOST/DATABASE, and write special characters of the password as %XX"
    })?;
    let names_database =
        url.path().len() > 1 || url.query_pairs().any(|(name, _)| name == "dbname");
    if !names_database {
        return Err("name the database: postgres://HOST/DATABASE");
    }
    Ok(DatabaseUrl(text.to_owned()))
}
