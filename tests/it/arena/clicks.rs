//! The arena in a real browser: votes by key and by click, with scripts and without, read by axe-core.

use super::Place;
use crate::support::Outcome;
use crate::support::browser::{Browser, Page, Window};
use assayd::domain::Preference;
use libtest_mimic::Failed;

/// A page that is the arena's own whatever the answers on it try: nothing ran, nothing was loaded, nothing complained.
fn sound(page: &mut Page<'_>, title: &str) -> Outcome {
    assert_eq!(page.evaluate("document.title")?, format!("{title} · assayd"));
    assert_eq!(page.evaluate("document.images.length")?, 0);
    assert_eq!(page.complaints(), Vec::<String>::new());
    Ok(())
}

fn judged(page: &mut Page<'_>, what: &str) -> Outcome {
    let (grave, _) = page.axe()?;
    assert_eq!(grave, Vec::<String>::new(), "{what}");
    assert!(page.overflow()? <= 0, "{what} is {} pixels too wide", page.overflow()?);
    Ok(())
}

fn preferences(place: &Place) -> Result<Vec<Preference>, Failed> {
    Ok(place.votes()?.iter().map(|vote| vote.preference).collect())
}

pub fn by_key() -> Outcome {
    let place = Place::with("", None)?;
    let mut browser = Browser::launch()?;
    let mut page = browser.page(Window::DESKTOP)?;
    page.open(&format!("http://{}/arena", place.address))?;
    for (key, words) in [
        ("1", "You said: A is better."),
        ("b", "You said: B is better."),
        ("t", "You said: Both are good."),
        ("4", "You said: Both are bad."),
    ] {
        sound(&mut page, "Arena")?;
        page.typed(key)?;
        sound(&mut page, "Arena: your vote")?;
        assert!(page.text(".well")?.starts_with(words), "{}", page.text(".well")?);
        page.typed("n")?;
    }
    use Preference::{BothBad, Left, Right, Tie};
    assert_eq!(preferences(&place)?, [Left, Right, Tie, BothBad]);
    // Keys that were switched off do nothing, and stay off on the next page.
    page.click("#keys")?;
    page.press("1")?;
    page.press("a")?;
    assert_eq!(page.text("h1")?, "Arena");
    page.open(&format!("http://{}/arena", place.address))?;
    assert_eq!(page.evaluate("document.getElementById('keys').checked")?, false);
    assert_eq!(place.votes()?.len(), 4);
    Ok(())
}

pub fn without_scripts() -> Outcome {
    let place = Place::with("", None)?;
    let mut browser = Browser::launch()?;
    let mut page = browser.page(Window { scripts: false, ..Window::PHONE })?;
    page.open(&format!("http://{}/arena", place.address))?;
    for _ in 0..3 {
        page.follow("button[value='right']")?;
        assert!(page.text(".well")?.contains("You said: B is better."));
        page.follow("a.next")?;
        assert_eq!(page.text("h1")?, "Arena");
    }
    assert_eq!(preferences(&place)?, [Preference::Right; 3]);
    // By the keyboard alone, as a browser has it: on to the buttons, and Enter.
    for _ in 0..40 {
        page.press("Tab")?;
        if page.evaluate("document.activeElement.value")? == "tie" {
            break;
        }
    }
    page.enter()?;
    assert!(page.text(".well")?.contains("You said: Both are good."));
    assert_eq!(place.votes()?.len(), 4);
    Ok(())
}

pub fn looked_at() -> Outcome {
    let place = Place::with("", None)?;
    let mut browser = Browser::launch()?;
    for window in [Window::DESKTOP, Window { dark: true, ..Window::DESKTOP }, Window::PHONE] {
        let mut page = browser.page(window)?;
        page.open(&format!("http://{}/arena", place.address))?;
        judged(&mut page, "a contest")?;
        if let Some(folder) = std::env::var_os("ASSAYD_PAGES_PICTURES") {
            let name = format!("arena-{}{}.png", window.width, if window.dark { "-dark" } else { "" });
            page.picture(&std::path::PathBuf::from(folder).join(name))?;
        }
        page.typed("3")?;
        judged(&mut page, "a result")?;
        sound(&mut page, "Arena: your vote")?;
    }
    Ok(())
}
