//! The program under test, run to its end.

use std::{
    ffi::OsStr,
    io::Write as _,
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::harness::Ctx;

/// The program in a case's folder.
pub(crate) struct Program<'a> {
    ctx: &'a Ctx,
    environment: Vec<(&'static str, String)>,
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ran {
    command: String,
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl<'a> Program<'a> {
    /// The program, with nothing made yet.
    pub(crate) fn bare(ctx: &'a Ctx) -> Self {
        Self {
            ctx,
            environment: Vec::new(),
        }
    }

    /// The program after `init`; its mails go into the folder `out`.
    pub(crate) fn installed(ctx: &'a Ctx) -> anyhow::Result<Self> {
        let program = Self::bare(ctx);
        let outbox = format!("file://{}/out", ctx.folder().display());
        program
            .run([
                "init",
                "--mail-domain",
                "mail.example.com",
                "--public-url",
                "https://sign.example.com",
                "--smtp-url",
                &outbox,
            ])?
            .expect(0)?;
        Ok(program)
    }

    /// The same with a partner and a Korean agreement.
    pub(crate) fn furnished(ctx: &'a Ctx) -> anyhow::Result<Self> {
        let program = Self::installed(ctx)?;
        program.add_partner("hanbit")?.expect(0)?;
        std::fs::write(ctx.folder().join("mca-ko.txt"), "제1조 목적\n")?;
        program
            .run("agreement add mca-ko.txt --version 2024-09 --language ko --title MCA".split(' '))?
            .expect(0)?;
        Ok(program)
    }

    pub(crate) fn add_partner(&self, handle: &str) -> anyhow::Result<Ran> {
        let email = format!("partner@{handle}.example");
        self.run([
            "partner",
            "add",
            "--json",
            "--handle",
            handle,
            "--name",
            "한빛테크",
            "--legal-name",
            "주식회사 한빛테크",
            "--email",
            &email,
            "--phone",
            "+82 2 555 0100",
            "--address",
            "서울특별시 중구 세종대로 110",
            "--language",
            "ko",
            "--time-zone",
            "Asia/Seoul",
        ])
    }

    /// Invites `email` to a reseller relationship; returns the invitation's id.
    pub(crate) fn invite(&self, email: &str) -> anyhow::Result<String> {
        let ran = self.run([
            "invite",
            "--json",
            "--organization",
            "㈜새봄",
            "--name",
            "홍길동",
            "--email",
            email,
            "--type",
            "reseller",
        ])?;
        let made = ran.expect(0)?.object()?;
        text(&made["invitation"])
    }

    /// The same program with a variable set.
    pub(crate) fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut environment = self.environment.clone();
        environment.push((name, value.into()));
        Self {
            ctx: self.ctx,
            environment,
        }
    }

    pub(crate) fn command(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Command {
        let mut command = self.ctx.countersign();
        command.args(arguments);
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command
    }

    pub(crate) fn run(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> anyhow::Result<Ran> {
        self.run_on(arguments, b"")
    }

    /// Runs it with `input` on its stdin.
    pub(crate) fn run_on(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        input: &[u8],
    ) -> anyhow::Result<Ran> {
        let mut command = self.command(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().context("no stdin")?;
        let input = input.to_vec();
        // A program that reads nothing closes the pipe.
        let writing = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output()?;
        writing.join().ok();
        let ran = Ran {
            command: format!("{command:?}"),
            code: output.status.code(),
            out: String::from_utf8(output.stdout)?,
            err: String::from_utf8(output.stderr)?,
        };
        ran.is_decent()?;
        Ok(ran)
    }
}

impl Ran {
    /// What no run may ever do.
    fn is_decent(&self) -> anyhow::Result<()> {
        for word in ["panicked", "backtrace", "a defect in countersign"] {
            ensure!(!self.err.contains(word), "{word}: {self:?}");
        }
        for stream in [&self.out, &self.err] {
            let is_token = |run: &str| run.len() == 86 && run.starts_with("AQ");
            let of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            ensure!(
                !stream.split(|c| !of_token(c)).any(is_token),
                "a token is shown: {self:?}"
            );
            ensure!(!stream.contains('\u{1b}'), "escapes in a pipe: {self:?}");
        }
        Ok(())
    }

    pub(crate) fn expect(self, code: i32) -> anyhow::Result<Self> {
        ensure!(
            self.code == Some(code),
            "{} ended with {:?} instead of {code}\n{}\n{}",
            self.command,
            self.code,
            self.out,
            self.err
        );
        Ok(self)
    }

    /// The JSON objects on stdout, a line each.
    pub(crate) fn objects(&self) -> anyhow::Result<Vec<Value>> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).with_context(|| format!("no JSON: {line}")))
            .collect()
    }

    /// The one object on stdout.
    pub(crate) fn object(&self) -> anyhow::Result<Value> {
        let mut objects = self.objects()?;
        ensure!(objects.len() == 1, "{self:?}");
        objects.pop().context("no object")
    }

    /// The fields of the error that stdout ends with, after it was found on stderr too.
    pub(crate) fn wrong_fields(&self) -> anyhow::Result<Vec<String>> {
        let last = self.objects()?.pop().context("no object")?;
        let error = &last["error"];
        ensure!(
            error["exit"].as_i64() == self.code.map(i64::from),
            "{self:?}"
        );
        let problems = error["problems"].as_array().context("no problems")?;
        problems
            .iter()
            .map(|problem| {
                let field = problem["field"].as_str().unwrap_or_default().to_owned();
                let message = text(&problem["message"])?;
                ensure!(self.err.contains(&message), "not told to people: {self:?}");
                Ok(field)
            })
            .collect()
    }
}

/// A text of a JSON object.
pub(crate) fn text(value: &Value) -> anyhow::Result<String> {
    Ok(value
        .as_str()
        .with_context(|| format!("no text: {value}"))?
        .to_owned())
}
