//! What verifying a token costs, beside one bare HMAC-SHA-256 over the same 32 bytes with a cloned keyed state.
//!
//! Criterion's figures come first. The ratio comes from interleaved rounds in one run, because machines drift: medians of
//! single rounds, of which each times both. No database is there at all: a forged token never reaches one.

use std::hint::black_box;
use std::time::Instant;

use countersign::domain::keys::KeyRing;
use countersign::domain::time::Timestamp;
use countersign::domain::token::{Claims, Purpose, Tokens};
use criterion::Criterion;
use hmac::{Hmac, KeyInit as _, Mac as _};
use report::{Report, Series};
use sha2::Sha256;
use uuid::Uuid;

#[path = "common/report.rs"]
mod report;

const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);
const ROUNDS: usize = 601;
const CALLS: u32 = 2_000;

fn bare(keyed: &Hmac<Sha256>, body: &[u8; 32], tag: &[u8; 32]) -> bool {
    let mut state = keyed.clone();
    state.update(body);
    state.verify_slice(tag).is_ok()
}

/// Nanoseconds a call.
fn nanos(mut call: impl FnMut() -> bool) -> f64 {
    let start = Instant::now();
    for _ in 0..CALLS {
        assert!(black_box(call()));
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
}

fn main() -> anyhow::Result<()> {
    let ring = KeyRing::fresh(NOW, &mut rand::rng());
    let tokens = Tokens::new(&ring, "bench");
    let claims = Claims {
        purpose: Purpose::Accept,
        key_id: tokens.current_key(),
        subject: Uuid::from_u128(0x0193_4f7e_2d3c_7b4e_8f50_6b7c_8d9e_0fa1),
        generation: 1,
        expires_at: 1_800_000_000,
    };
    let token = tokens.mint(&claims).expect("the current key").to_string();
    let mut forged = token.clone();
    forged.replace_range(50..51, if &token[50..51] == "A" { "B" } else { "A" });

    let keyed = Hmac::<Sha256>::new_from_slice(&[7; 32]).expect("HMAC takes keys of any length");
    let body = [9_u8; 32];
    let tag: [u8; 32] = keyed
        .clone()
        .chain_update(body)
        .finalize()
        .into_bytes()
        .into();

    let bare_call = || bare(black_box(&keyed), black_box(&body), black_box(&tag));
    let verify_call = || {
        let text = black_box(token.as_str());
        tokens.verify(text, Purpose::Accept, NOW).is_ok()
    };
    let forged_call = || {
        let text = black_box(forged.as_str());
        tokens.verify(text, Purpose::Accept, NOW).is_err()
    };
    let mint_call = || tokens.mint(black_box(&claims)).is_ok();

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("token");
    group.bench_function("bare_hmac", |bench| bench.iter(bare_call));
    group.bench_function("verify", |bench| bench.iter(verify_call));
    group.bench_function("verify_forged", |bench| bench.iter(forged_call));
    group.bench_function("mint", |bench| bench.iter(mint_call));
    group.finish();

    let mut rounds: [Vec<f64>; 4] = Default::default();
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let round = [
            nanos(bare_call),
            nanos(verify_call),
            nanos(forged_call),
            nanos(mint_call),
        ];
        ratios.push(round[1] / round[0]);
        for (all, one) in rounds.iter_mut().zip(round) {
            all.push(one);
        }
    }
    let [bare, verify, forged, mint] = rounds;
    let refused = forged.iter().map(|nanos| 1e9 / nanos).collect();
    let mut report = Report::new("token");
    for (name, unit, values, target) in [
        (
            "verify / bare HMAC",
            "ratio",
            ratios,
            Some(f64::NEG_INFINITY..=2.0),
        ),
        ("bare HMAC", "ns", bare, None),
        ("verify", "ns", verify, None),
        ("verify a forged one", "ns", forged, None),
        ("mint", "ns", mint, None),
        ("forged tokens refused, one core", "tokens/s", refused, None),
    ] {
        report.add(Series {
            name: name.to_owned(),
            unit,
            values,
            target,
        });
    }
    report.finish()
}
