//! Which of the due notices are taken next: a turn for each partner, and no more for a domain than it has room for.

use std::collections::HashMap;

/// What may be started now for a destination domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// How many mails.
    pub free: usize,
}

/// A due notice that could be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<P, N> {
    /// Whose it is.
    pub partner: P,
    /// Where it goes.
    pub domain: String,
    /// Which one.
    pub notice: N,
}

/// Takes at most `limit` of the candidates: one of each partner in turn, oldest first within a partner (the order of
/// `candidates`), skipping domains without room.
///
/// A partner with 100,000 due notices therefore gets, while another one waits, half of what is taken.
pub fn take<P: Copy + Eq + std::hash::Hash, N>(
    candidates: Vec<Candidate<P, N>>,
    room: &mut HashMap<String, Room, impl std::hash::BuildHasher>,
    limit: usize,
) -> Vec<N> {
    let mut order = Vec::new();
    let mut queues: HashMap<P, std::collections::VecDeque<Candidate<P, N>>> = HashMap::new();
    for candidate in candidates {
        let partner = candidate.partner;
        queues
            .entry(partner)
            .or_insert_with(|| {
                order.push(partner);
                std::collections::VecDeque::new()
            })
            .push_back(candidate);
    }
    let mut taken = Vec::with_capacity(limit);
    while taken.len() < limit && !order.is_empty() {
        order.retain(|partner| {
            if taken.len() >= limit {
                return true;
            }
            let Some(queue) = queues.get_mut(partner) else {
                return false;
            };
            while let Some(candidate) = queue.pop_front() {
                let Some(room) = room.get_mut(&candidate.domain) else {
                    continue;
                };
                if room.free > 0 {
                    room.free -= 1;
                    taken.push(candidate.notice);
                    return true;
                }
            }
            false
        });
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn candidate(partner: u8, domain: &str, notice: u32) -> Candidate<u8, u32> {
        Candidate {
            partner,
            domain: domain.to_owned(),
            notice,
        }
    }

    #[test]
    fn a_small_partner_is_served_beside_a_large_one() {
        let mut candidates: Vec<_> = (0..1000).map(|n| candidate(1, "a.example", n)).collect();
        candidates.push(candidate(2, "b.example", 7777));
        let mut room = HashMap::from([
            ("a.example".to_owned(), Room { free: 1000 }),
            ("b.example".to_owned(), Room { free: 1000 }),
        ]);
        assert!(take(candidates, &mut room, 10).contains(&7777));
    }

    #[test]
    fn a_domain_without_room_holds_up_only_itself() {
        let candidates = vec![
            candidate(1, "full.example", 1),
            candidate(1, "free.example", 2),
        ];
        let mut room = HashMap::from([
            ("full.example".to_owned(), Room { free: 0 }),
            ("free.example".to_owned(), Room { free: 5 }),
        ]);
        assert_eq!(take(candidates, &mut room, 10), [2]);
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_their_turn_and_no_domain_more_than_its_room(
            candidates in prop::collection::vec((0_u8..4, 0_u8..4), 0..60),
            free in 0_usize..10,
            limit in 0_usize..40,
        ) {
            let waiting = candidates.clone();
            let mut room: HashMap<String, Room> =
                (0..4).map(|d| (format!("d{d}.example"), Room { free })).collect();
            let all: Vec<_> = candidates
                .into_iter()
                .enumerate()
                .map(|(n, (p, d))| Candidate { partner: p, domain: format!("d{d}.example"), notice: (n, p, d) })
                .collect();
            let taken = take(all, &mut room, limit);
            prop_assert!(taken.len() <= limit);
            for domain in 0..4 {
                prop_assert!(taken.iter().filter(|(_, _, d)| *d == domain).count() <= free);
            }
            // Whoever got two more than another one has left that one nothing that could be sent.
            for a in 0..4_u8 {
                for b in 0..4_u8 {
                    let got = |who| taken.iter().filter(|(_, p, _)| *p == who).count();
                    if got(a) > got(b) + 1 {
                        let left = waiting.iter().enumerate().any(|(n, (p, d))| {
                            *p == b
                                && room[&format!("d{d}.example")].free > 0
                                && !taken.iter().any(|(m, _, _)| *m == n)
                        });
                        prop_assert!(!left);
                    }
                }
            }
        }
    }
}
