//! The pages in a real browser: by mouse, by keyboard, without scripts, live, on a phone, in the dark, and judged by axe-core.

use super::PAGES;
use super::fixture::{PATIENCE, Site, figure};
use crate::serve::{Daemon, Mock, configured};
use crate::support::Outcome;
use crate::support::browser::{Browser, Page, Window};
use crate::support::process::Signal;
use libtest_mimic::Failed;
use std::path::PathBuf;

/// Where the page is.
fn place(page: &mut Page<'_>) -> Result<String, Failed> {
    let place = page.evaluate("location.pathname + location.search")?;
    Ok(place.as_str().unwrap_or_default().to_owned())
}

fn arrived(page: &mut Page<'_>, path: &str, title: &str) -> Outcome {
    assert_eq!((place(page)?.as_str(), page.text("h1")?.as_str()), (path, title));
    Ok(())
}

pub fn clicks_through() -> Outcome {
    let site = Site::start("")?;
    let mut browser = Browser::launch()?;
    let mut page = browser.page(Window::DESKTOP)?;
    page.open(&site.url("/"))?;
    arrived(&mut page, "/", "Overview")?;
    let mut clicks = 0;
    let ways = [
        ("#now a[href='/runs/nightly']", "/runs/nightly", "Run nightly"),
        ("#figures h2 ~ .wide", "", ""),
        ("#state a[href='/targets/cloud']", "/targets/cloud", "Target cloud"),
        ("a[href='/samples?target=cloud']", "/samples?target=cloud", "Samples"),
        ("table.samples tbody tr:nth-child(2) th a", "/samples/132", "Sample 132"),
        (".crumbs a", "/samples", "Samples"),
        (".pages a[href*='before=']", "/samples?before=84", "Samples"),
        (".pages a[href*='after=']", "/samples?after=83", "Samples"),
        ("nav a[href='/matrix']", "/matrix", "Matrix"),
        (".tabs a[href='/matrix?by=domain&show=accuracy']", "/matrix?by=domain&show=accuracy", "Matrix"),
        (".tabs a[href='/matrix?by=domain&show=cost']", "/matrix?by=domain&show=cost", "Matrix"),
        ("nav a[href='/compare']", "/compare", "Compare"),
        ("form button", "/compare?baseline=&lang=en", "Compare"),
        ("a.brand", "/", "Overview"),
    ];
    for (selector, path, title) in ways {
        clicks += 1;
        if path.is_empty() {
            page.click(selector)?;
            continue;
        }
        page.follow(selector)?;
        arrived(&mut page, path, title)?;
    }
    // The form: a word typed, and sent.
    page.follow("nav a[href='/samples']")?;
    page.click("#by-item")?;
    page.write("script")?;
    page.follow("form button")?;
    clicks += 3;
    assert!(place(&mut page)?.contains("item=script"), "{}", place(&mut page)?);
    assert_eq!(page.evaluate("document.querySelectorAll('table.samples tbody tr').length")?, 1);
    page.follow("table.samples tbody th a")?;
    clicks += 1;
    arrived(&mut page, "/samples/131", "Sample 131")?;
    assert_eq!(page.evaluate("document.title")?, "Sample 131 · assayd", "a hostile answer has changed the title");
    let shown = page.text("#answered ~ pre")?;
    assert!(shown.starts_with("<script>document.title='broken into'</script>[U+202E]gnihtemos"), "{shown}");
    assert_eq!(page.complaints(), Vec::<String>::new());
    figure(&format!("clicks {clicks}"))
}

/// What has the focus, by its words or its id.
fn focused(page: &mut Page<'_>) -> Result<String, Failed> {
    let words = "(e => e.innerText?.trim().split('\\n')[0] || e.id || e.tagName)(document.activeElement)";
    let focused = page.evaluate(words)?;
    Ok(focused.as_str().unwrap_or_default().to_owned())
}

/// Presses Tab until something with these words has the focus, whose outline is seen.
fn tab_to(page: &mut Page<'_>, words: &str) -> Result<u32, Failed> {
    for presses in 1..=60 {
        page.press("Tab")?;
        if focused(page)? == words {
            let outline = page.evaluate(
                "(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2)(getComputedStyle(document.activeElement))",
            )?;
            assert_eq!(outline, true, "{words} shows no focus");
            return Ok(presses);
        }
    }
    Err(format!("60 times Tab do not lead to {words:?}, but to {:?}", focused(page)?).into())
}

