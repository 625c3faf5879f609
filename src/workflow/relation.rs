//! A relationship under lock: what every change of it has in common. Its type follows the facts, its revision counts the
//! changes, and the record of a change is written with it.

use std::collections::HashMap;

use super::change::{By, Told, ToldRole};
use super::{Engine, FollowUps, Record, domain_of, plan, record, zone};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{AcceptanceId, RelationshipId};
use crate::domain::microsoft::{Step, StepState};
use crate::domain::notice::Happening;
use crate::domain::relationship::{GrantState, RelationshipState, type_without_roles};
use crate::domain::time::{DAY, Timestamp};
use crate::storage::dossier::Dossier;
use crate::storage::grant::Grant;
use crate::storage::partner::Partner;
use crate::storage::relationship::Relationship;
use crate::storage::{self, Conn, Tx, dossier, grant, partner, recipient, relationship, step};

/// How many twins are followed: one becomes another's when its roles are gone, and that one cannot become its own.
const MOST_TWINS: usize = 8;

/// For how long the links of mails outlive the roles that they are about.
const LINKS_OUTLIVE: i64 = 90 * DAY;

/// A relationship that this transaction alone may change.
pub(super) struct Held {
    pub(super) relationship: Relationship,
    /// Its active grants, by role.
    pub(super) grants: Vec<Grant>,
    /// The invitation by which it was agreed upon last.
    pub(super) dossier: Dossier,
    pub(super) partner: Partner,
}

/// The relationship of that id, or the one that goes on in its place.
pub(super) async fn find(
    conn: &mut Conn,
    id: RelationshipId,
) -> Result<Option<Relationship>, storage::Error> {
    Ok(find_many(conn, [id]).await?.remove(&id))
}

/// The relationships of these ids, by the id that was asked for: each, or the one that goes on in its place.
pub(super) async fn find_many(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = RelationshipId>,
) -> Result<HashMap<RelationshipId, Relationship>, storage::Error> {
    let rows = relationship::find_many(conn, ids).await?;
    let mut found: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    // Seldom: another one goes on in its place.
    for _ in 0..MOST_TWINS {
        let next: Vec<_> = found.values().filter_map(|row| row.continued_by).collect();
        if next.is_empty() {
            break;
        }
        let rows = relationship::find_many(conn, next).await?;
        let twins: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        found.retain(|_, row| match row.continued_by {
            Some(next) => match twins.get(&next) {
                Some(twin) => {
                    *row = twin.clone();
                    true
                }
                None => false,
            },
            None => true,
        });
    }
    Ok(found)
}

/// Locks it.
pub(super) async fn hold(tx: &mut Tx, id: RelationshipId) -> Result<Option<Held>, storage::Error> {
    let Some(found) = find(tx, id).await? else {
        return Ok(None);
    };
    let Some(relationship) = relationship::lock(tx, found.id).await? else {
        return Ok(None);
    };
    let Some(dossier) = dossier::of_invitation(tx, relationship.invitation_id).await? else {
        return Ok(None);
    };
    let Some(partner) = partner::find(tx, relationship.partner_id).await? else {
        return Ok(None);
    };
    let grants = grant::active_of(tx, [relationship.id]).await?;
    Ok(Some(Held {
        relationship,
        grants,
        dossier,
        partner,
    }))
}

impl Held {
    /// Ends those of the active grants; returns them.
    pub(super) async fn end_grants(
        &mut self,
        tx: &mut Tx,
        which: impl Fn(&Grant) -> bool,
        state: GrantState,
        now: Timestamp,
    ) -> Result<Vec<Grant>, storage::Error> {
        let (gone, kept) = std::mem::take(&mut self.grants)
            .into_iter()
            .partition(which);
        self.grants = kept;
        let gone: Vec<Grant> = gone;
        for grant in &gone {
            grant::end(tx, grant.id, state, now).await?;
        }
        Ok(gone)
    }

    /// Moves the ends of those of the active grants, in the revision that [`Held::write`] will write; returns them.
    pub(super) async fn move_ends(
        &mut self,
        tx: &mut Tx,
        which: impl Fn(&Grant) -> bool,
        to: impl Fn(&mut Grant),
    ) -> Result<Vec<Grant>, storage::Error> {
        let revision = self.relationship.revision + 1;
        let mut moved = Vec::new();
        for grant in self.grants.iter_mut().filter(|grant| which(grant)) {
            to(grant);
            grant.revision = revision;
            grant::move_end(tx, grant).await?;
            moved.push(grant.clone());
        }
        Ok(moved)
    }

    /// Writes how it stands after a change: a type that lives by its roles becomes what remains without them.
    pub(super) async fn write(
        &mut self,
        tx: &mut Tx,
        now: Timestamp,
    ) -> Result<(), storage::Error> {
        if self.grants.is_empty() && self.relationship.state == RelationshipState::Active {
            self.follow_the_facts(tx, now).await?;
        }
        self.relationship.revision += 1;
        self.relationship.updated_at = now;
        relationship::write(tx, &self.relationship).await
    }

