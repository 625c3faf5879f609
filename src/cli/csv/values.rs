//! Cells: what people write into them, as the keys that an invitation is asked for with.
//!
//! What is not recognised here goes on as it is: the domain refuses it, and says what it takes.

use super::columns::plain;
use super::{Cells, Column, Row};
use crate::domain::catalogue;
use crate::domain::draft::{Draft, FieldError, Request};
use crate::domain::language::{AVAILABLE, Language};
use crate::locale::Texts;

/// The invitation that a row asks for: `base`, with what its cells say.
pub(super) fn draft(base: &Draft, cells: &Cells) -> Result<Draft, Vec<FieldError>> {
    let mut draft = base.clone();
    let mut errors = Vec::new();
    for (column, cell) in cells {
        let text = || Some(cell.clone());
        match column {
            Column::Organization => draft.organization.clone_from(cell),
            Column::Name => draft.name.clone_from(cell),
            Column::Email => draft.email.clone_from(cell),
            Column::OrganizationKind => draft.organization_kind = Some(organization_kind(cell)),
            Column::Cloud => draft.cloud = Some(cloud(cell)),
            Column::PartnerType => draft.partner_type = Some(partner_type(cell)),
            Column::Roles => draft.roles = Some(roles(cell)),
            Column::Duration => draft.duration = Some(duration(cell)),
            Column::Language => draft.language = Some(language(cell)),
            Column::TimeZone => draft.time_zone = text(),
            Column::Viewers => draft.viewers = viewers(cell),
            Column::Note => draft.note = text(),
            Column::Reference => draft.reference = text(),
            Column::GdapLink => draft.gdap_link = text(),
            Column::ResellerLink => draft.reseller_link = text(),
            Column::McaLink => draft.mca_link = text(),
            Column::Agreement | Column::AutoExtend => match yes_or_no(cell) {
                Some(yes) if *column == Column::Agreement => draft.agreement = yes,
                Some(yes) => draft.auto_extend = yes,
                None => errors.push(FieldError {
                    field: column.field(),
                    message: "write yes or no (예, 아니오)".to_owned(),
                }),
            },
            Column::ExpiresInDays => match days(cell) {
                Some(days) => draft.expires_in_days = Some(days),
                None => errors.push(FieldError {
                    field: column.field(),
                    message: "write a number of days, 1 to 90".to_owned(),
                }),
            },
        }
    }
    if errors.is_empty() {
        Ok(draft)
    } else {
        Err(errors)
    }
}

/// The request that a row makes, checked: `base`, with what its cells say.
///
/// # Errors
/// Every field of the row that has to be mended.
pub(in crate::cli) fn request(base: &Draft, row: &Row) -> Result<Request, Vec<FieldError>> {
    let cells = row.cells.as_ref().map_err(|error| vec![error.clone()])?;
    let mut draft = draft(base, cells)?;
    // A flag's link is for those rows that it fits; one of the row itself is refused where it fits not.
    let wanted = draft.partner_type.as_deref();
    let sells = catalogue::types().any(|(_, kind)| kind.sells && Some(&*kind.key) == wanted);
    if !cells.contains_key(&Column::McaLink) && !draft.agreement {
        draft.mca_link = None;
    }
    if !cells.contains_key(&Column::ResellerLink) && !sells {
        draft.reseller_link = None;
    }
    draft.check()
}

/// The key of a partner type that is written as its key or its name, in any language that mails are written in.
pub(in crate::cli) fn partner_type(text: &str) -> String {
    let keys = catalogue::types().map(|(_, kind)| (kind.key.as_str(), kind.name.as_str()));
    named("type", text, keys)
}

/// The keys of roles, with commas, semicolons, bars or line breaks between; none for a word that says so.
pub(in crate::cli) fn roles(text: &str) -> Vec<String> {
    if text.trim() == "-" || matches!(plain(text).as_str(), "none" | "없음") {
        return Vec::new();
    }
    text.split([',', ';', '|', '\n'])
        .map(str::trim)
        .filter(|role| !role.is_empty())
        .map(|role| {
            let known = catalogue::roles().iter();
            named(
                "role",
                role,
                known.map(|role| (role.key.as_str(), role.name.as_str())),
            )
        })
        .collect()
}

/// Addresses, with commas, semicolons, bars or line breaks between.
fn viewers(text: &str) -> Vec<String> {
    let addresses = text.split([',', ';', '|', '\n']).map(str::trim);
    let given = addresses.filter(|address| !address.is_empty());
    given.map(str::to_owned).collect()
}

fn named<'a>(family: &str, text: &str, known: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let wanted = plain(text);
    for (key, name) in known {
        let spoken = AVAILABLE.iter().map(|tag| Texts::of(tag).name(family, key));
        let mut spellings = [key.to_owned(), name.to_owned()]
            .into_iter()
            .chain(spoken)
            .flat_map(|spelling| spellings(&spelling));
        if spellings.any(|spelling| spelling == wanted) {
            return key.to_owned();
        }
    }
    text.to_owned()
}

/// A name as it is, without what stands in parentheses, and that alone: `전역 관리자(Global Administrator)`.
fn spellings(name: &str) -> Vec<String> {
    let mut all = vec![plain(name)];
    if let Some((before, rest)) = name.split_once('(')
        && let Some((inside, after)) = rest.split_once(')')
    {
        all.push(plain(&format!("{before}{after}")));
        all.push(plain(inside));
    }
    all
}

/// ISO 8601 for a number with a unit: `1년`, `6개월`, `180 days`.
pub(in crate::cli) fn duration(text: &str) -> String {
    let given = plain(text);
    let digits = given.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = given.split_at(digits);
    let designator = match unit {
        "년" | "year" | "years" | "y" => "Y",
        "개월" | "달" | "month" | "months" => "M",
        "주" | "주일" | "week" | "weeks" => "W",
        "일" | "day" | "days" | "d" => "D",
        _ => return text.to_owned(),
    };
    format!("P{number}{designator}")
}

fn language(text: &str) -> String {
    let wanted = plain(text);
    let is_named = |tag: &&Language| {
        let own = Texts::of(tag).m("writing-name");
        let key = format!("page-language-{}", tag.primary());
        let others = AVAILABLE.iter().filter_map(|it| Texts::of(it).find(&key));
        others.chain([own]).any(|name| plain(&name) == wanted)
    };
    let named = AVAILABLE.iter().find(is_named);
    named.map_or_else(|| text.to_owned(), ToString::to_string)
}

fn organization_kind(text: &str) -> String {
    match plain(text).as_str() {
        "조직" | "회사" | "기업" | "기관" | "company" | "organization" => {
            "organization".to_owned()
        }
        "학교" | "대학" | "대학교" | "school" => "school".to_owned(),
        _ => text.to_owned(),
    }
}

fn cloud(text: &str) -> String {
    match plain(text).as_str() {
        "global" | "글로벌" => "global".to_owned(),
        "21vianet" | "china" | "중국" => "21vianet".to_owned(),
        "usgov" | "usgovernment" => "us_gov".to_owned(),
        _ => text.to_owned(),
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match plain(text).as_str() {
        "yes" | "y" | "true" | "1" | "o" | "예" | "네" | "포함" | "있음" => Some(true),
        "no" | "n" | "false" | "0" | "x" | "아니오" | "아니요" | "제외" | "없음" => {
            Some(false)
        }
        _ => None,
    }
}

fn days(text: &str) -> Option<u16> {
    let given = plain(text);
    let number = given.trim_end_matches("days").trim_end_matches('일');
    number.parse().ok()
}
