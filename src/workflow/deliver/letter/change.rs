//! Letters about a relationship that was agreed upon: what changed in it, and what is still to be done at Microsoft.

use super::{Broken, Writer};
use crate::domain::notice::Side;
use crate::domain::span::GrantDuration;
use crate::domain::time::Timestamp;
use crate::locale::Texts;
use crate::outbound::mails::{self, Audience, Happened, Person, RoleTerm, Told};
use crate::workflow::change::{self, By, ToldRole};
use crate::workflow::deliver::relation::Relation;
use crate::workflow::facts::signer_name;
use crate::workflow::{stored, zone};

impl Writer<'_> {
    pub(super) fn change(
        &self,
        happened: Happened,
        dated_at: Timestamp,
    ) -> Result<mails::Change, Broken> {
        let relation = self.job.relation.as_ref().ok_or(Broken::Missing)?;
        let told = match happened {
            Happened::Ending => self.announced(relation, dated_at)?,
            _ => stored(&self.job.claimed.payload)?,
        };
        let terms = |roles: Vec<ToldRole>| roles.into_iter().map(|role| self.term(role)).collect();
        let mut roles: Vec<RoleTerm> = terms(told.roles);
        if happened != Happened::Ending {
            // What comes after the new end is for the mails before it to tell.
            for role in &mut roles {
                role.extends_to = None;
            }
        }
        Ok(mails::Change {
            reader: self.reader(),
            audience: self.audience()?,
            happened,
            partner: self.partner(),
            organization: (&self.dossier.organization_name).into(),
            by: match told.by {
                // Their name was erased with them.
                By::Customer { name } if name.is_empty() => {
                    mails::By::Customer(Texts::of(self.language()).m("erased-name").into())
                }
                By::Customer { name } => mails::By::Customer(name.into()),
                By::Partner => mails::By::Partner,
                By::Calendar => mails::By::Calendar,
            },
            at: told.at,
            roles,
            partner_type: told.partner_type,
            remaining: terms(told.remaining),
            microsoft_url: relation.cloud.partner_relationships_url().to_owned(),
        })
    }

    /// What ends, as it stands: a role that was removed since the notice was planned is not announced.
    fn announced(&self, relation: &Relation, dated_at: Timestamp) -> Result<change::Told, Broken> {
        let revision = self.job.generation();
        let (ending, others): (Vec<_>, Vec<_>) = relation
            .grants
            .iter()
            .partition(|grant| grant.revision == revision && grant.expected_end > dated_at);
        let told = |grants: Vec<&super::RelationGrant>| {
            let told = grants.into_iter().map(|grant| ToldRole {
                role: grant.role.clone(),
                until: grant.expected_end,
                auto_extend: grant.auto_extend,
            });
            told.collect()
        };
        let ends = ending.iter().map(|grant| grant.expected_end).min();
        Ok(change::Told {
            by: By::Calendar,
            at: ends.ok_or(Broken::Missing)?,
            partner_type: relation.partner_type.clone(),
            roles: told(ending),
            remaining: told(others),
        })
    }

    fn term(&self, role: ToldRole) -> RoleTerm {
        let zone = zone(&self.dossier.time_zone);
        let extends_to = GrantDuration::EXTENSION.end_from(role.until, &zone);
        RoleTerm {
            role: role.role,
            until: role.until,
            extends_to: role.auto_extend.then_some(extends_to),
        }
    }

    fn audience(&self) -> Result<Audience, Broken> {
        Ok(match self.side {
            Side::Customer => Audience::Customer {
                person: self.recipient(),
                manage_url: self.manage_url()?,
                stop_url: self.list_unsubscribe()?,
            },
            Side::Partner => Audience::Partner {
                id: self.dossier.id,
                reference: self.dossier.reference.as_ref().map(Told::from),
            },
        })
    }

    pub(super) fn steps_open(&self) -> Result<mails::StepsOpen, Broken> {
        let evidence = self.evidence()?;
        Ok(mails::StepsOpen {
            reader: self.reader(),
            partner: self.partner(),
            organization: (&evidence.organization.name).into(),
            person: Person {
                name: signer_name(&evidence, self.language()).into(),
                ..self.recipient()
            },
            accepted_at: evidence.at,
            open: self.remaining()?,
            cloud: self.dossier.cloud,
            receipt_url: self.urls.receipt(self.dossier.into())?,
            manage_url: self.manage_url()?,
            stop_url: self.urls.stop(self.dossier.into())?,
        })
    }

    /// The page of the relationship that this customer has with the partner: by this invitation, or by an earlier one.
    pub(super) fn manage_url(&self) -> Result<Option<String>, Broken> {
        let row = if self.dossier.evidence.is_some() {
            let offer = super::facts::offer(self.dossier)?;
            offer.relationship().map(|_| self.dossier.into())
        } else {
            self.job.relation.as_ref().map(|relation| relation.link)
        };
        Ok(row.map(|row| self.urls.manage(row)).transpose()?)
    }
}
