//! Who would get which mail when: the life of one invitation, told by the functions that plan and decide for the worker.
//!
//! A heap of moments takes the place of the clock and the queue. What follows from what happened is [`follow_ups`], what
//! becomes of a notice that is due is [`when_due`], what becomes of roles whose time is over is [`term_over`]: a rule that
//! changes there changes here. What is simulated is one invitation by itself whose mails go through at once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::{
    Due, Facts, Granted, Happening, Kind, NewNotice, RelationshipSituation, Schedule, Side,
    Situation, Target, follow_ups, when_due,
};
use crate::domain::ids::{ContactId, PartnerId};
use crate::domain::invitation::State;
use crate::domain::microsoft::Step;
use crate::domain::offer::Offer;
use crate::domain::relationship::{Over, term_over};
use crate::domain::time::Timestamp;

/// What the customer is taken to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// So many days after the invitation it accepts, and lets the roles extend themselves where that is offered; it never
    /// answers without this. An invitation that has ended by then is not accepted.
    pub accepts_after: Option<u16>,
    /// So many days after it accepted, all steps at Microsoft are said to be done; never without this.
    pub steps_done_after: Option<u16>,
}

/// An invitation, and how it is taken to go.
#[derive(Clone, Debug)]
pub struct Course<'a> {
    /// What is offered.
    pub offer: &'a Offer,
    /// When it is made.
    pub made_at: Timestamp,
    /// For how many days it can be accepted.
    pub expires_days: u16,
    /// The customer's time zone.
    pub zone: &'a TimeZone,
    /// Its partner's schedule.
    pub schedule: &'a Schedule,
    /// What the customer does.
    pub behaviour: Behaviour,
}

/// A mail that would be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sent {
    /// When.
    pub at: Timestamp,
    /// Which mail.
    pub kind: Kind,
    /// The how-many-eth of its kind and generation, from 0.
    pub step: u16,
    /// To whom.
    pub side: Side,
    /// Which sending of the invitation, or revision of the relationship, it belongs to.
    pub generation: u32,
}

/// The mails of an invitation before `until`, in the order of their times.
pub fn simulate(course: &Course<'_>, until: Timestamp) -> Vec<Sent> {
    let mut life = Life::new(course);
    life.begin();
    life.run(until);
    life.sent
}

/// The mails before `until` to somebody who may read along from the beginning.
pub fn simulate_viewer(course: &Course<'_>, until: Timestamp) -> Vec<Sent> {
    let mut life = Life::new(course);
    let facts = life.facts(1, life.expires_at);
    life.plan(Happening::ViewerAdded, course.made_at, &facts);
    life.run(until);
    life.sent
}

/// What happens at a moment. Of several at once, people come first, and the mails last: a worker ends what is over before
/// it sends what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    /// The customer accepts.
    Accepts,
    /// The steps at Microsoft are said to be done.
    StepsDone,
    /// The invitation ends.
    Expires,
    /// The time of the roles may be over.
    TermEnds,
    /// The notice of that place is due.
    IsDue(usize),
}

/// The roles that were granted: one acceptance grants all for the same time.
#[derive(Clone, Copy)]
struct Roles {
    granted: Granted,
    is_activated: bool,
}

struct Relation {
    revision: u32,
    roles: Option<Roles>,
}

struct Life<'a> {
    course: &'a Course<'a>,
    expires_at: Timestamp,
    state: State,
    relation: Option<Relation>,
    open_steps: usize,
    ahead: BinaryHeap<Reverse<(Timestamp, Moment)>>,
    notices: Vec<NewNotice>,
    sent: Vec<Sent>,
}

impl<'a> Life<'a> {
    fn new(course: &'a Course<'a>) -> Self {
        let days = i64::from(course.expires_days);
        let expires_at = course.made_at.plus(days.days(), course.zone);
        Self {
            course,
            expires_at,
            state: State::Pending { expires_at },
            relation: None,
            open_steps: 0,
            ahead: BinaryHeap::new(),
            notices: Vec::new(),
            sent: Vec::new(),
        }
    }

    fn begin(&mut self) {
        let course = self.course;
        let sending = self.facts(1, self.expires_at);
        self.plan(Happening::Sent, course.made_at, &sending);
        self.await_moment(self.expires_at, Moment::Expires);
        if let Some(days) = course.behaviour.accepts_after {
            self.await_moment(self.after(course.made_at, days), Moment::Accepts);
        }
    }

    fn run(&mut self, until: Timestamp) {
        // Whatever a moment brings lies at it or ahead of it, and each term is longer than nothing: it comes to an end.
        while let Some(Reverse((now, moment))) = self.ahead.pop()
            && now < until
        {
            self.pass(now, moment);
        }
    }

    fn pass(&mut self, now: Timestamp, moment: Moment) {
        match moment {
            Moment::Accepts => self.accept(now),
            Moment::StepsDone => self.take_steps(now),
            Moment::Expires => {
                if let Ok(state) = self.state.clone().expire(now) {
                    self.state = state;
                    let facts = self.facts(1, self.expires_at);
                    self.plan(Happening::Expired, now, &facts);
                }
            }
            Moment::TermEnds => self.end_term(now),
            Moment::IsDue(place) => self.send(now, place),
        }
    }

