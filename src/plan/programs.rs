//! Scorers that run programs of a model need a sandbox: found here, before anything is asked or paid.

use crate::config::Section;
use crate::sandbox::Sandbox;
use crate::scoring::Scorer;

/// The sandbox, where the scorer wants programs run; nothing where they can't be, and the problem is noted.
pub(super) fn sandbox(section: &Section<'_>, scorer: &dyn Scorer) -> Option<Option<Sandbox>> {
    let Some(command) = scorer.runs() else { return Some(None) };
    let problem = |message: String, hint: String| {
        section.problem("scorer", message, Some(hint));
        None
    };
    match Sandbox::find() {
        Err(why) => problem(
            format!("runs programs that a model wrote, in a sandbox and nowhere else: {why}"),
            why.hint().to_owned(),
        ),
        Ok(sandbox) => match command.first().map(|command| sandbox.sees(command)) {
            Some(Err(why)) => problem(why, "install it, or say `command`".to_owned()),
            _ => Some(Some(sandbox)),
        },
    }
}
