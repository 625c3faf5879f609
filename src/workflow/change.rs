//! What the notices about a relationship tell of a change: written by the step that makes the change, read when its mail is
//! made. Kept with the notice, so that a mail tells what was true then, whatever changed since.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// The payload of `ended`, `extended`, `roles_removed` and `relationship_ended`, to both sides the same; the kind of notice says
/// what happened. `ending` has none: it tells of what still ends when it leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// By whom.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// Key of the partner type that the relationship has since; the one that it had, where it has ended.
    pub partner_type: String,
    /// The roles that ended, were extended (with their new end) or were removed.
    pub roles: Vec<ToldRole>,
    /// The roles that were still granted besides.
    pub remaining: Vec<ToldRole>,
}

/// A role, as a notice tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldRole {
    /// Its key in the catalogue.
    pub role: String,
    /// Its expected end.
    pub until: Timestamp,
    /// Whether it extends itself then.
    #[serde(default)]
    pub auto_extend: bool,
}

/// By whom a change was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Somebody of the customer.
    Customer {
        /// The full name, as it is read: a person's, so erased with the person.
        name: String,
    },
    /// The partner.
    Partner,
    /// Nobody: time passed.
    Calendar,
}

impl Told {
    /// The text for [`crate::storage::notice::New::payload`].
    pub fn payload(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_told() {
        let role = |role: &str| ToldRole {
            role: role.to_owned(),
            until: Timestamp::from_micros(1_828_254_600_000_000),
            auto_extend: false,
        };
        let mut told = Told {
            by: By::Customer {
                name: "홍길동".to_owned(),
            },
            at: Timestamp::from_micros(1_804_050_600_000_000),
            partner_type: "reseller".to_owned(),
            roles: vec![role("helpdesk_administrator")],
            remaining: vec![],
        };
        assert_eq!(
            told.payload(),
            "{\"by\":{\"customer\":{\"name\":\"홍길동\"}},\"at\":\"2027-03-03T05:10:00Z\",\"partner_type\":\"reseller\",\
             \"roles\":[{\"role\":\"helpdesk_administrator\",\"until\":\"2027-12-08T08:30:00Z\",\"auto_extend\":false}],\
             \"remaining\":[]}"
        );
        for by in [told.by.clone(), By::Partner, By::Calendar] {
            told.by = by;
            assert_eq!(serde_json::from_str::<Told>(&told.payload()).unwrap(), told);
        }
    }
}
