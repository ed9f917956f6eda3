//! A headless Chromium under a test's control: real clicks and keys, over the DevTools protocol on a pipe.
//!
//! Messages are JSON, each ended by a NUL, on the browser's file descriptors 3 and 4: a shell that becomes the browser puts its
//! own standard input and output there, so that neither a port nor a library is needed.

use super::{Outcome, Server};
use libtest_mimic::Failed;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

const FLAGS: [&str; 9] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--no-first-run",
    "--disable-background-networking",
];

/// A running browser. Dropping it kills it.
pub struct Browser {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    events: VecDeque<Value>,
    next: u64,
    _profile: TempDir,
}

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// CSS pixels.
    pub width: u32,
    /// CSS pixels.
    pub height: u32,
    /// Whether it is a phone's.
    pub mobile: bool,
    /// Whether dark colours are preferred.
    pub dark: bool,
    /// Whether scripts run.
    pub scripts: bool,
}

impl Window {
    /// A computer's.
    pub const DESKTOP: Self = Self { width: 1200, height: 900, mobile: false, dark: false, scripts: true };
    /// A small phone's.
    pub const PHONE: Self = Self { width: 360, height: 740, mobile: true, dark: false, scripts: true };
}

impl Browser {
    /// Starts it.
    pub fn launch() -> Result<Self, Failed> {
        let profile = tempfile::tempdir()?;
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"]).arg(Server::Chromium.path()?);
        command.args(FLAGS).arg(format!("--user-data-dir={}", profile.path().display())).arg("about:blank");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let to = child.stdin.take().ok_or("no pipe to the browser")?;
        let pipe = child.stdout.take().ok_or("no pipe from the browser")?;
        let (send, from) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(pipe).split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice(&message) else { return };
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        let mut browser = Self { child, to, from, events: VecDeque::new(), next: 1, _profile: profile };
        browser.call(None, "Browser.getVersion", &json!({}))?;
        Ok(browser)
    }

    /// Sends a command, and waits for its result; events that come meanwhile are kept.
    fn call(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> Result<Value, Failed> {
        let id = self.next;
        self.next += 1;
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let (Some(session), Some(fields)) = (session, message.as_object_mut()) {
            fields.insert("sessionId".into(), session.into());
        }
        self.to.write_all(message.to_string().as_bytes())?;
        self.to.write_all(&[0])?;
        self.to.flush()?;
        loop {
            let mut answer = self.message(method)?;
            if answer.get("id").and_then(Value::as_u64) != Some(id) {
                self.events.push_back(answer);
                continue;
            }
            if let Some(error) = answer.get("error") {
                return Err(format!("{method}: {error}").into());
            }
            return Ok(answer.get_mut("result").map(Value::take).unwrap_or_default());
        }
    }

    fn message(&self, waiting: &str) -> Result<Value, Failed> {
        self.from.recv_timeout(PATIENCE).map_err(|error| match error {
            RecvTimeoutError::Timeout => format!("the browser does not answer: {waiting}").into(),
            RecvTimeoutError::Disconnected => format!("the browser has ended: {waiting}").into(),
        })
    }

    /// A page of its own, which shares nothing with the others but the browser.
    pub fn page(&mut self, window: Window) -> Result<Page<'_>, Failed> {
        let context = self.call(None, "Target.createBrowserContext", &json!({}))?;
        let target = self.call(
            None,
            "Target.createTarget",
            &json!({ "url": "about:blank", "browserContextId": text(&context, "browserContextId")? }),
        )?;
        let attach = json!({ "targetId": text(&target, "targetId")?, "flatten": true });
        let session = text(&self.call(None, "Target.attachToTarget", &attach)?, "sessionId")?;
        let Window { width, height, mobile, dark, scripts } = window;
        let mut page = Page { browser: self, session, window };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.call(&format!("{domain}.enable"), &json!({}))?;
        }
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        page.call("Emulation.setDeviceMetricsOverride", &metrics)?;
        let scheme = json!({ "name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" } });
        page.call("Emulation.setEmulatedMedia", &json!({ "features": [scheme] }))?;
        page.call("Emulation.setScriptExecutionDisabled", &json!({ "value": !scripts }))?;
        Ok(page)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(value: &Value, key: &str) -> Result<String, Failed> {
    let text = value.get(key).and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| format!("no {key} in {value}").into())
}

