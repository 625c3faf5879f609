//! What the rounds gave: a table for people, JSON lines under `target/bench` for programs.

use std::fmt::Write as _;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;

/// One figure, measured once a round.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) unit: &'static str,
    pub(crate) values: Vec<f64>,
    /// Where the median is meant to lie; an end that is infinite is no bound.
    pub(crate) target: Option<RangeInclusive<f64>>,
}

/// All figures of a run.
#[derive(Debug)]
pub(crate) struct Report {
    bench: &'static str,
    series: Vec<Series>,
    load_before: String,
}

impl Report {
    pub(crate) fn new(bench: &'static str) -> Self {
        Self {
            bench,
            series: Vec::new(),
            load_before: load(),
        }
    }

    pub(crate) fn add(&mut self, series: Series) {
        self.series.push(series);
    }

    /// Prints the table and writes the JSON lines.
    #[expect(clippy::print_stdout, reason = "a bench prints its result")]
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let load_after = load();
        let machine = machine();
        println!(
            "\n{} on {machine}; load before {}, after {load_after}\n",
            self.bench, self.load_before
        );
        println!(
            "{:<44} {:>11} {:>11} {:>11}  {:<12} target",
            "", "min", "median", "max", "unit"
        );
        let mut lines = String::new();
        for series in &self.series {
            let Some((min, median, max)) = spread(&series.values) else {
                continue;
            };
            let target = series
                .target
                .as_ref()
                .map_or_else(String::new, |target| verdict(target, median));
            println!(
                "{:<44} {:>11} {:>11} {:>11}  {:<12} {target}",
                series.name,
                digits(min),
                digits(median),
                digits(max),
                series.unit
            );
            let line = json!({
                "bench": self.bench,
                "name": series.name,
                "unit": series.unit,
                "min": min,
                "median": median,
                "max": max,
                "rounds": series.values,
                "target": target,
                "machine": machine,
                "load_before": self.load_before,
                "load_after": load_after,
            });
            writeln!(lines, "{line}")?;
        }
        let path = folder()?.join(format!("{}.jsonl", self.bench));
        fs::write(&path, lines).with_context(|| path.display().to_string())?;
        println!("\nas JSON lines: {}", path.display());
        Ok(())
    }
}

/// `target/bench`.
pub(crate) fn folder() -> anyhow::Result<PathBuf> {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = scratch.parent().unwrap_or(scratch).join("bench");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder)
}

/// The smallest, the middle and the largest.
pub(crate) fn spread(values: &[f64]) -> Option<(f64, f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    Some((min, sorted[sorted.len() / 2], max))
}

fn verdict(target: &RangeInclusive<f64>, median: f64) -> String {
    let bound = if target.start().is_finite() {
        format!("≥ {}", target.start())
    } else {
        format!("≤ {}", target.end())
    };
    let held = target.contains(&median);
    format!("{bound} {}", if held { "reached" } else { "MISSED" })
}

fn digits(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.3}")
    }
}

fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("an unknown processor", |(_, model)| model.trim());
    format!("{cores} cores of {model}")
}
