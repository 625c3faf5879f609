//! Postfix's own yardsticks: `smtp-sink` takes mail, `smtp-source` sends it.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

/// Where Debian puts them; elsewhere they are looked for in the PATH.
fn program(name: &str) -> PathBuf {
    let debian = Path::new("/usr/sbin").join(name);
    if debian.exists() {
        debian
    } else {
        PathBuf::from(name)
    }
}

/// A running `smtp-sink`; it ends when this is dropped.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Sink {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let mut command = Command::new(program("smtp-sink"));
        if is_root() {
            command.args(["-u", "nobody"]);
        }
        let child = command
            .arg(address.to_string())
            .arg("200")
            .current_dir("/")
            .stdin(Stdio::null())
            .spawn()
            .context(
                "smtp-sink does not start; it comes with Postfix (Debian: `apt install postfix`)",
            )?;
        let sink = Self { address, child };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            ensure!(
                start.elapsed() < Duration::from_secs(5),
                "smtp-sink does not listen on {address}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(sink)
    }

    /// Sends `count` mails of `size` octets over 32 connections that are reused; returns the seconds that it took.
    pub(crate) async fn source(&self, count: usize, size: usize) -> anyhow::Result<f64> {
        let mut command = Command::new(program("smtp-source"));
        command
            .args(["-d", "-s", "32"])
            .args(["-l", &size.to_string(), "-m", &count.to_string()])
            .args(["-f", "source@sign.example", "-t", "sink@customer.example"])
            .arg(self.address.to_string());
        tokio::task::spawn_blocking(move || {
            let start = Instant::now();
            let status = command.status().context("smtp-source does not start")?;
            ensure!(status.success(), "smtp-source: {status}");
            Ok(start.elapsed().as_secs_f64())
        })
        .await?
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| status.lines().any(|line| line.starts_with("Uid:\t0\t")))
}