    async fn follow_the_facts(
        &mut self,
        tx: &mut Tx,
        now: Timestamp,
    ) -> Result<(), storage::Error> {
        let Some(kind) = Catalogue::version(&self.relationship.catalogue)
            .and_then(|version| version.partner_type(&self.relationship.partner_type).ok())
        else {
            return Ok(());
        };
        let rest = type_without_roles(kind);
        if rest == self.relationship.partner_type {
            return Ok(());
        }
        match relationship::active_twin(tx, &self.relationship, rest).await? {
            None => rest.clone_into(&mut self.relationship.partner_type),
            Some(twin) => {
                self.relationship.state = RelationshipState::Ended;
                self.relationship.ended_at = Some(now);
                self.relationship.continued_by = Some(twin);
            }
        }
        Ok(())
    }

    /// Access at Microsoft ends only there: that step is open from now on, until somebody says that it is done.
    pub(super) async fn remind_of_microsoft(
        &self,
        tx: &mut Tx,
        now: Timestamp,
    ) -> Result<(), storage::Error> {
        let invitation = self.relationship.invitation_id;
        step::mark(tx, invitation, Step::RolesRemoved, StepState::Unknown, now).await
    }

    /// Writes the event of a change, with the roles that it is about.
    pub(super) async fn record(
        &self,
        tx: &mut Tx,
        engine: &Engine,
        actor: Actor,
        kind: EventKind,
        roles: &[Grant],
        now: Timestamp,
    ) -> Result<(), storage::Error> {
        let roles: Vec<&str> = roles.iter().map(|grant| grant.role.as_str()).collect();
        let event = Record {
            invitation: self.relationship.invitation_id,
            partner: self.partner.id,
            actor,
            kind,
            data: serde_json::json!({
                "relationship": self.relationship.id,
                "type": self.relationship.partner_type,
                "revision": self.relationship.revision,
                "roles": roles,
            }),
            now,
            follow_ups: None,
        };
        record(tx, event, &engine.schedule_of(&self.partner)).await
    }

    /// Tells both sides of a change that was written.
    pub(super) async fn tell(
        &self,
        tx: &mut Tx,
        engine: &Engine,
        happening: Happening,
        by: By,
        roles: &[Grant],
        now: Timestamp,
    ) -> Result<(), storage::Error> {
        let told = |grants: &[Grant]| grants.iter().map(ToldRole::from).collect::<Vec<_>>();
        let is_about = |grant: &&Grant| roles.iter().any(|role| role.id == grant.id);
        let rest = self.grants.iter().filter(|grant| !is_about(grant));
        let payload = Told {
            by,
            at: now,
            partner_type: self.relationship.partner_type.clone(),
            roles: told(roles),
            remaining: rest.map(ToldRole::from).collect(),
        };
        self.plan(tx, engine, happening, payload.payload(), now, now)
            .await
    }

    /// Plans what is said before the roles end whose end this revision set, and keeps the links of these mails alive.
    pub(super) async fn announce_end(
        &self,
        tx: &mut Tx,
        engine: &Engine,
        now: Timestamp,
    ) -> Result<(), storage::Error> {
        let of_this = |grant: &&Grant| grant.revision == self.relationship.revision;
        let ends = self.grants.iter().filter(of_this);
        let Some(first) = ends.map(|grant| grant.expected_end_at).min() else {
            return Ok(());
        };
        let until = first.plus_micros(LINKS_OUTLIVE);
        recipient::keep_links(tx, self.dossier.recipient_id, until).await?;
        let payload = "{}".to_owned();
        self.plan(tx, engine, Happening::EndSet, payload, first, now)
            .await
    }

    async fn plan(
        &self,
        tx: &mut Tx,
        engine: &Engine,
        happening: Happening,
        payload: String,
        ends_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), storage::Error> {
        let follow = FollowUps {
            happening,
            contact: self.dossier.contact_id,
            contact_domain: &domain_of(&self.dossier.address),
            partner_domain: &domain_of(&self.partner.email),
            generation: u32::try_from(self.relationship.revision).unwrap_or(u32::MAX),
            time_zone: &self.dossier.time_zone,
            ends_at,
            payload,
        };
        let (invitation, partner) = (self.relationship.invitation_id, self.partner.id);
        plan(
            tx,
            invitation,
            partner,
            &follow,
            &engine.schedule_of(&self.partner),
            now,
        )
        .await
    }
}

impl From<&Grant> for ToldRole {
    fn from(grant: &Grant) -> Self {
        Self {
            role: grant.role.clone(),
            until: grant.expected_end_at,
            auto_extend: grant.auto_extend,
        }
    }
}

/// The roles of an acceptance became active at Microsoft: their time counts from then.
pub(super) async fn activate(
    tx: &mut Tx,
    engine: &Engine,
    relationship: RelationshipId,
    acceptance: AcceptanceId,
    actor: Actor,
    now: Timestamp,
) -> Result<(), storage::Error> {
    let Some(mut held) = hold(tx, relationship).await? else {
        return Ok(());
    };
    let zone = zone(&held.dossier.time_zone);
    let counts = |grant: &Grant| grant.acceptance_id == acceptance && grant.activated_at.is_none();
    let moved = held
        .move_ends(tx, counts, |grant| {
            grant.activated_at = Some(now);
            grant.expected_end_at = grant.duration.end_from(now, &zone);
        })
        .await?;
    if moved.is_empty() {
        return Ok(());
    }
    held.write(tx, now).await?;
    held.record(tx, engine, actor, EventKind::RolesActivated, &moved, now)
        .await?;
    held.announce_end(tx, engine, now).await
}