/// One page.
pub struct Page<'a> {
    browser: &'a mut Browser,
    session: String,
    window: Window,
}

impl Page<'_> {
    fn call(&mut self, method: &str, parameters: &Value) -> Result<Value, Failed> {
        let session = self.session.clone();
        self.browser.call(Some(&session), method, parameters)
    }

    /// Waits for an event that came since events were last looked for, or comes.
    fn event(&mut self, method: &str) -> Outcome {
        let session = self.session.clone();
        let is = |event: &Value| {
            event.get("method").and_then(Value::as_str) == Some(method)
                && event.get("sessionId").and_then(Value::as_str) == Some(&session)
        };
        if let Some(at) = self.browser.events.iter().position(is) {
            self.browser.events.remove(at);
            return Ok(());
        }
        loop {
            let event = self.browser.message(method)?;
            if is(&event) {
                return Ok(());
            }
            self.browser.events.push_back(event);
        }
    }

    /// Forgets that pages were loaded so far.
    fn forget_loads(&mut self) {
        self.browser.events.retain(|e| e.get("method").and_then(Value::as_str) != Some("Page.loadEventFired"));
    }

    /// Goes to an address, and waits until it is there.
    pub fn open(&mut self, url: &str) -> Outcome {
        self.forget_loads();
        let answer = self.call("Page.navigate", &json!({ "url": url }))?;
        if let Some(error) = answer.get("errorText") {
            return Err(format!("{url}: {error}").into());
        }
        self.event("Page.loadEventFired")
    }

    /// The value of an expression; a promise is awaited. Works also where the page itself may run no script.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value, Failed> {
        let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.call("Runtime.evaluate", &parameters)?;
        if let Some(wrong) = answer.get("exceptionDetails") {
            return Err(format!("{expression}: {wrong}").into());
        }
        Ok(answer.pointer_mut("/result/value").map(Value::take).unwrap_or_default())
    }

    /// Waits until an expression is true.
    pub fn until(&mut self, expression: &str) -> Outcome {
        let waited = format!(
            "new Promise((done, late) => {{ const end = Date.now() + {}; const look = () => {{ if ({expression}) done(true); \
             else if (Date.now() > end) late(new Error('never true')); else setTimeout(look, 50); }}; look(); }})",
            PATIENCE.as_millis() / 2
        );
        self.evaluate(&waited).map(drop)
    }

    /// The text of the first element that a selector finds, as it is seen.
    pub fn text(&mut self, selector: &str) -> Result<String, Failed> {
        let found = self.evaluate(&format!("document.querySelector({})?.innerText ?? null", json!(selector)))?;
        found.as_str().map(str::to_owned).ok_or_else(|| format!("nothing is {selector}").into())
    }

    /// Presses and lets go the mouse's button over the first element that a selector finds, where it is on the screen; what
    /// lies above it there gets the click.
    pub fn click(&mut self, selector: &str) -> Outcome {
        let find = format!(
            "(() => {{ const e = document.querySelector({}); if (!e) return null; e.scrollIntoView({{ block: 'center', \
             inline: 'center', behavior: 'instant' }}); const r = e.getClientRects()[0]; const [x, y] = [r.x + r.width / 2, \
             r.y + r.height / 2]; const hit = document.elementFromPoint(x, y); return {{ x, y, hit: e.contains(hit) || \
             hit?.contains(e) }}; }})()",
            json!(selector)
        );
        let place = self.evaluate(&find)?;
        let at = |key: &str| place.get(key).and_then(Value::as_f64).ok_or_else(|| format!("nothing is {selector}"));
        let (x, y) = (at("x")?, at("y")?);
        if place.get("hit") != Some(&Value::Bool(true)) {
            return Err(format!("{selector} lies under something else").into());
        }
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let event = json!({ "type": kind, "x": x, "y": y, "button": button, "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", &event)?;
        }
        Ok(())
    }

    /// Clicks, and waits until another page is there.
    pub fn follow(&mut self, selector: &str) -> Outcome {
        self.forget_loads();
        self.click(selector)?;
        self.event("Page.loadEventFired")
    }

    /// Presses the key of a letter or digit, and waits until another page is there.
    pub fn typed(&mut self, key: &str) -> Outcome {
        self.forget_loads();
        self.press(key)?;
        self.event("Page.loadEventFired")
    }

    /// Presses a key: `Tab`, `Enter`, a letter, a digit.
    pub fn press(&mut self, key: &str) -> Outcome {
        let (code, typed) = match key {
            "Tab" => (9, None),
            "Enter" => (13, Some("\r")),
            one if one.len() == 1 => (i64::from(one.to_ascii_uppercase().as_bytes()[0]), Some(one)),
            other => return Err(format!("no key {other}").into()),
        };
        let mut down = json!({ "type": if typed.is_some() { "keyDown" } else { "rawKeyDown" }, "key": key, "code": key, "windowsVirtualKeyCode": code });
        if let (Some(typed), Some(fields)) = (typed, down.as_object_mut()) {
            fields.insert("text".into(), typed.into());
        }
        self.call("Input.dispatchKeyEvent", &down)?;
        self.call(
            "Input.dispatchKeyEvent",
            &json!({ "type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code }),
        )?;
        Ok(())
    }

    /// Presses Enter, and waits until another page is there.
    pub fn enter(&mut self) -> Outcome {
        self.forget_loads();
        self.press("Enter")?;
        self.event("Page.loadEventFired")
    }

    /// Types a text where the focus is.
    pub fn write(&mut self, text: &str) -> Outcome {
        self.call("Input.insertText", &json!({ "text": text })).map(drop)
    }

    /// What the page complained of: exceptions, and what its policy or the network refused.
    pub fn complaints(&mut self) -> Vec<String> {
        let told = self.browser.events.iter().filter(|event| {
            let method = event.get("method").and_then(Value::as_str).unwrap_or_default();
            let level = event.pointer("/params/entry/level").and_then(Value::as_str).unwrap_or_default();
            method == "Runtime.exceptionThrown" || method == "Log.entryAdded" && matches!(level, "error" | "warning")
        });
        told.filter(|event| event.get("sessionId").and_then(Value::as_str) == Some(&self.session))
            .map(Value::to_string)
            .collect()
    }

    /// What axe-core finds, one line a finding, the grave ones (serious or critical) apart from the others.
    pub fn axe(&mut self) -> Result<(Vec<String>, Vec<String>), Failed> {
        let script = std::fs::read_to_string(Server::Axe.path()?)?;
        self.evaluate(&format!("{script};0"))?;
        let found = self.evaluate(
            "axe.run(document, { resultTypes: ['violations'] }).then(r => r.violations.map(v => [v.impact, v.id, v.help, \
             v.nodes.slice(0, 3).map(n => n.target.join(' ') + ': ' + (n.any[0]?.message ?? n.all[0]?.message ?? '')).join('; ')]))",
        )?;
        let all = found.as_array().ok_or("axe-core gave no list")?;
        let line = |finding: &Value| {
            let words = finding.as_array().into_iter().flatten().filter_map(Value::as_str);
            words.collect::<Vec<_>>().join(" | ")
        };
        let grave = |finding: &&Value| matches!(finding.get(0).and_then(Value::as_str), Some("serious" | "critical"));
        Ok((
            all.iter().filter(grave).map(line).collect(),
            all.iter().filter(|finding| !grave(finding)).map(line).collect(),
        ))
    }

    /// How many pixels the page is wider than its window.
    pub fn overflow(&mut self) -> Result<i64, Failed> {
        let wide = self.evaluate("document.documentElement.scrollWidth")?;
        let wide = wide.as_i64().ok_or("no width")?;
        Ok(wide - i64::from(self.window.width))
    }

    /// Takes a picture of the whole page.
    pub fn picture(&mut self, file: &Path) -> Outcome {
        use base64::Engine as _;
        let shot = self.call("Page.captureScreenshot", &json!({ "format": "png", "captureBeyondViewport": true }))?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(text(&shot, "data")?)?;
        Ok(std::fs::write(file, bytes)?)
    }
}
