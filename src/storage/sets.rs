//! Sets as arguments: one statement works on a batch, and the batch travels as one JSON text that both databases unfold
//! (`json_each` on SQLite, `jsonb_to_recordset` on PostgreSQL). UUIDs are written as 32 hexadecimal digits, which
//! PostgreSQL reads as they are and SQLite through `unhex`.
//!
//! Where a set picks rows, PostgreSQL gets it as `= ANY (ARRAY (SELECT …))`: beside `IN (SELECT …)` its planner rather reads
//! the whole table.

use serde::Serialize;
use uuid::Uuid;

/// A JSON array of identifiers.
pub(super) fn ids(ids: impl IntoIterator<Item = Uuid>) -> String {
    let mut text = String::from("[");
    for (index, id) in ids.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push('"');
        text.push_str(id.as_simple().encode_lower(&mut Uuid::encode_buffer()));
        text.push('"');
    }
    text.push(']');
    text
}

/// A JSON array of rows or of texts.
pub(super) fn rows<T: Serialize>(rows: &[T]) -> String {
    // Serializing a slice of structs of strings and numbers cannot fail; an empty set is the harmless answer if it did.
    serde_json::to_string(rows).unwrap_or_else(|_| "[]".to_owned())
}

/// 32 lower-case hexadecimal digits.
pub(super) fn hex(id: Uuid) -> String {
    id.as_simple().to_string()
}
