//! Which events an endpoint is told of.

use serde::{Deserialize, Serialize};

use crate::domain::audit::EventKind;

/// Kinds of events, by their written names, of which a newer release may know more; none named is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subscription(Vec<String>);

impl Subscription {
    /// Exactly these, each once, in the order of the list of kinds; all, where none is named.
    pub fn new(mut kinds: Vec<EventKind>) -> Self {
        kinds.sort_unstable();
        kinds.dedup();
        Self(kinds.iter().map(ToString::to_string).collect())
    }

    /// The kinds that were named; empty for all.
    pub fn kinds(&self) -> &[String] {
        &self.0
    }

    /// Whether an event of that kind, by its written name, is told. A test is told to the endpoint that it is for, whatever
    /// that wants to hear of: see [`Self::is_test`].
    pub fn covers(&self, kind: &str) -> bool {
        !Self::is_test(kind) && (self.0.is_empty() || self.0.iter().any(|it| it == kind))
    }

    /// Whether it is the event of a test call, whose subject is the endpoint that it is for.
    pub fn is_test(kind: &str) -> bool {
        kind == EventKind::WebhookTest.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_told_what_it_asked_for_and_all_where_it_asked_for_nothing() {
        let all = Subscription::default();
        let some = Subscription::new(vec![
            EventKind::InvitationDeclined,
            EventKind::InvitationAccepted,
            EventKind::InvitationDeclined,
        ]);
        assert_eq!(some.kinds().len(), 2);
        for &kind in EventKind::ALL {
            let is_test = kind == EventKind::WebhookTest;
            assert_eq!(all.covers(kind.as_str()), !is_test, "{kind}");
            assert_eq!(
                some.covers(kind.as_str()),
                some.kinds().contains(&kind.to_string()),
                "{kind}"
            );
        }
        // A newer release may have written it.
        assert!(all.covers("moon.risen") && !some.covers("moon.risen"));
    }

    #[test]
    fn it_is_stored_as_a_list_of_names() {
        let some = Subscription::new(vec![EventKind::InvitationAccepted]);
        let text = serde_json::to_string(&some).unwrap();
        assert_eq!(text, r#"["invitation.accepted"]"#);
        assert_eq!(serde_json::from_str::<Subscription>(&text).unwrap(), some);
        assert_eq!(
            serde_json::from_str::<Subscription>("[]").unwrap(),
            Subscription::default()
        );
    }
}
