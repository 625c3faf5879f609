//! A browser: headless Chromium, driven over WebDriver by chromedriver, both of the case's own.

use std::{
    env, fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fantoccini::{
    Client, ClientBuilder,
    actions::{InputSource as _, KeyAction, KeyActions},
    key::Key,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::{Process, free_port, processes_with, wait_until};

/// The size of the page's area, in CSS pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Viewport {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Viewport {
    /// The smallest phone that the pages are made for.
    pub(crate) const PHONE: Self = Self {
        width: 360,
        height: 800,
    };
    /// A laptop.
    pub(crate) const DESKTOP: Self = Self {
        width: 1280,
        height: 900,
    };
}

/// One rule of axe-core that a page breaks.
#[derive(Debug, Deserialize)]
pub(crate) struct Finding {
    /// The rule's name, e.g. `color-contrast`.
    pub(crate) id: String,
    /// What it asks for.
    pub(crate) help: String,
    /// The elements, as CSS selectors.
    pub(crate) targets: Vec<String>,
}

/// The element that has the focus.
#[derive(Debug, Deserialize)]
pub(crate) struct Focus {
    /// Its tag, in lower case.
    pub(crate) tag: String,
    /// Its `name`, or nothing.
    pub(crate) name: String,
    /// The text in it.
    pub(crate) text: String,
    /// Whether an outline shows that it has the focus.
    pub(crate) outlined: bool,
}

/// A browser with one empty window. Dropping it ends chromedriver and Chromium.
///
/// It derefs to fantoccini's [`Client`], for all that is not here.
pub(crate) struct Browser {
    client: Client,
    driver: Process,
    profile: TempDir,
}

impl std::ops::Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.driver.kill();
        // Chromium notices the end of its driver and ends, but writes to its folder until then.
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10)
            && processes_with(&self.profile.path().display().to_string()) > 0
        {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Browser {
    pub(super) async fn start(folder: &Path) -> anyhow::Result<Self> {
        let variable = |name: &str| {
            env::var(name)
                .with_context(|| format!("{name} is not set: the case needs Need::Browser"))
        };
        let port = free_port()?;
        let mut command = Command::new(variable("COUNTERSIGN_TEST_CHROMEDRIVER")?);
        // Chromium leaves folders in it.
        command.arg(format!("--port={port}")).env("TMPDIR", folder);
        let mut driver = Process::start(&format!("chromedriver-{port}"), &mut command, folder)?;
        driver.listens_on(port).await?;

        let profile = tempfile::Builder::new()
            .prefix("chromium.")
            .tempdir_in(folder)?;
        let mut arguments: Vec<String> = [
            "--headless=new",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-extensions",
            "--hide-scrollbars",
            // A page that scrolls smoothly is still on its way when a click is due.
            "--force-prefers-reduced-motion",
            // Nothing outside the tests: no proxy, and no name but this machine's.
            "--no-proxy-server",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            // Chromium ends when chromedriver does, even when that is killed.
            "--remote-debugging-pipe",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        if fs::metadata("/proc/self")?.uid() == 0 {
            // Chromium's sandbox refuses root. The pages are our own.
            arguments.push("--no-sandbox".to_owned());
        }
        let binary = variable("COUNTERSIGN_TEST_CHROMIUM")?;
        let capabilities = Capabilities::from_iter([
            (
                "goog:chromeOptions".to_owned(),
                json!({ "binary": binary, "args": arguments }),
            ),
            ("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" })),
        ]);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("Chromium does not start")?;
        Ok(Self {
            client,
            driver,
            profile,
        })
    }

    /// The folder that it keeps its state in, which names its processes.
    pub(crate) fn profile(&self) -> &Path {
        self.profile.path()
    }

    /// Issues a command of the Chrome DevTools protocol, and gives its result.
    ///
    /// # Errors
    /// When Chromium refuses it.
    pub(crate) async fn cdp(
        &self,
        command: &'static str,
        parameters: Value,
    ) -> anyhow::Result<Value> {
        let body = json!({ "cmd": command, "params": parameters });
        self.vendor("goog/cdp/execute", body)
            .await
            .with_context(|| format!("{command} failed"))
    }

    async fn vendor(&self, path: &'static str, body: Value) -> anyhow::Result<Value> {
        Ok(self.client.issue_cmd(Vendor { path, body }).await?)
    }

    /// Gives the page's area this size, at one device pixel a CSS pixel.
    ///
    /// # Errors
    /// When Chromium refuses.
    pub(crate) async fn viewport(&self, viewport: Viewport) -> anyhow::Result<()> {
        let Viewport { width, height } = viewport;
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        Ok(())
    }

    /// Switches the pages' own scripts on or off, from the next page on. What the harness itself runs in a page goes on working.
    ///
    /// # Errors
    /// When Chromium refuses.
    pub(crate) async fn javascript(&self, on: bool) -> anyhow::Result<()> {
        self.cdp(
            "Emulation.setScriptExecutionDisabled",
            json!({ "value": !on }),
        )
        .await?;
        Ok(())
    }

    /// Prefers this colour scheme (`light`, `dark`), as a reader's system does.
    ///
    /// # Errors
    /// When Chromium refuses.
    pub(crate) async fn colour_scheme(&self, scheme: &str) -> anyhow::Result<()> {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.cdp("Emulation.setEmulatedMedia", features).await?;
        Ok(())
    }

    /// The width and height of the whole page in CSS pixels. Wider than the viewport means that it scrolls sideways.
    ///
    /// # Errors
    /// When Chromium refuses.
    pub(crate) async fn page_size(&self) -> anyhow::Result<(u32, u32)> {
        #[derive(Deserialize)]
        struct Size {
            width: u32,
            height: u32,
        }
        let mut metrics = self.cdp("Page.getLayoutMetrics", json!({})).await?;
        let size: Size = serde_json::from_value(metrics["cssContentSize"].take())?;
        Ok((size.width, size.height))
    }

    /// Writes a picture of the whole page to `target/screenshots/NAME.png`.
    ///
    /// # Errors
    /// When Chromium makes none, or the file cannot be written.
    pub(crate) async fn screenshot(&self, name: &str) -> anyhow::Result<PathBuf> {
        let (width, height) = self.page_size().await?;
        let whole = Viewport { width, height };
        // Many are made, and each is looked at once: larger files, in half the time.
        self.shoot(name, whole, 1.0, true).await
    }

    /// The same of the upper left part of the page, larger or smaller by `scale`.
    ///
    /// # Errors
    /// As [`Browser::screenshot`].
    pub(crate) async fn picture(
        &self,
        name: &str,
        part: Viewport,
        scale: f64,
    ) -> anyhow::Result<PathBuf> {
        self.shoot(name, part, scale, false).await
    }

    async fn shoot(
        &self,
        name: &str,
        part: Viewport,
        scale: f64,
        quick: bool,
    ) -> anyhow::Result<PathBuf> {
        let Viewport { width, height } = part;
        let parameters = json!({
            "format": "png",
            "captureBeyondViewport": true,
            "optimizeForSpeed": quick,
            "clip": { "x": 0, "y": 0, "width": width, "height": height, "scale": scale },
        });
        let picture = self.cdp("Page.captureScreenshot", parameters).await?;
        let picture = BASE64_STANDARD.decode(picture["data"].as_str().context("no picture")?)?;
        // Cargo's folder for temporary files of tests lies in the target folder.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        fs::create_dir_all(&folder)?;
        let file = folder.join(format!("{name}.png"));
        fs::write(&file, picture)?;
        Ok(file)
    }

    /// Runs axe-core over the page: its rules for WCAG 2.0 to 2.2, levels A and AA, and its best practices.
    ///
    /// # Errors
    /// When axe-core does not run, or looked at nothing.
    pub(crate) async fn axe(&self) -> anyhow::Result<Vec<Finding>> {
        let script = fs::read_to_string(env::var("COUNTERSIGN_TEST_AXE")?)?;
        self.client.execute(&script, Vec::new()).await?;
        let run = r#"
            const done = arguments[arguments.length - 1];
            const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
            axe.run(document, { runOnly: tags }).then(
                (results) => done({
                    looked: results.passes.length + results.violations.length,
                    found: results.violations.map((rule) => ({
                        id: rule.id,
                        help: rule.help,
                        targets: rule.nodes.map((node) => node.target.join(" ")),
                    })),
                }),
                (error) => done({ error: String(error) }),
            );
        "#;
        let mut answer = self.client.execute_async(run, Vec::new()).await?;
        ensure!(
            answer["looked"].as_u64() > Some(0),
            "axe-core did not look: {answer}"
        );
        Ok(serde_json::from_value(answer["found"].take())?)
    }

    /// What the page wrote to the console since it was last asked: errors, blocked content, broken policies.
    ///
    /// # Errors
    /// When chromedriver gives no log.
    pub(crate) async fn console(&self) -> anyhow::Result<Vec<String>> {
        let entries = self.vendor("se/log", json!({ "type": "browser" })).await?;
        let entries = entries.as_array().context("no log")?;
        Ok(entries
            .iter()
            .filter_map(|entry| Some(entry["message"].as_str()?.to_owned()))
            .collect())
    }

    /// Presses a key and lets it go, wherever the focus is.
    ///
    /// # Errors
    /// When chromedriver refuses.
    pub(crate) async fn press(&self, key: Key) -> anyhow::Result<()> {
        self.type_text(&key).await
    }

    /// Types text, key after key, wherever the focus is.
    ///
    /// # Errors
    /// When chromedriver refuses.
    pub(crate) async fn type_text(&self, text: &str) -> anyhow::Result<()> {
        let keys = text
            .chars()
            .fold(KeyActions::new("keyboard".to_owned()), |keys, value| {
                keys.then(KeyAction::Down { value })
                    .then(KeyAction::Up { value })
            });
        self.client.perform_actions(keys).await?;
        Ok(())
    }

    /// Waits until the address has this path, and gives it: a key starts a navigation and does not wait for it.
    ///
    /// # Errors
    /// When it is not there within 10 seconds.
    pub(crate) async fn arrives_at(&self, path: &str) -> anyhow::Result<Url> {
        let what = format!("the browser to be at {path}");
        wait_until(&what, Duration::from_secs(10), async || {
            let url = self.client.current_url().await?;
            Ok((url.path() == path).then_some(url))
        })
        .await
    }

    /// What has the focus.
    ///
    /// # Errors
    /// When chromedriver does not say.
    pub(crate) async fn focus(&self) -> anyhow::Result<Focus> {
        let script = r#"
            const element = document.activeElement;
            const style = getComputedStyle(element);
            return {
                tag: element.tagName.toLowerCase(),
                name: element.getAttribute("name") ?? "",
                text: element.innerText ?? "",
                outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
            };
        "#;
        Ok(serde_json::from_value(
            self.client.execute(script, Vec::new()).await?,
        )?)
    }

    /// Presses Shift and Tab: one stop back.
    ///
    /// # Errors
    /// When chromedriver refuses.
    pub(crate) async fn press_back(&self) -> anyhow::Result<()> {
        let (shift, tab) = (char::from(Key::Shift), char::from(Key::Tab));
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: shift })
            .then(KeyAction::Down { value: tab })
            .then(KeyAction::Up { value: tab })
            .then(KeyAction::Up { value: shift });
        self.client.perform_actions(keys).await?;
        Ok(())
    }

    /// Presses Tab until the focus is where `is` says, as somebody without a mouse does.
    ///
    /// # Errors
    /// When it is not reached with 100 Tabs.
    pub(crate) async fn tab_to(&self, is: impl Fn(&Focus) -> bool) -> anyhow::Result<Focus> {
        for _ in 0..100 {
            self.press(Key::Tab).await?;
            let focus = self.focus().await?;
            if is(&focus) {
                return Ok(focus);
            }
        }
        bail!("100 Tabs did not reach it")
    }
}

/// A command that WebDriver itself does not have.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.path
        ))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
