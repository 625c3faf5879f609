//! `demo`: everything on this machine, with sample data and an inbox.

use std::path::PathBuf;

use serde_json::json;

use super::context::Context;
use super::csv::{Sheet, values};
use super::failure::{ExitStatus, Failure};
use super::table::{Column, Table};
use crate::config::{Log, LogFormat};
use crate::demo::DemoError;
use crate::demo::folder::{Folder, ONCE};
use crate::demo::once::{self, Answered, Report};
use crate::demo::overview::{self, Invited, Overview};
use crate::demo::seed::{self, BOOKS, Customers, Seeded};
use crate::demo::stage::{Ports, Stage};
use crate::demo::words::{moment, name};
use crate::domain::draft::{Draft, Request};
use crate::domain::invitation::StateName;

const EXAMPLE: &str = "\
Example:
  countersign demo          # until Ctrl-C; the next start goes on from there
  countersign demo --fresh  # begin anew
  countersign demo --once   # the whole way in seconds, every step checked

Everything listens on 127.0.0.1, and no mail leaves this machine. The demonstration has settings, keys and a database of \
its own in its folder: yours are neither read nor written. --once uses the folder `once` in it, and always begins anew.

JSON: an object that says where everything is and what comes next: {\"folder\", \"settings\", \"inbox\", \"pages\", \"now\", \
\"mails\", \"partners\", \"invitations\", \"next\", \"remarks\", \"made\"}. With --once: {\"folder\", \"settings\", \"invited\", \
\"accepted\", \"declined\", \"reminded\", \"days_later\", \"mails\": [{\"kind\", \"to\", \"at\", \"subject\"}], \"audit\"}; the \
exit code is 1 when something is not as it should be.";

/// Show the whole on this machine: sample partners and customers, the pages, the worker, and an inbox
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// The demonstration's own folder; it is made where it does not exist
    #[arg(long, value_name = "FOLDER", default_value = "countersign-demo")]
    dir: PathBuf,
    /// Begin anew, without what an earlier demonstration left in the folder
    #[arg(long)]
    fresh: bool,
    /// Go the whole way by itself, check every step, and end
    #[arg(long)]
    once: bool,
}

/// Runs `demo`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.start_log(&Log {
        format: LogFormat::Text,
        level: "warn".to_owned(),
    })?;
    let customers = customers()?;
    let (path, ports) = if args.once {
        (args.dir.join(ONCE), Ports::Any)
    } else {
        (args.dir, Ports::Usual)
    };
    let folder = Folder::open(&path, args.fresh || args.once)?;
    for book in BOOKS {
        folder.write(book.file, book.csv.as_bytes())?;
    }
    let mut stage = Stage::start(folder, ports).await?;
    let stop = stage.stop();
    let shown = tokio::select! {
        shown = play(&mut stage, customers, args.once, &cx) => shown,
        () = stop.cancelled() => interrupted(args.once),
    };
    stage.end().await;
    shown?;
    Ok(ExitStatus::Done)
}

/// What it means that the process was told to end.
fn interrupted(once: bool) -> Result<(), Failure> {
    if once {
        return Err(Failure::new(
            ExitStatus::Failed,
            "interrupted before the end",
        ));
    }
    Ok(())
}

/// The customers of the example files, read as `invite --csv` reads them.
fn customers() -> Result<Vec<Customers>, Failure> {
    let read = |book: &seed::Book| {
        let sheet = Sheet::read(book.csv.as_bytes(), false)?;
        let requests: Result<Vec<Request>, _> = sheet
            .rows
            .iter()
            .map(|row| values::request(&Draft::default(), row))
            .collect();
        Ok(Customers {
            partner: book.partner,
            requests: requests.map_err(Failure::fields)?,
        })
    };
    BOOKS.iter().map(read).collect()
}

async fn play(
    stage: &mut Stage,
    customers: Vec<Customers>,
    once: bool,
    cx: &Context,
) -> Result<(), Failure> {
    let seeded = seed::seed(&stage.app.engine, customers).await?;
    stage.app.engine.wake().await;
    if once {
        let report = once::run(stage).await?;
        if cx.out.is_json() {
            cx.out.object(&report);
        } else {
            cx.out.text(&told(&report));
        }
        return Ok(());
    }
    stage.mailed(&seeded.made).await?;
    let overview = overview::of(stage).await?;
    if cx.out.is_json() {
        let mut object = json!(overview);
        object["made"] = json!(seeded.made);
        cx.out.object(&object);
    } else {
        cx.out.text(&screen(&overview, &seeded));
    }
    cx.out.flush();
    Ok(stage.wait().await?)
}

