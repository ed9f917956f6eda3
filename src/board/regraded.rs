//! What changes on the board when answers are graded anew: the estimates of runs that have ended. Counters keep what was
//! found first, so that they never go back; times, tokens and costs are what they were.

use super::{Board, By, Figures, RunBoard};
use crate::domain::{RunId, Sample};

impl Board {
    /// The ended runs whose figures are remembered.
    pub fn remembered(&self) -> impl Iterator<Item = RunId> {
        self.runs.iter().filter(|(_, run)| run.finished.is_some()).map(|(id, _)| *id)
    }

    /// Puts the findings of these samples, all of a run's that measure, in the place of those its figures were made of. The
    /// samples need their cost, hardware share and served model, and no timing.
    pub fn regraded<'a>(&mut self, run: RunId, samples: impl Iterator<Item = &'a Sample>) {
        let Some(board) = self.runs.get(&run).filter(|board| board.finished.is_some()) else { return };
        let mut anew = Self::default();
        anew.begin(run, &board.name, board.open_loop, board.started_unix_ms);
        samples.for_each(|sample| anew.tally(sample, None));
        let (Some(board), Some(anew)) = (self.runs.get_mut(&run), anew.runs.get(&run)) else { return };
        By::ALL.into_iter().for_each(|by| board.take_findings(by, anew));
    }
}

impl RunBoard {
    fn take_findings(&mut self, by: By, anew: &Self) {
        let fresh = anew.figures(by);
        for row in self.figures.entry(by).or_default() {
            let same = |other: &&Figures| {
                (&other.target, &other.scenario, &other.domain, other.split, &other.provenance)
                    == (&row.target, &row.scenario, &row.domain, row.split, &row.provenance)
            };
            let Some(found) = fresh.iter().find(same) else { continue };
            row.verdicts = found.verdicts;
            row.accuracy = found.accuracy;
            row.per_correct = found.per_correct.filter(|_| row.unpriced == 0);
            row.cost_of_pass = found.cost_of_pass.filter(|_| row.unpriced == 0);
            // Which of those inside the SLO are correct now is not kept.
            row.correct_goodput = None;
        }
    }
}