    fn accept(&mut self, now: Timestamp) {
        let Ok(state) = self.state.clone().accept(now) else {
            return;
        };
        self.state = state;
        let offer = self.course.offer;
        self.open_steps = offer.steps().count();
        let facts = self.facts(1, self.expires_at);
        self.plan(Happening::Accepted, now, &facts);
        if offer.relationship().is_some() {
            self.relation = Some(Relation {
                revision: 1,
                roles: None,
            });
            if let Some(duration) = offer.duration() {
                let ends_at = duration.end_from(now, self.course.zone);
                self.set_end(now, 1, ends_at, false);
            }
        }
        if let Some(days) = self.course.behaviour.steps_done_after {
            self.await_moment(self.after(now, days), Moment::StepsDone);
        }
    }

    /// Nobody is told of it; but the time of the roles counts from their approval.
    fn take_steps(&mut self, now: Timestamp) {
        self.open_steps = 0;
        let offer = self.course.offer;
        let relation = self.relation.as_ref();
        let Some((revision, roles)) = relation.and_then(|it| Some((it.revision, it.roles?))) else {
            return;
        };
        if let Some(duration) = offer.duration()
            && offer.steps().any(|step| step == Step::Gdap)
            && !roles.is_activated
        {
            let ends_at = duration.end_from(now, self.course.zone);
            self.set_end(now, revision + 1, ends_at, true);
        }
    }

    fn end_term(&mut self, now: Timestamp) {
        let Some(relation) = &mut self.relation else {
            return;
        };
        let Some(roles) = relation.roles else {
            return;
        };
        let auto_extend = self.course.offer.auto_extend();
        let revision = relation.revision + 1;
        match term_over(roles.granted.ends_at, auto_extend, now, self.course.zone) {
            // It was moved meanwhile.
            None => {}
            Some(Over::Ends) => {
                relation.revision = revision;
                relation.roles = None;
                let facts = self.facts(revision, now);
                self.plan(Happening::RolesEnded, now, &facts);
            }
            Some(Over::ExtendsTo(end)) => {
                let facts = self.facts(revision, now);
                self.plan(Happening::RolesExtended, now, &facts);
                self.set_end(now, revision, end, roles.is_activated);
            }
        }
    }

    /// The roles end then, as that revision of the relationship says.
    fn set_end(&mut self, now: Timestamp, revision: u32, ends_at: Timestamp, is_activated: bool) {
        if let Some(relation) = &mut self.relation {
            relation.revision = revision;
            relation.roles = Some(Roles {
                granted: Granted { revision, ends_at },
                is_activated,
            });
        }
        let facts = self.facts(revision, ends_at);
        self.plan(Happening::EndSet, now, &facts);
        self.await_moment(ends_at, Moment::TermEnds);
    }

    fn send(&mut self, now: Timestamp, place: usize) {
        let Some(notice) = self.notices.get(place) else {
            return;
        };
        let granted = self.relation.as_ref().and_then(|it| it.roles);
        let granted: Vec<Granted> = granted.iter().map(|roles| roles.granted).collect();
        let relationship = self.relation.as_ref().map(|_| RelationshipSituation {
            is_active: true,
            granted: &granted,
        });
        let situation = Situation {
            state: Some(&self.state),
            generation: 1,
            stopped: false,
            undeliverable: false,
            suppressed: false,
            may_read: true,
            inquiry: None,
            relationship,
            open_steps: self.open_steps,
            due_at: notice.run_at,
        };
        let (hours, zone) = (self.course.schedule.hours, self.course.zone);
        match when_due(notice.kind, notice.generation, now, &situation, hours, zone) {
            Due::Irrelevant(_) => {}
            Due::Waits(until) => self.await_moment(until, Moment::IsDue(place)),
            Due::Leaves => self.sent.push(Sent {
                at: now,
                kind: notice.kind,
                step: notice.step,
                side: match notice.target {
                    Target::Contact(_) => Side::Customer,
                    Target::Partner(_) => Side::Partner,
                },
                generation: notice.generation,
            }),
        }
    }

    fn plan(&mut self, happening: Happening, now: Timestamp, facts: &Facts<'_>) {
        for notice in follow_ups(happening, now, facts) {
            let place = self.notices.len();
            self.await_moment(notice.run_at, Moment::IsDue(place));
            self.notices.push(notice);
        }
    }

    fn facts(&self, generation: u32, ends_at: Timestamp) -> Facts<'a> {
        Facts {
            // Whoever they are: the mails of one invitation go to two.
            partner: PartnerId::from(Uuid::nil()),
            contact: ContactId::from(Uuid::nil()),
            generation,
            zone: self.course.zone,
            ends_at,
            schedule: self.course.schedule,
        }
    }

    fn await_moment(&mut self, at: Timestamp, moment: Moment) {
        self.ahead.push(Reverse((at, moment)));
    }

    fn after(&self, at: Timestamp, days: u16) -> Timestamp {
        at.plus(i64::from(days).days(), self.course.zone)
    }
}

#[cfg(test)]
mod tests;
