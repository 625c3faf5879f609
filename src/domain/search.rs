//! Words that are searched for, and how much they weigh: made by the application, so that both databases find the same in
//! the same order.
//!
//! A text becomes terms: Latin and other words as a whole, without a plural's *s*; Hangul, Han and kana as pairs of
//! neighbouring syllables, so that a word of two syllables is found inside a longer one and no dictionary is needed. A
//! profile keeps what each of its terms weighs (BM25 over weighted fields); a query adds how rare each term is. All of it is
//! counted in whole numbers.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization as _;

/// The longest query, in characters.
pub const LONGEST_QUERY: usize = 200;

/// The most terms that a query is read for; the rest of it is passed over.
pub const MOST_PARTS: usize = 24;

/// The longest term, in characters: what is longer is cut, in profiles as in queries.
const LONGEST_TERM: usize = 40;

/// From how many letters the beginning of a word is enough.
const PREFIX: usize = 3;

/// Sorts after every character that a term may hold, in both databases (bytes of UTF-8).
const LAST: char = '\u{10ffff}';

/// A text that cannot be searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// More characters than anybody types.
    #[error("q: the search is longer than {LONGEST_QUERY} characters: search for a few words")]
    TooLong,
}

/// Whether its script is written in syllables or characters that make words without blanks between.
fn is_dense(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}' // Hangul
        | '\u{3005}' | '\u{3040}'..='\u{30ff}' // kana
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' // Han
        | '\u{20000}'..='\u{3ffff}')
}

/// One kind of writing without a break.
#[derive(Debug)]
enum Run {
    /// A word.
    Word(String),
    /// Hangul, Han and kana.
    Dense(Vec<char>),
}

/// The runs of a text, in their order; width, composition and case do not count.
fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut joined = false;
    for c in text.nfkc().flat_map(char::to_lowercase) {
        let is_mark = super::text::is_mark(c);
        if !c.is_alphanumeric() && !is_mark {
            joined = false;
            continue;
        }
        match runs.last_mut().filter(|_| joined) {
            Some(Run::Dense(run)) if is_dense(c) => run.push(c),
            Some(Run::Word(run)) if !is_dense(c) => run.push(c),
            _ if is_mark => continue,
            _ if is_dense(c) => runs.push(Run::Dense(vec![c])),
            _ => runs.push(Run::Word(c.to_string())),
        }
        joined = true;
    }
    runs
}

/// A word as it is compared: cut, and without the *s* of a plural.
fn word(run: &str) -> String {
    let mut word: String = run.chars().take(LONGEST_TERM).collect();
    let is_plural = word.len() > 3
        && word.is_ascii()
        && word.ends_with('s')
        && !word.ends_with("ss")
        && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_plural {
        word.pop();
    }
    word
}

/// The terms of a text, as often as they stand in it.
pub fn terms(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    for run in runs(text) {
        match run {
            Run::Word(run) => terms.push(word(&run)),
            Run::Dense(run) if run.len() == 1 => terms.push(run.iter().collect()),
            Run::Dense(run) => terms.extend(run.windows(2).map(|pair| pair.iter().collect())),
        }
    }
    terms
}

/// What is looked up for one part of a query: every term from `from` up to, and without, `below`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Range {
    /// The term itself; the first of the range.
    pub from: String,
    /// The first text after the range.
    pub below: String,
}

impl Range {
    /// This term and no other: nothing in a term sorts before a blank.
    pub fn exact(term: String) -> Self {
        let below = format!("{term} ");
        Self { from: term, below }
    }

    /// All terms that begin like that.
    fn beginning(term: String) -> Self {
        let below = format!("{term}{LAST}");
        Self { from: term, below }
    }

    /// The same within a space of its own, such as that of places.
    fn within(self, space: &str) -> Self {
        Self {
            from: format!("{space}{}", self.from),
            below: format!("{space}{}", self.below),
        }
    }

    /// Whether the term is among them.
    pub fn contains(&self, term: &str) -> bool {
        self.from.as_str() <= term && term < self.below.as_str()
    }
}

/// The parts of a query, each once, in their order.
fn parts(text: &str) -> Vec<Range> {
    let mut parts: Vec<Range> = Vec::new();
    for run in runs(text) {
        let found = match run {
            Run::Word(run) => {
                let word = word(&run);
                let is_long = word.chars().count() >= PREFIX;
                vec![if is_long {
                    Range::beginning(word)
                } else {
                    Range::exact(word)
                }]
            }
            // A syllable of its own may begin a longer word.
            Run::Dense(run) if run.len() == 1 => vec![Range::beginning(run.iter().collect())],
            Run::Dense(run) => {
                let pairs = run.windows(2).map(|pair| pair.iter().collect());
                pairs.map(Range::exact).collect()
            }
        };
        for range in found {
            if parts.len() < MOST_PARTS && !parts.contains(&range) {
                parts.push(range);
            }
        }
    }
    parts
}

/// The space of places in which a profile is found.
const PLACE: &str = "/place/";
/// The term of every profile that is published: how many there are.
pub const EVERY: &str = "/";

/// The term of a word of a closed set, such as a size.
pub fn facet(kind: &str, word: &str) -> String {
    format!("/{kind}/{word}")
}

/// The terms of a place.
pub fn place_terms(text: &str) -> Vec<String> {
    let terms = terms(text).into_iter();
    terms.map(|term| format!("{PLACE}{term}")).collect()
}

