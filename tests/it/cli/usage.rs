//! What holds for every command.

use std::process::Stdio;

use anyhow::{Context as _, ensure};

use super::program::Program;
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(the_program_starts_without_a_configuration),
        case!(the_help_of_every_command_shows_an_example),
        case!(a_command_line_that_cannot_be_read_is_told_on_stderr),
        case!(without_settings_it_is_told_how_to_begin),
        case!(a_reader_that_has_enough_is_no_fault).on_sqlite(),
        case!(a_full_disk_behind_stdout_is_a_fault).on_sqlite(),
        case!(completions_are_written_for_the_shells),
    ]
}

async fn the_program_starts_without_a_configuration(ctx: &Ctx) -> Outcome {
    let ran = Program::bare(ctx).run(["--version"])?.expect(0)?;
    ensure!(ran.out.starts_with("countersign "), "{ran:?}");
    Ok(())
}

/// Walks the commands as a reader would, by the lists that help shows.
async fn the_help_of_every_command_shows_an_example(ctx: &Ctx) -> Outcome {
    let program = Program::bare(ctx);
    let mut open: Vec<Vec<String>> = vec![Vec::new()];
    let mut seen = 0;
    while let Some(command) = open.pop() {
        let mut arguments = command.clone();
        arguments.push("--help".to_owned());
        let ran = program.run(&arguments)?.expect(0)?;
        ensure!(ran.out.contains("Example"), "{command:?}\n{}", ran.out);
        ensure!(ran.err.is_empty(), "{ran:?}");
        seen += 1;
        let listed = ran
            .out
            .lines()
            .skip_while(|line| *line != "Commands:")
            .skip(1)
            .take_while(|line| !line.is_empty())
            .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| *name != "help");
        for name in listed {
            let mut inner = command.clone();
            inner.push(name.to_owned());
            open.push(inner);
        }
    }
    ensure!(seen > 35, "only {seen} commands were found");
    Ok(())
}

async fn a_command_line_that_cannot_be_read_is_told_on_stderr(ctx: &Ctx) -> Outcome {
    let program = Program::bare(ctx);
    for line in [
        "",
        "nonsense",
        "invite",
        "queue limit naver.com",
        "key retire x",
        "--json",
        "queue list --limit 0",
    ] {
        let ran = program.run(line.split_whitespace())?.expect(2)?;
        ensure!(ran.out.is_empty() && !ran.err.is_empty(), "{ran:?}");
    }
    Ok(())
}

async fn without_settings_it_is_told_how_to_begin(ctx: &Ctx) -> Outcome {
    let program = Program::bare(ctx);
    let ran = program.run(["partner", "list"])?.expect(2)?;
    ensure!(
        ran.err.contains("mail.domain is not set") && ran.err.contains("countersign init"),
        "{ran:?}"
    );
    let ran = program
        .run(["partner", "list", "--config", "nowhere.toml"])?
        .expect(2)?;
    ensure!(ran.err.contains("nowhere.toml cannot be read"), "{ran:?}");
    let ran = program.run(["--json", "partner", "list"])?.expect(2)?;
    ensure!(ran.object()?["error"]["kind"] == "usage", "{ran:?}");
    let left: Vec<_> = std::fs::read_dir(ctx.folder())?.collect();
    ensure!(
        left.is_empty(),
        "a command that cannot run makes nothing: {left:?}"
    );
    Ok(())
}

async fn a_reader_that_has_enough_is_no_fault(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let mut rows = String::from("organization,name,email\n");
    for number in 0..200 {
        rows.push_str(&["Org ", ",Name,n", "@c.example\n"].join(&number.to_string()));
    }
    std::fs::write(ctx.folder().join("many.csv"), rows)?;
    let mut child = program
        .command("invite --csv many.csv --type reseller --json".split(' '))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    drop(child.stdout.take());
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    // Whoever looked away did not stop the work.
    let ran = program
        .run("invitation list --limit 1000 --json".split(' '))?
        .expect(0)?;
    assert_eq!(ran.objects()?.len(), 200);
    Ok(())
}

async fn a_full_disk_behind_stdout_is_a_fault(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let output = program
        .command(["partner", "list"])
        .stdout(std::fs::OpenOptions::new().write(true).open("/dev/full")?)
        .output()?;
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr)?;
    ensure!(told.contains("standard output cannot be written"), "{told}");
    Ok(())
}

async fn completions_are_written_for_the_shells(ctx: &Ctx) -> Outcome {
    for shell in ["bash", "zsh", "fish"] {
        let ran = Program::bare(ctx).run(["completions", shell])?.expect(0)?;
        ran.out.find("agreement").context("no command in it")?;
    }
    Ok(())
}