/// That many of something.
fn plural(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// One screen: what happened, where to look, what comes next.
fn screen(overview: &Overview, seeded: &Seeded) -> String {
    let mut text = String::new();
    let mut line = |said: &str| {
        text.push_str(said.trim_end());
        text.push('\n');
    };
    line("Countersign, a demonstration with sample data. No mail leaves this machine.");
    line("");
    let names: Vec<_> = overview
        .partners
        .iter()
        .map(|partner| partner.name.as_str())
        .collect();
    let partners = names.join(" and ");
    let happened = match (seeded.made.len(), seeded.there) {
        (0, there) => {
            format!(
                "{partners} invited {} in an earlier start, which goes on here: {}.",
                plural(there, "customer"),
                standing(overview)
            )
        }
        (made, 0) => format!("{partners} invited {made} customers, and each has a mail."),
        (made, there) => {
            format!(
                "{partners} invited {} more; {there} were invited before: {}.",
                plural(made, "customer"),
                standing(overview)
            )
        }
    };
    line(&happened);
    line("");
    line(&format!(
        "  Inbox            {}  ({} mails)",
        overview.inbox, overview.mails
    ));
    for (title, invited) in examples(overview) {
        line("");
        line(&format!(
            "  {title}: {} ({}), asked by {}",
            invited.organization, invited.name, invited.partner
        ));
        if let Some(page) = &invited.page {
            line(&format!("  Acceptance page  {page}"));
        }
        line(&format!("  Time line        {}", invited.timeline));
    }
    if let Some(invited) = overview.invitations.first() {
        line("");
        line("  The same on the command line:");
        line(&format!(
            "  {} invitation show {} --config {}",
            program(),
            invited.id,
            quoted(&overview.settings)
        ));
    }
    line("");
    line("Next follow-ups");
    for next in &overview.next {
        let ordinal = if next.number > 1 {
            format!(" {}", next.number)
        } else {
            String::new()
        };
        line(&format!(
            "  {}  {}{ordinal} to {}",
            moment(next.at),
            name(next.kind),
            plural(next.customers, "customer")
        ));
    }
    if overview.next.is_empty() {
        line("  none: every invitation is answered, or has had all its mails");
    }
    line("  The inbox has a button that moves the clock on.");
    line("");
    for remark in &overview.remarks {
        line(remark);
    }
    line(&format!("All of it is in {}.", overview.folder));
    line("Ctrl-C ends it. Start it again to go on, or with --fresh to begin anew.");
    text.truncate(text.trim_end().len());
    text
}

/// How many invitations stand where: `4 pending, 1 accepted`.
fn standing(overview: &Overview) -> String {
    let counted = StateName::ALL.iter().map(|state| {
        let all = overview.invitations.iter();
        (all.filter(|one| one.state == *state).count(), state)
    });
    let said: Vec<_> = counted
        .filter(|(count, _)| *count > 0)
        .map(|(count, state)| format!("{count} {state}"))
        .collect();
    said.join(", ")
}

/// One invitation of each partner: one that can still be answered, if there is one.
fn examples(overview: &Overview) -> Vec<(&'static str, &Invited)> {
    let titles = ["In Korean", "In English"];
    let mut found = Vec::new();
    for (partner, title) in overview.partners.iter().zip(titles) {
        let mut theirs = overview
            .invitations
            .iter()
            .filter(|invited| invited.partner == partner.name);
        let first = theirs.clone().next();
        let open = theirs
            .find(|invited| invited.state == StateName::Pending)
            .or(first);
        found.extend(open.map(|invited| (title, invited)));
    }
    found
}

/// One screen: who got which mail, and that the record holds.
fn told(report: &Report) -> String {
    let mut text = String::new();
    let answered = |answered: &Answered| {
        format!(
            "{} ({}, {})",
            answered.organization, answered.name, answered.address
        )
    };
    let mut line = |said: String| {
        text.push_str(&said);
        text.push('\n');
    };
    line("Countersign, the whole way with sample data. No mail left this machine.\n".to_owned());
    line(format!(
        "  invited    {} customers of 2 partners, each by a mail",
        report.invited
    ));
    line(format!("  accepted   {}", answered(&report.accepted)));
    line(format!("  declined   {}", answered(&report.declined)));
    line(format!(
        "  reminders  {} after {} days: to those, and only those, who have not answered",
        report.reminded, report.days_later
    ));
    line(format!(
        "  audit      all holds: {} entries in {} chains, {} acceptance\n",
        report.audit.entries, report.audit.chains, report.audit.acceptances
    ));
    let mut table = Table::new(&[
        Column::Text("MAIL"),
        Column::Text("TO"),
        Column::Text("SUBJECT"),
    ]);
    for mail in &report.mails {
        table.row([
            name(mail.kind).to_owned(),
            mail.to.clone(),
            mail.subject.clone(),
        ]);
    }
    line(table.to_string());
    line(format!(
        "\nThe time line of the acceptance:\n  {} invitation show {} --config {}",
        program(),
        report.accepted.id,
        quoted(&report.settings)
    ));
    line(format!("To look around yourself: {} demo", program()));
    text.truncate(text.trim_end().len());
    text
}

/// This program, as it was called.
fn program() -> String {
    let called = std::env::args().next().filter(|called| !called.is_empty());
    quoted(&called.unwrap_or_else(|| "countersign".to_owned()))
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@%".contains(c);
    if word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::NotOurs(_) | DemoError::Busy(_) | DemoError::Path(_) => {
                Self::new(ExitStatus::Usage, error.to_string())
            }
            DemoError::Config(error) => error.into(),
            DemoError::Keys(error) => error.into(),
            DemoError::App(error) => error.into(),
            DemoError::Storage(error) => error.into(),
            DemoError::Partner(error) => error.into(),
            DemoError::Agreement(error) => error.into(),
            DemoError::Invite(error) => error.into(),
            DemoError::File { .. }
            | DemoError::Port(_)
            | DemoError::Service(_)
            | DemoError::Profile(_)
            | DemoError::Unexpected(_) => Self::new(ExitStatus::Failed, error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_example_files_is_an_invitation() {
        let customers = customers().unwrap();
        assert_eq!(customers.len(), 2);
        for group in customers {
            assert_eq!(group.requests.len(), 3, "{}", group.partner);
            assert!(group.requests[0].offer.agreement());
        }
    }

    #[test]
    fn a_command_to_copy_is_quoted_for_the_shell() {
        assert_eq!(quoted("/tmp/demo.toml"), "/tmp/demo.toml");
        assert_eq!(quoted("/tmp/my demo's"), r"'/tmp/my demo'\''s'");
    }
}