/// What is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Some of these: see [`Plan::enough`].
    pub wanted: Vec<Range>,
    /// All of these.
    pub needed: Vec<Range>,
}

impl Query {
    /// Reads the words of a search; more than [`MOST_PARTS`] are passed over.
    ///
    /// # Errors
    /// [`QueryError::TooLong`].
    pub fn of_words(text: &str) -> Result<Self, QueryError> {
        check_length(text)?;
        Ok(Self {
            wanted: parts(text),
            needed: Vec::new(),
        })
    }

    /// Of those, the ones at a place. A text without a letter or a digit is no wish.
    ///
    /// # Errors
    /// [`QueryError::TooLong`].
    pub fn at(mut self, place: &str) -> Result<Self, QueryError> {
        check_length(place)?;
        let ranges = parts(place).into_iter().map(|range| range.within(PLACE));
        self.needed.extend(ranges);
        Ok(self)
    }

    /// Of those, the ones with a word of a closed set.
    #[must_use]
    pub fn with(mut self, kind: &str, word: &str) -> Self {
        self.needed.push(Range::exact(facet(kind, word)));
        self
    }
}

fn check_length(text: &str) -> Result<(), QueryError> {
    // Counted no further than needed.
    if text.chars().nth(LONGEST_QUERY).is_some() {
        return Err(QueryError::TooLong);
    }
    Ok(())
}

/// A text of a profile, and how much a word in it counts.
pub type Field<'a> = (u32, &'a str);

/// How often each term stands in a profile, weighted, makes its weight: BM25 with k₁ = 3, b = ½ and an average length of 60
/// terms, times 1,000. More of the same counts less and less; a long text counts less than a short one.
pub fn weigh<'a>(fields: impl IntoIterator<Item = Field<'a>>) -> BTreeMap<String, i64> {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    let mut length = 0;
    for (weight, text) in fields {
        for term in terms(text) {
            length += 1;
            *counts.entry(term).or_default() += i64::from(weight);
        }
    }
    for count in counts.values_mut() {
        *count = 480_000 * *count / (120 * *count + 3 * (60 + length));
    }
    counts
}

/// How much a term counts that stands in `with` of `all` profiles: log₂((all + 1) ÷ (with + ½)), in 256ths; at least 1.
pub fn rarity(all: i64, with: i64) -> i64 {
    let all = u64::try_from(all).unwrap_or(0).min(1 << 40);
    let with = u64::try_from(with).unwrap_or(0).min(all);
    log2(2 * all + 2, 2 * with + 1).max(1)
}

/// log₂(above ÷ below) in 256ths, rounded down; `above` ≥ `below` ≥ 1.
fn log2(above: u64, below: u64) -> i64 {
    const ONE: u128 = 1 << 32;
    let mut ratio = u128::from(above) * ONE / u128::from(below.max(1));
    let mut result = 0;
    while ratio >= 2 * ONE {
        ratio /= 2;
        result += 256;
    }
    let mut bit = 128;
    while bit > 0 {
        ratio = ratio * ratio / ONE;
        if ratio >= 2 * ONE {
            ratio /= 2;
            result += bit;
        }
        bit /= 2;
    }
    result
}

/// A term that the profiles have, and in how many it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The term.
    pub term: String,
    /// In how many profiles.
    pub profiles: i64,
}

/// A term to be found, as part of a query.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Wanted {
    /// The term.
    pub term: String,
    /// Which part of the query it stands for.
    pub part: i64,
    /// What it counts for: nothing where it is needed.
    pub weight: i64,
    /// 1 where it is needed, 0 where it is wanted.
    pub needed: i64,
}

/// The most terms that one part stands for: the word itself, and the most common ones of many that begin alike.
pub const MOST_ENDINGS: i64 = 12;

/// What to find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The terms.
    pub terms: Vec<Wanted>,
    /// How many parts a profile must have all of.
    pub needed: i64,
    /// How many of the wanted parts it must have, at least: half of those that anybody has, rounded down, and one.
    pub enough: i64,
}

/// The terms to find, of those that the profiles have; `all` is the number of profiles. Words that nobody has are passed
/// over. Nothing where nobody can be found.
pub fn plan(query: &Query, known: &[Known], all: i64) -> Option<Plan> {
    let mut plan = Plan::default();
    let parts = query.wanted.iter().map(|range| (range, false));
    let parts = parts.chain(query.needed.iter().map(|range| (range, true)));
    let mut found = 0;
    for ((range, is_needed), part) in parts.zip(0..) {
        let before = plan.terms.len();
        let endings = known.iter().filter(|known| range.contains(&known.term));
        plan.terms.extend(endings.map(|known| Wanted {
            term: known.term.clone(),
            part,
            weight: match known.term == range.from {
                _ if is_needed => 0,
                true => rarity(all, known.profiles),
                // What only begins alike counts half.
                false => (rarity(all, known.profiles) + 1) / 2,
            },
            needed: i64::from(is_needed),
        }));
        match (plan.terms.len() > before, is_needed) {
            (true, true) => plan.needed += 1,
            (true, false) => found += 1,
            (false, true) => return None,
            (false, false) => {}
        }
    }
    if !query.wanted.is_empty() {
        plan.enough = (found / 2).max(1);
    }
    (found >= plan.enough).then_some(plan)
}

#[cfg(test)]
mod tests;
