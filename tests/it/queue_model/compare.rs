//! The queue as it is, against the model.

use std::collections::HashMap;

use anyhow::ensure;
use countersign::domain::ids::NoticeId;
use countersign::domain::notice::NoticeState;
use countersign::storage::notice;

use super::Play;
use crate::harness::Outcome;

impl Play<'_> {
    /// Reads the whole queue and compares it.
    pub(super) async fn compare(&self) -> Outcome {
        let mut conn = self.world.engine.db.read().await?;
        let mut seen = 0;
        for state in NoticeState::ALL {
            for row in notice::in_state(&mut conn, *state, None, 10_000).await? {
                seen += 1;
                let entry = &self.model.entries[&row.id];
                assert_eq!(row.state, entry.state, "{entry:?}");
                assert_eq!(row.attempts, i64::try_from(entry.attempts.len())?);
                assert_eq!(row.deaths, entry.deaths);
                assert_eq!(row.run_at, entry.run_at, "{entry:?}");
                let settled = matches!(
                    row.state,
                    NoticeState::Sent
                        | NoticeState::Failed
                        | NoticeState::Dead
                        | NoticeState::Cancelled
                );
                assert_eq!(row.settled_at.is_some(), settled, "{entry:?}");
            }
        }
        assert_eq!(
            seen,
            self.model.entries.len(),
            "every notice is accounted for"
        );

        let mut attempts: HashMap<NoticeId, Vec<notice::Attempt>> = HashMap::new();
        for row in notice::attempts_of_subject(&mut conn, self.subject).await? {
            attempts.entry(row.notice_id).or_default().push(row);
        }
        for (id, entry) in &self.model.entries {
            let mut rows = attempts.remove(id).unwrap_or_default();
            rows.sort_by_key(|row| row.number);
            let found: Vec<_> = rows
                .iter()
                .map(|row| {
                    (
                        row.number,
                        row.body_started_at.is_some(),
                        row.outcome.as_deref(),
                    )
                })
                .collect();
            let expected: Vec<_> = (1..)
                .zip(&entry.attempts)
                .map(|(number, (_, marked, end))| (number, *marked, *end))
                .collect();
            assert_eq!(found, expected);
            let marks = found.iter().filter(|(_, marked, _)| *marked).count();
            ensure!(entry.in_the_world <= marks);
        }
        Ok(())
    }

    pub(super) async fn no_orphans(&self) -> Outcome {
        let orphans = self
            .ctx
            .number(
                "SELECT count(*) FROM notice WHERE (state = 'running') <> (lease_id IS NOT NULL)
                    OR (state = 'running' AND lease_id NOT IN (SELECT id FROM lease))",
            )
            .await?;
        assert_eq!(
            orphans, 0,
            "running without a lease, or a lease without running"
        );
        Ok(())
    }
}
