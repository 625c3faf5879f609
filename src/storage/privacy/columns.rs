//! Which columns say something of a person, for the test that holds the migrations to it: a new column has to be thought of.

/// What a column says of the persons that exports and erasures are about: those behind contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Nothing: identifiers of rows, states, moments, settings, hashes of what is not a person's.
    Nothing,
    /// Who they are, where they are, what they said or did: blanked or deleted by an erasure.
    Erased,
    /// Evidence of a consent: kept for years after an erasure, then blanked.
    Kept,
    /// A keyed hash, which stays.
    Keyed,
    /// The partner's own: what a company publishes of itself.
    Partners,
    /// What a company calls itself, in the partner's books; a domain that mail went to.
    Companies,
}

use Class::{Companies, Erased, Kept, Keyed, Nothing, Partners};

/// Every column of every table.
pub(super) const COLUMNS: &[(&str, &[(&str, Class)])] = &[
    (
        "installation",
        &[
            ("id", Nothing),
            ("audience", Nothing),
            ("created_at", Nothing),
            ("swept_at", Nothing),
        ],
    ),
    (
        "partner",
        &[
            ("id", Nothing),
            ("handle", Partners),
            ("name", Partners),
            ("legal_name", Partners),
            ("email", Partners),
            ("phone", Partners),
            ("address", Partners),
            ("website", Partners),
            ("representative", Partners),
            ("registration_number", Partners),
            ("language", Partners),
            ("time_zone", Partners),
            ("advertising_mark", Nothing),
            ("schedule", Partners),
            ("per_key_day", Nothing),
            ("per_partner_day", Nothing),
            ("created_at", Nothing),
        ],
    ),
    (
        "organization",
        &[
            ("id", Nothing),
            ("partner_id", Nothing),
            ("name", Companies),
            ("name_key", Companies),
            ("kind", Nothing),
            ("cloud", Nothing),
            ("language", Companies),
            ("time_zone", Companies),
            ("created_at", Nothing),
        ],
    ),
    (
        "contact",
        &[
            ("id", Nothing),
            ("address", Erased),
            ("smtp_address", Erased),
            ("domain", Erased),
            ("language", Erased),
            ("time_zone", Erased),
            ("created_at", Nothing),
        ],
    ),
    (
        "agreement",
        &[
            ("id", Nothing),
            ("kind", Nothing),
            ("version", Nothing),
            ("language", Nothing),
            ("title", Nothing),
            ("body", Nothing),
            ("sha256", Nothing),
            ("is_sample", Nothing),
            ("effective_at", Nothing),
            ("created_at", Nothing),
        ],
    ),
    (
        "invitation",
        &[
            ("id", Nothing),
            ("partner_id", Nothing),
            ("organization_id", Nothing),
            ("contact_id", Nothing),
            ("state", Nothing),
            ("offer", Nothing),
            ("offer_key", Nothing),
            ("language", Nothing),
            ("time_zone", Nothing),
            ("note", Erased),
            ("links", Nothing),
            ("reference", Erased),
            ("source", Nothing),
            ("forced", Nothing),
            ("created_at", Nothing),
            ("expires_at", Nothing),
            ("ended_at", Nothing),
            ("decline_reason", Nothing),
            ("decline_text", Erased),
        ],
    ),
    (
        "recipient",
        &[
            ("id", Nothing),
            ("invitation_id", Nothing),
            ("contact_id", Nothing),
            ("role", Nothing),
            ("name", Erased),
            ("generation", Nothing),
            ("key_id", Nothing),
            ("links_expire_at", Nothing),
            ("reminders_stopped_at", Nothing),
            ("undeliverable_at", Nothing),
            ("created_at", Nothing),
        ],
    ),
    (
        "relationship",
        &[
            ("id", Nothing),
            ("partner_id", Nothing),
            ("organization_id", Nothing),
            ("invitation_id", Nothing),
            ("partner_type", Nothing),
            ("catalogue", Nothing),
            ("state", Nothing),
            ("revision", Nothing),
            ("since", Nothing),
            ("updated_at", Nothing),
            ("ended_at", Nothing),
            ("continued_by", Nothing),
        ],
    ),
    (
        "acceptance",
        &[
            ("id", Nothing),
            ("partner_id", Nothing),
            ("invitation_id", Nothing),
            ("recipient_id", Nothing),
            ("contact_id", Nothing),
            ("relationship_id", Nothing),
            ("canonical", Kept),
            ("salt", Kept),
            ("accepted_at", Nothing),
        ],
    ),
    (
        "consent",
        &[
            ("id", Nothing),
            ("acceptance_id", Nothing),
            ("invitation_id", Nothing),
            ("agreement_id", Nothing),
            ("agreement_sha256", Nothing),
            ("consented_at", Nothing),
        ],
    ),
    (
        "role_grant",
        &[
            ("id", Nothing),
            ("partner_id", Nothing),
            ("relationship_id", Nothing),
            ("acceptance_id", Nothing),
            ("role", Nothing),
            ("state", Nothing),
            ("duration", Nothing),
            ("granted_at", Nothing),
            ("activated_at", Nothing),
            ("expected_end_at", Nothing),
            ("auto_extend", Nothing),
            ("revision", Nothing),
            ("ended_at", Nothing),
        ],
    ),
    (
        "microsoft_step",
        &[
            ("invitation_id", Nothing),
            ("step", Nothing),
            ("state", Nothing),
            ("changed_at", Nothing),
        ],
    ),
    (
        "notice",
        &[
            ("id", Nothing),
            ("partner_id", Nothing),
            ("lane", Erased),
            ("domain", Erased),
            ("channel", Nothing),
            ("kind", Nothing),
            ("step", Nothing),
            ("subject_id", Nothing),
            ("target_id", Nothing),
            ("generation", Nothing),
            ("payload", Erased),
            ("state", Nothing),
            ("run_at", Nothing),
            ("due_at", Nothing),
            ("lease_id", Nothing),
            ("attempts", Nothing),
            ("failures", Nothing),
            ("deaths", Nothing),
            ("created_at", Nothing),
            ("settled_at", Nothing),
            ("last_reply", Erased),
        ],
    ),
    (
        "attempt",
        &[
            ("notice_id", Nothing),
            ("number", Nothing),
            ("lease_id", Nothing),
            ("begun_at", Nothing),
            ("body_started_at", Nothing),
            ("message_id", Nothing),
            ("dated_at", Nothing),
            ("body_sha256", Erased),
            ("ended_at", Nothing),
            ("outcome", Nothing),
            ("stage", Nothing),
            ("reply", Erased),
        ],
    ),
    (
        "lease",
        &[
            ("id", Nothing),
            ("worker", Nothing),
            ("taken_at", Nothing),
            ("valid_until", Nothing),
        ],
    ),
    (
        "lane",
        &[
            ("domain", Companies),
            ("next_at", Nothing),
            ("interval_micros", Nothing),
            ("max_in_flight", Nothing),
        ],
    ),
    (
        "transport_pause",
        &[
            ("transport", Nothing),
            ("since", Nothing),
            ("paused_until", Nothing),
            ("failures", Nothing),
            ("stage", Nothing),
            ("reply", Nothing),
        ],
    ),
    (
        "suppression",
        &[
            ("mailbox", Keyed),
            ("id", Nothing),
            ("address", Erased),
            ("reason", Nothing),
            ("detail", Erased),
            ("created_at", Nothing),
        ],
    ),
    (
        "suppression_removal",
        &[
            ("id", Nothing),
            ("mailbox", Keyed),
            ("reason", Nothing),
            ("partner_id", Nothing),
            ("why", Erased),
            ("suppressed_at", Nothing),
            ("removed_at", Nothing),
        ],
    ),
    (
        "idempotency",
        &[
            ("partner_id", Nothing),
            ("idempotency_key", Erased),
            ("request_sha256", Erased),
            ("answer", Erased),
            ("created_at", Nothing),
            ("expires_at", Nothing),
        ],
    ),
    (
        "invitation_limit",
        &[
            ("window_start", Nothing),
            ("counter", Keyed),
            ("used", Nothing),
        ],
    ),
    (
        "api_key",
        &[
            ("id", Nothing),
            ("partner_id", Nothing),
            ("prefix", Nothing),
            ("sha256", Nothing),
            ("name", Partners),
            ("scopes", Nothing),
            ("created_at", Nothing),
            ("expires_at", Nothing),
            ("last_used_at", Nothing),
            ("revoked_at", Nothing),
            ("replaces", Nothing),
        ],
    ),
    (
        "api_answer",
        &[
            ("partner_id", Nothing),
            ("idempotency_key", Erased),
            ("request_sha256", Erased),
            ("holder", Nothing),
            ("held_until", Nothing),
            ("status", Nothing),
            ("body", Erased),
            ("created_at", Nothing),
            ("expires_at", Nothing),
        ],
    ),
    (
        "event",
        &[
            ("id", Nothing),
            ("partner_id", Nothing),
            ("seq", Nothing),
            ("kind", Nothing),
            ("subject_id", Nothing),
            ("actor", Nothing),
            ("data", Nothing),
            ("happened_at", Nothing),
            ("hash", Nothing),
        ],
    ),
    (
        "chain_head",
        &[
            ("partner_id", Nothing),
            ("seq", Nothing),
            ("hash", Nothing),
            ("key_id", Nothing),
            ("signature", Nothing),
            ("signed_at", Nothing),
        ],
    ),
    (
        "visit",
        &[
            ("id", Erased),
            ("recipient_id", Erased),
            ("purpose", Erased),
            ("label", Erased),
            ("evidence", Erased),
            ("client_address", Erased),
            ("user_agent", Erased),
            ("visited_at", Erased),
            ("times", Erased),
            ("last_at", Erased),
        ],
    ),
    (
        "profile",
        &[
            ("partner_id", Nothing),
            ("body", Partners),
            ("published_at", Nothing),
            ("created_at", Nothing),
            ("updated_at", Nothing),
        ],
    ),
    (
        "profile_term",
        &[
            ("term", Partners),
            ("partner_id", Nothing),
            ("weight", Nothing),
        ],
    ),
    (
        "inquiry",
        &[
            ("id", Erased),
            ("contact_id", Erased),
            ("state", Erased),
            ("name", Erased),
            ("organization", Erased),
            ("phone", Erased),
            ("size", Erased),
            ("needs", Erased),
            ("body", Erased),
            ("language", Erased),
            ("time_zone", Erased),
            ("key_id", Erased),
            ("links_expire_at", Erased),
            ("created_at", Erased),
            ("confirmed_at", Erased),
        ],
    ),
    (
        "inquiry_partner",
        &[
            ("id", Erased),
            ("inquiry_id", Erased),
            ("partner_id", Erased),
            ("key_id", Erased),
            ("links_expire_at", Erased),
            ("sent_at", Erased),
            ("invitation_id", Erased),
            ("answered_at", Erased),
        ],
    ),
    (
        "webhook_endpoint",
        &[
            ("id", Nothing),
            ("partner_id", Nothing),
            ("url", Partners),
            ("kinds", Nothing),
            ("state", Nothing),
            ("revision", Nothing),
            ("created_at", Nothing),
            ("updated_at", Nothing),
            ("failing_since", Nothing),
            ("switched_off_at", Nothing),
            ("switched_off_because", Nothing),
        ],
    ),
    (
        "webhook_secret",
        &[
            ("endpoint_id", Nothing),
            ("number", Nothing),
            ("key_id", Nothing),
            ("sealed", Partners),
            ("created_at", Nothing),
            ("valid_until", Nothing),
        ],
    ),
];

