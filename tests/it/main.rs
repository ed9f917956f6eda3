//! The one integration-test binary. Each module gives its tests as trials; a test that needs a real server says which,
//! and is left out by name where the server is missing (and fails in CI and in `tests/all`).

mod api;
mod arena;
mod billing;
mod bills;
mod boards;
mod compare;
mod configs;
mod contest;
mod demo_endpoint;
mod discover;
mod economics;
mod energy;
mod engine;
mod examples;
mod failures;
mod gate;
mod generated;
mod graded_by_running;
mod grading;
mod instructions;
mod invalid;
mod judged;
mod licences;
mod made;
mod meters;
mod metrics;
mod mock;
mod nvml;
mod otlp;
mod pages;
mod provider;
mod provision;
mod regrade;
mod run;
mod sandbox;
mod scenario;
mod serve;
mod store;
mod support;
mod tidy;
mod wire;

use libtest_mimic::{Arguments, Trial};
use std::process::ExitCode;

fn main() -> ExitCode {
    // A test of the store runs this binary again, as a process to be killed.
    if let Some(code) = store::child() {
        return code;
    }
    // The long run of mutated streams, which tests/show/mutations asks for.
    if let Some(code) = provider::mutations::child() {
        return code;
    }
    // The long sums, which tests/show/billing asks for.
    if let Some(code) = billing::child() {
        return code;
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(2);
    let modules: Vec<Vec<Trial>> = vec![
        // One line a module, in the order of the alphabet.
        api::tests(),
        arena::tests(),
        billing::tests(),
        boards::tests(),
        bills::tests(),
        compare::tests(),
        configs::tests(),
        contest::tests(),
        demo_endpoint::tests(),
        discover::tests(),
        economics::tests(),
        energy::tests(),
        engine::tests(),
        examples::tests(),
        failures::tests(),
        gate::tests(),
        generated::tests(),
        graded_by_running::tests(),
        grading::tests(),
        instructions::tests(),
        invalid::tests(),
        judged::tests(),
        licences::tests(),
        made::tests(),
        meters::tests(),
        metrics::tests(),
        mock::tests(),
        nvml::tests(),
        otlp::tests(),
        pages::tests(),
        provider::tests(),
        provision::tests(),
        regrade::tests(),
        run::tests(),
        sandbox::tests(),
        scenario::tests(),
        serve::tests(),
        store::tests(),
        support::tests(),
        tidy::tests(),
        wire::tests(),
    ];
    let tests: Vec<Trial> = modules.into_iter().flatten().collect();
    libtest_mimic::run(&arguments, tests).exit_code()
}