pub fn keyboard() -> Outcome {
    let site = Site::start("")?;
    let mut browser = Browser::launch()?;
    let mut page = browser.page(Window::DESKTOP)?;
    page.open(&site.url("/"))?;
    let mut keys = tab_to(&mut page, "Skip to the content")?;
    assert_eq!(keys, 1, "it comes first");
    let seen = page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")?;
    assert_eq!(seen, true, "it is seen when it has the focus");
    page.press("Enter")?;
    page.until("document.activeElement.id === 'main'")?;
    // From there on into the content, over a table that scrolls, to the run.
    keys += tab_to(&mut page, "nightly")?;
    page.enter()?;
    arrived(&mut page, "/runs/nightly", "Run nightly")?;
    keys += tab_to(&mut page, "Samples")?;
    page.enter()?;
    arrived(&mut page, "/samples", "Samples")?;
    keys += tab_to(&mut page, "by-item")?;
    page.write("add-7")?;
    page.enter()?;
    keys += tab_to(&mut page, "16")?;
    page.enter()?;
    arrived(&mut page, "/samples/16", "Sample 16")?;
    figure(&format!("keys {}", keys + 5))
}

pub fn follows() -> Outcome {
    let scratch = tempfile::tempdir()?;
    let mut browser = Browser::launch()?;
    let mut page = browser.page(Window::DESKTOP)?;
    let mock = Mock::start(scratch.path(), "--ttft 1s --itl 10ms")?;
    let directory = configured(&format!("http://{}", mock.address), "name = \"slow\"")?;
    let daemon = Daemon::start(directory.path())?;
    page.open(&format!("http://{}/runs/slow", daemon.address))?;
    // Marked, so that a page that was loaded again would show.
    page.evaluate("window.mine = true")?;
    assert!(!page.text("#figures")?.contains("· complete"), "it is over too soon to be followed");
    page.until("Number(document.querySelector('#state progress')?.value) >= 6")?;
    page.until("document.querySelector('#state').innerText.includes('over')")?;
    page.until("document.querySelector('#figures').innerText.includes('· complete')")?;
    page.until("document.querySelector('#news').textContent !== ''")?;
    assert_eq!(page.evaluate("window.mine")?, true, "the page was loaded again");
    assert_eq!(page.complaints(), Vec::<String>::new());
    // It ends in order while a browser listens.
    daemon.process.signal(Signal::TERM)?;
    let ended = daemon.process.end(PATIENCE)?;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    figure("live 1")
}

pub fn without_scripts() -> Outcome {
    let site = Site::start("")?;
    let mut browser = Browser::launch()?;
    let mut page = browser.page(Window { scripts: false, ..Window::DESKTOP })?;
    page.open(&site.url("/"))?;
    let refresh = page.evaluate("document.querySelector('noscript meta[http-equiv=refresh]')?.content")?;
    assert_eq!(refresh, "5", "a page is loaded again by itself while a run goes on");
    assert!(page.text("#now")?.contains("17 of 200"));
    page.follow("#now a[href='/targets/micro']")?;
    arrived(&mut page, "/targets/micro", "Target micro")?;
    page.follow("a[href='/samples?target=micro']")?;
    page.follow("table.samples tbody th a")?;
    arrived(&mut page, "/samples/131", "Sample 131")?;
    Ok(())
}

/// A file for a picture, where pictures are wanted.
fn picture(path: &str, kind: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("ASSAYD_PAGES_PICTURES")?);
    let name: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    Some(folder.join(format!("page{name}{kind}.png")))
}

pub fn look_right() -> Outcome {
    let site = Site::start("")?;
    let mut browser = Browser::launch()?;
    let (mut grave, mut lesser, mut wide, mut looks) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let windows = [
        ("-light", Window::DESKTOP),
        ("-dark", Window { dark: true, ..Window::DESKTOP }),
        ("-phone", Window::PHONE),
        ("-phone-dark", Window { dark: true, ..Window::PHONE }),
    ];
    for (kind, window) in windows {
        let mut page = browser.page(window)?;
        for (path, _) in PAGES {
            page.open(&site.url(path))?;
            looks += 1;
            let over = page.overflow()?;
            if over > 0 {
                wide.push(format!("{path}{kind}: {over} pixels too wide"));
            }
            if let Some(file) = picture(path, kind) {
                page.picture(&file)?;
            }
            // Colours are judged in both schemes, and the layout of a phone in one.
            if kind != "-phone-dark" {
                let (worse, others) = page.axe()?;
                grave.extend(worse.iter().map(|line| format!("{path}{kind}: {line}")));
                lesser.extend(others.iter().map(|line| format!("{path}{kind}: {line}")));
            }
        }
    }
    figure(&format!("looks {looks}"))?;
    figure(&format!("pages {}", PAGES.len()))?;
    figure(&format!("grave {}", grave.len()))?;
    figure(&format!("lesser {}", lesser.len()))?;
    figure(&format!("wide {}", wide.len()))?;
    assert_eq!((grave, lesser, wide), (Vec::<String>::new(), Vec::<String>::new(), Vec::<String>::new()));
    Ok(())
}