mod tests {
    use super::*;

    /// Tables and their columns, as a migration says.
    fn declared(migration: &str) -> Vec<(&str, Vec<&str>)> {
        let mut tables: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in migration.lines() {
            if let Some(name) = line.strip_prefix("CREATE TABLE ") {
                tables.push((name.trim_end_matches(" ("), Vec::new()));
            } else if let Some((column, _)) = line
                .strip_prefix("    ")
                .and_then(|rest| rest.split_once(' '))
                && let Some(table) = tables.last_mut()
                && column
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
            {
                table.1.push(column);
            }
        }
        tables
    }

    #[test]
    fn every_column_is_classified() {
        let classified: Vec<(&str, Vec<&str>)> = COLUMNS
            .iter()
            .map(|(table, columns)| (*table, columns.iter().map(|(column, _)| *column).collect()))
            .collect();
        for migration in [
            include_str!("../../../migrations/sqlite/0001_foundation.sql"),
            include_str!("../../../migrations/postgres/0001_foundation.sql"),
        ] {
            assert_eq!(declared(migration), classified);
        }
        assert_eq!(
            crate::storage::newest_migration(),
            1,
            "is what it adds classified, too?"
        );
    }

    #[test]
    fn what_is_of_a_person_is_touched_by_an_erasure() {
        let statements: String = super::super::all_statements()
            .map(|(_, sql)| sql.sqlite)
            .collect();
        for (table, columns) in COLUMNS {
            let touched = |class: &Class| matches!(class, Erased | Kept);
            if !columns.iter().any(|(_, class)| touched(class)) || table.starts_with("suppression")
            {
                continue;
            }
            let deleted = statements.contains(&format!("DELETE FROM {table} "));
            for (column, class) in *columns {
                let updated = statements.contains(&format!("UPDATE {table} SET"))
                    && statements.contains(&format!("{column} ="));
                assert!(!touched(class) || deleted || updated, "{table}.{column}");
            }
        }
    }
}
