//! The header: which column is which field.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use csv::StringRecord;
use unicode_normalization::UnicodeNormalization as _;

use super::MOST_TOLD;
use crate::cli::failure::Failure;
use crate::domain::draft::FieldError;

/// A field of an invitation that a column can hold, as `Draft` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli) enum Column {
    Organization,
    OrganizationKind,
    Cloud,
    Name,
    Email,
    PartnerType,
    Roles,
    Duration,
    AutoExtend,
    Agreement,
    Language,
    TimeZone,
    Note,
    Reference,
    GdapLink,
    ResellerLink,
    McaLink,
    ExpiresInDays,
    Viewers,
}

/// The headers of each field, as docs/cli.md lists them. Case, blanks and punctuation do not count.
#[rustfmt::skip]
const HEADERS: [(Column, &[&str]); 19] = [
    (Column::Organization, &[
        "organization", "organisation", "company", "customer",
        "조직", "조직명", "회사", "회사명", "고객사", "고객사명", "기관", "학교",
    ]),
    (Column::OrganizationKind, &["organization kind", "kind", "조직 유형", "조직 구분"]),
    (Column::Cloud, &["cloud", "클라우드"]),
    (Column::Name, &["name", "full name", "recipient", "contact", "이름", "성명", "담당자", "담당자명", "받는 사람"]),
    (Column::Email, &[
        "email", "mail", "email address", "이메일", "이메일 주소", "메일", "메일 주소", "전자 메일", "전자우편",
    ]),
    (Column::PartnerType, &["partner type", "type", "파트너 유형", "관계 유형", "유형"]),
    (Column::Roles, &["roles", "role", "역할", "관리자 역할", "권한"]),
    (Column::Duration, &["duration", "period", "기간", "권한 기간"]),
    (Column::AutoExtend, &["auto extend", "extend", "자동 연장"]),
    (Column::Agreement, &["mca", "agreement", "고객 계약", "Microsoft 고객 계약", "계약", "계약(MCA)"]),
    (Column::Language, &["language", "언어"]),
    (Column::TimeZone, &["time zone", "시간대", "표준 시간대"]),
    (Column::Note, &["note", "message", "메모"]),
    (Column::Reference, &["reference", "ref", "참조", "참조 번호", "관리 번호"]),
    (Column::GdapLink, &["gdap link", "GDAP 링크"]),
    (Column::ResellerLink, &["reseller link", "재판매인 링크", "리셀러 링크"]),
    (Column::McaLink, &["mca link", "MCA 링크", "계약 링크"]),
    (Column::ExpiresInDays, &["expires in days", "유효 일수", "유효 기간(일)"]),
    (Column::Viewers, &["viewers", "viewer", "cc", "열람자", "함께 볼 사람"]),
];

/// A header, read.
pub(super) struct Header {
    /// What each column holds; nothing for one that is ignored.
    pub(super) columns: Vec<Option<Column>>,
    /// The headers of those.
    pub(super) ignored: Vec<String>,
}

/// Reads the header; every mistake in it is told at once.
pub(super) fn read(record: &StringRecord, ignore_unknown: bool) -> Result<Header, Failure> {
    let mut errors = Vec::new();
    let mut wrong = |message: String| {
        errors.push(FieldError {
            field: "csv",
            message,
        });
    };
    let mut columns: Vec<Option<Column>> = Vec::with_capacity(record.len());
    let mut ignored = Vec::new();
    let mut known = BTreeSet::new();
    let mut faults = 0_usize;
    for (index, header) in record.iter().enumerate() {
        let column = find(header);
        let shown: String = header.trim().chars().take(40).collect();
        let fault = match column {
            None if header.trim().is_empty() => None,
            None if ignore_unknown => {
                ignored.push(shown.clone());
                None
            }
            None => Some("is none that is known: rename it, or say --ignore-unknown-columns"),
            Some(column) if known.insert(column) => None,
            Some(_) => Some("says what another column says already: keep one of them"),
        };
        if let Some(fault) = fault {
            faults += 1;
            if faults <= MOST_TOLD {
                wrong(format!(
                    "the header `{shown}` (column {}) {fault}",
                    index + 1
                ));
            }
        }
        columns.push(column);
    }
    if faults > MOST_TOLD {
        let more = faults - MOST_TOLD;
        wrong(format!(
            "{more} more headers are none that are known, or say what others say already: is it the right file?"
        ));
    }
    for needed in [Column::Organization, Column::Name, Column::Email] {
        if !known.contains(&needed) {
            wrong(format!(
                "the header lacks a column for {}: add one of {}",
                needed.field(),
                needed.headers().join(", ")
            ));
        }
    }
    if errors.is_empty() {
        return Ok(Header { columns, ignored });
    }
    Err(Failure::fields(errors))
}

impl Column {
    fn headers(self) -> &'static [&'static str] {
        HEADERS
            .iter()
            .find(|(column, _)| *column == self)
            .map_or(&[], |(_, headers)| headers)
    }

    /// The name of the field in error messages.
    pub(in crate::cli) const fn field(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::OrganizationKind => "organization_kind",
            Self::Cloud => "cloud",
            Self::Name => "name",
            Self::Email => "email",
            Self::PartnerType => "partner_type",
            Self::Roles => "roles",
            Self::Duration => "duration",
            Self::AutoExtend => "auto_extend",
            Self::Agreement => "mca",
            Self::Language => "language",
            Self::TimeZone => "time_zone",
            Self::Note => "note",
            Self::Reference => "reference",
            Self::GdapLink => "gdap_link",
            Self::ResellerLink => "reseller_link",
            Self::McaLink => "mca_link",
            Self::ExpiresInDays => "expires_in_days",
            Self::Viewers => "viewers",
        }
    }
}

fn find(header: &str) -> Option<Column> {
    static PLAIN: LazyLock<HashMap<String, Column>> = LazyLock::new(|| {
        let of_column = |(column, headers): &(Column, &'static [&'static str])| {
            let column = *column;
            headers.iter().map(move |header| (plain(header), column))
        };
        HEADERS.iter().flat_map(of_column).collect()
    });
    PLAIN.get(&plain(header)).copied()
}

/// Letters and digits alone, composed and in lower case: `E-Mail` and `email`, `파트너 유형` and `파트너유형` are the same.
pub(super) fn plain(text: &str) -> String {
    text.nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The lines of the list in docs/cli.md.
#[cfg(test)]
pub(super) fn documented() -> Vec<String> {
    HEADERS
        .iter()
        .map(|(column, headers)| format!("| `{}` | {} |", column.field(), headers.join(", ")))
        .collect()
}
