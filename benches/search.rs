//! A search over 10,000 published profiles: the time of one, as the page asks for it, while nothing else runs.
//!
//! Each round searches as businesses do, once each: rare words and words that every profile has, two languages, with and
//! without filters. The databases take turns.

use std::time::Instant;

use anyhow::ensure;
use countersign::domain::search::Query;
use countersign::workflow::profile;
use report::{Report, Series};
use world::{Backend, World};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[path = "common/profiles.rs"]
mod profiles;
#[path = "common/report.rs"]
mod report;
#[path = "common/world.rs"]
#[expect(dead_code, reason = "each bench uses a part of the world")]
mod world;

const PROFILES: usize = 10_000;
const ROUNDS: usize = 15;

/// Words, place, size, language.
const SEARCHES: &[(&str, &str, &str, &str)] = &[
    ("보안", "", "", ""),
    ("보안관제", "서울", "", ""),
    ("앱 개발", "", "10-49", "ko"),
    ("암호 재설정 원격 지원", "", "", ""),
    ("Microsoft 365 이전", "부산", "50-249", ""),
    ("security", "", "", ""),
    ("autopilot laptops", "United Kingdom", "", "en"),
    ("microsoft 365 migration", "", "", ""),
    ("mig", "", "250-999", ""),
    ("", "Bristol", "", "en"),
    ("", "", "", ""),
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut report = Report::new("search");
    let mut worlds = Vec::new();
    for backend in Backend::available() {
        let world = World::new(backend).await?;
        profiles::make(&world, PROFILES).await?;
        world.settle().await?;
        worlds.push((world, vec![Vec::new(); SEARCHES.len()]));
    }
    // One round to warm up, which does not count.
    for round in 0..=ROUNDS {
        for (world, times) in &mut worlds {
            for (search, times) in SEARCHES.iter().zip(times) {
                let millis = time(world, search).await?;
                if round > 0 {
                    times.push(millis);
                }
            }
        }
    }
    for (world, times) in worlds {
        let name = world.backend.name();
        report.add(Series {
            name: format!("{name}: a search"),
            unit: "ms",
            values: times.iter().flatten().copied().collect(),
            target: Some(f64::NEG_INFINITY..=20.0),
        });
        for ((words, place, size, language), values) in SEARCHES.iter().zip(times) {
            report.add(Series {
                name: format!("{name}: {words} @{place} {size} {language}"),
                unit: "ms",
                values,
                target: None,
            });
        }
        world.remove().await?;
    }
    report.finish()
}

/// Milliseconds that a search takes.
async fn time(
    world: &World,
    (words, place, size, language): &(&str, &str, &str, &str),
) -> anyhow::Result<f64> {
    let start = Instant::now();
    let mut query = Query::of_words(words)?.at(place)?;
    for (kind, word) in [("size", size), ("language", language)] {
        if !word.is_empty() {
            query = query.with(kind, word);
        }
    }
    let found = profile::search(&world.engine, &query, 1).await?;
    let millis = start.elapsed().as_secs_f64() * 1_000.0;
    ensure!(!found.matches.is_empty(), "{words} finds nobody");
    Ok(millis)
}
