//! Processes that end with the test that started them, free ports, and waiting with an end.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};

/// A child process. Dropping it kills it and waits for its end.
pub(crate) struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command` with nothing on its stdin and both outputs in `folder/name.log`.
    pub(crate) fn start(name: &str, command: &mut Command, folder: &Path) -> anyhow::Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let output =
            File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log,
        })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written so far, on both outputs.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Sends a signal by its name: `TERM`, `STOP`, `CONT` …
    ///
    /// # Errors
    /// When the process is gone, or `kill` does not know the name.
    pub(crate) fn signal(&self, name: &str) -> anyhow::Result<()> {
        // The shell's own `kill`: neither a crate nor a package more, and no `unsafe`.
        let status = Command::new("sh")
            .args([
                "-c",
                "kill -s \"$1\" \"$2\"",
                "sh",
                name,
                &self.id().to_string(),
            ])
            .stderr(Stdio::null())
            .status()?;
        ensure!(status.success(), "{name} cannot be sent to {}", self.name);
        Ok(())
    }

    /// Ends it at once, as `kill -9` does, and waits for its end.
    pub(crate) fn kill(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits for it to end by itself.
    ///
    /// # Errors
    /// When it still runs after `limit`.
    pub(crate) async fn exit(&mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        let name = format!("the end of {}", self.name);
        wait_until(&name, limit, async || Ok(self.child.try_wait()?)).await
    }

    /// Whether it has not ended.
    pub(crate) fn runs(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Waits until it listens on `port` of 127.0.0.1.
    ///
    /// # Errors
    /// When it ends before, or does not listen within 30 seconds; with what it wrote.
    pub(crate) async fn listens_on(&mut self, port: u16) -> anyhow::Result<()> {
        let name = format!("{} to listen on port {port}", self.name);
        let found = wait_until(&name, Duration::from_secs(30), async || {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status}", self.name);
            }
            Ok(tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .ok())
        });
        let found = found.await.map(drop);
        found.with_context(|| self.log())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port of 127.0.0.1 that nobody listens on. Somebody else may take it before you do: where a server can be told to
/// listen on port 0, do that instead.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Asks every 20 ms until the answer is `Some`.
///
/// # Errors
/// The first error of `probe`, or that `what` did not come within `limit`.
pub(crate) async fn wait_until<T>(
    what: &str,
    limit: Duration,
    mut probe: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = probe().await? {
            return Ok(found);
        }
        if start.elapsed() > limit {
            bail!("waited {limit:?} for {what}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How many processes of this machine have `text` in their arguments.
pub(crate) fn processes_with(text: &str) -> usize {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
        .filter(|arguments| String::from_utf8_lossy(arguments).contains(text))
        .count()
}
