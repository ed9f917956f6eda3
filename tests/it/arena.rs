//! `/arena` over real HTTP: votes are blind, counted once, and taken from nobody but whom they were shown to.

mod clicks;

use crate::support::http::{Reply, ask, encoded};
use crate::support::{Outcome, Server, http, needs};
use assayd::api::{Arena, Limits, arena, bind, serve};
use assayd::config::Source;
use assayd::contest::ballots;
use assayd::domain::{
    Answer, Ballot, Charge, Cost, Exchange, Finding, Fingerprint, ItemId, Name, Preference, Purpose, Sample, Share,
    Split, Tags, Timing, TrialKey, VoteSource,
};
use assayd::plan::{self, Plan};
use assayd::store::{self, Access, Keep, Store, VotePage, Write};
use libtest_mimic::{Failed, Trial};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("arena::a_vote_is_counted_and_names_are_told_after_it", voted),
        Trial::test("arena::nothing_on_the_page_tells_whose_answers_they_are", blind),
        Trial::test("arena::every_pair_is_shown_once_and_then_there_is_nothing", to_the_end),
        Trial::test("arena::a_second_vote_does_not_count", twice),
        Trial::test("arena::a_form_from_elsewhere_is_refused", forged),
        Trial::test("arena::a_host_that_is_not_ours_is_refused", rebound),
        Trial::test("arena::what_is_too_large_is_refused", too_large),
        Trial::test("arena::what_was_shown_too_long_ago_does_not_count", expired),
        Trial::test("arena::a_token_is_asked_for_and_guessed_slowly", token),
        Trial::test("arena::a_link_from_elsewhere_makes_no_new_voter", linked),
        Trial::test("arena::hostile_answers_are_text_and_long_ones_are_folded", hostile),
        needs(Server::Chromium, "arena::votes_are_cast_by_key", clicks::by_key),
        needs(Server::Chromium, "arena::votes_are_cast_without_scripts", clicks::without_scripts),
        needs(Server::Axe, "arena::it_can_be_read_and_fits_a_phone", clicks::looked_at),
    ]
}

const ITEMS: usize = 4;
/// Words that no random number spells.
const TARGETS: [&str; 3] = ["orchard", "meadowland", "harbourside"];
const LONG: usize = 9_000;

/// A server of the arena alone, over a store in memory with answers of three targets to a few questions.
pub struct Place {
    /// Where it listens.
    pub address: SocketAddr,
    store: Arc<dyn Store>,
    runtime: Runtime,
    stop: Option<oneshot::Sender<()>>,
    _folder: TempDir,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _gone = stop.send(());
        }
    }
}

fn configured(folder: &TempDir, server: &str) -> Result<Plan, Failed> {
    let line = |n: usize| {
        format!("{{\"id\": \"q{n}\", \"prompt\": \"Say <b>{n}</b> things about number {n}.\", \"answer\": \"{n}\"}}\n")
    };
    std::fs::write(folder.path().join("q.jsonl"), (1..=ITEMS).map(line).collect::<String>())?;
    let target = |name: &str| {
        format!(
            "[target.{name}]\napi = \"openai-chat\"\nurl = \"http://127.0.0.1:9/v1\"\nmodel = \"maker/{name}-7b\"\n"
        )
    };
    let text = format!(
        "{server}\n[store]\nurl = \"sqlite::memory:\"\n{}\n[scenario.talk]\ndataset = {{ format = \"jsonl\", path = \"q.jsonl\" }}\n\
         scorer = \"exact\"\n[workload.w]\narrival = {{ kind = \"closed\", concurrency = 1 }}\n[[run]]\ntargets = [\"*\"]\n\
         scenarios = [\"*\"]\nworkload = \"w\"\n",
        TARGETS.map(target).concat()
    );
    let path = folder.path().join("arena.toml");
    std::fs::write(&path, text)?;
    let source = Source::file(&path).map_err(|problem| problem.to_string())?;
    plan::build(&source)
        .map_err(|problems| Failed::from(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

fn answer(target: &str, item: usize) -> String {
    let voice = TARGETS.iter().position(|name| *name == target).unwrap_or_default();
    match (voice, item) {
        (0, 1) => "I am ORCHARD-7b, and this is number 1.".to_owned(),
        (1, 2) => format!("{}END", "long ".repeat(LONG / 5)),
        _ => format!("</pre><script>alert({item})</script><img src=x onerror=alert(1)> voice {voice} & number {item}"),
    }
}

fn sample(run: assayd::domain::RunId, target: &str, item: usize) -> Result<Write, Failed> {
    let id = ItemId::new(&format!("q{item}"));
    let exchange = Exchange {
        attempt: 1,
        turn: 0,
        purpose: Purpose::Measure,
        timing: Timing::default(),
        answer: Answer { text: answer(target, item), ..Answer::default() },
        fault: None,
        charge: Charge::Settled(Cost::ZERO),
    };
    let sample = Sample {
        key: TrialKey { run, target: Name::new(target)?, scenario: Name::new("talk")?, item: id.clone(), repeat: 0 },
        cluster: id,
        tags: Tags::new("talk", "talk", "en", Split::Public),
        provenance: Fingerprint::from_text(&format!("provenance-of-{target}")),
        at_unix_ms: 1_000,
        exchanges: vec![exchange],
        judged: Vec::new(),
        finding: Finding::judged(true, "4", "exact/equal"),
        share: Share::default(),
    };
    Ok(Write::Sample { sample: Arc::new(sample), keep: Keep::Text, grader: Fingerprint::from_text("g"), good: true })
}

/// The clock of the test that lets time pass.
static CLOCK: AtomicI64 = AtomicI64::new(0);

impl Place {
    fn new() -> Result<Self, Failed> {
        Self::with("", None)
    }

    /// Starts it with these lines of configuration.
    pub fn with(server: &str, clock: Option<fn() -> i64>) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        let plan = Arc::new(configured(&folder, server)?);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let (store, arena_of) = runtime.block_on(async {
            let store = store::open(&plan.store.url, Access::Write).await?;
            let run = store.begin("r", &Fingerprint::from_text("p"), 7, 1_000).await?.id;
            let asked = plan.scenarios.iter().map(|scenario| (scenario.name.clone(), scenario.asked.clone()));
            store.asks(run, asked.collect()).await?;
            for item in 1..=ITEMS {
                let samples = TARGETS.iter().map(|target| sample(run, target, item)).collect::<Result<_, _>>()?;
                store.commit(samples).await?;
            }
            // The sender may go: nothing changes any more.
            let (_, plans) = watch::channel(Arc::clone(&plan));
            let arena = Arena::open(Arc::clone(&store), plans, plan.server.arena.clone()).await?;
            Ok::<_, Failed>((store, arena))
        })?;
        let arena_of = match clock {
            Some(clock) => arena_of.with_clock(clock),
            None => arena_of,
        };
        let listeners = bind(&["127.0.0.1:0".parse()?])?;
        let address = listeners.first().ok_or("no listener")?.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let routes = arena(plan.server.arena.on.then(|| Arc::new(arena_of)));
        runtime.spawn(serve(listeners, routes, Limits::DEFAULT, async move { drop(stopped.await) }));
        Ok(Self { address, store, runtime, stop: Some(stop), _folder: folder })
    }

    /// The votes that are kept.
    pub fn votes(&self) -> Result<Vec<Ballot>, Failed> {
        let page = VotePage { limit: 1_000, ..VotePage::default() };
        Ok(self.runtime.block_on(self.store.votes(page))?.into_iter().map(|voted| voted.ballot).collect())
    }
}

/// Somebody with cookies.
struct Person {
    address: SocketAddr,
    cookies: BTreeMap<String, String>,
    /// What replaces headers that it would send.
    host: Option<String>,
    origin: Option<String>,
}

impl Person {
    fn at(place: &Place) -> Self {
        let origin = Some(format!("http://{}", place.address));
        Self { address: place.address, cookies: BTreeMap::new(), host: None, origin }
    }

    fn send(&mut self, method: &str, path: &str, more: &str, body: &str) -> Result<Reply, Failed> {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let host = self.host.clone().unwrap_or_else(|| self.address.to_string());
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\nhost: {host}\r\n{more}");
        if !cookies.is_empty() {
            head += &format!("cookie: {}\r\n", cookies.join("; "));
        }
        if method == "POST" {
            let origin = self.origin.as_ref().map(|origin| format!("origin: {origin}\r\n")).unwrap_or_default();
            head += &format!(
                "{origin}content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n",
                body.len()
            );
        }
        let reply = ask(self.address, &format!("{head}\r\n{body}"))?;
        for line in reply.headers.lines() {
            let Some((name, value)) = line.split_once(": ") else { continue };
            if name.eq_ignore_ascii_case("set-cookie") {
                assert!(value.contains("; HttpOnly; SameSite=Strict") && value.contains("; Path=/arena;"), "{value}");
                let (name, value) = value.split(';').next().and_then(|pair| pair.split_once('=')).ok_or("no cookie")?;
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(reply)
    }

    fn get(&mut self, path: &str) -> Result<Reply, Failed> {
        self.send("GET", path, "", "")
    }

    /// The contest that is shown.
    fn shown(&mut self) -> Result<Shown, Failed> {
        let reply = self.get("/arena")?;
        assert_eq!(reply.status, 200, "{}", reply.body);
        Shown::of(&reply.body)
    }

    fn vote(&mut self, shown: &Shown, preference: &str) -> Result<Reply, Failed> {
        let body = format!("contest={}&form={}&preference={preference}", encoded(&shown.contest), encoded(&shown.form));
        self.send("POST", "/arena/vote", "", &body)
    }
}

/// A contest on a page.
#[derive(Debug, Clone)]
struct Shown {
    page: String,
    contest: String,
    form: String,
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

impl Shown {
    fn of(page: &str) -> Result<Self, Failed> {
        let field = |name: &str| {
            let found = between(page, &format!("name=\"{name}\" value=\""), "\"");
            found.map(str::to_owned).ok_or_else(|| Failed::from(format!("no {name} in {page}")))
        };
        Ok(Self { page: page.to_owned(), contest: field("contest")?, form: field("form")? })
    }

    /// The texts of A and B.
    fn answers(&self) -> [String; 2] {
        let of = |id: &str| {
            let section = between(&self.page, &format!("<h2 id=\"{id}\">"), "</section>").unwrap_or_default();
            between(section, "<pre>", "</pre>").unwrap_or_default().to_owned()
        };
        [of("answer-a"), of("answer-b")]
    }
}

fn voted() -> Outcome {
    let place = Place::new()?;
    let mut person = Person::at(&place);
    let shown = person.shown()?;
    let again = person.shown()?;
    assert_eq!(shown.contest, again.contest, "the same two answers are shown until they are voted on");
    let reply = person.vote(&shown, "left")?;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let to = reply.header("location").ok_or("no location")?.to_owned();
    assert_eq!(to, format!("/arena/result/{}", shown.contest));
    let told = person.get(&to)?;
    assert_eq!(told.status, 200);
    let votes = place.votes()?;
    let [vote] = &votes[..] else { return Err(format!("{votes:?}").into()) };
    assert_eq!((vote.preference, vote.source), (Preference::Left, VoteSource::Human));
    let [left, right] = [vote.left.target.as_str(), vote.right.target.as_str()];
    assert!(told.body.contains("You said: A is better."), "{}", told.body);
    let words = format!("Answer A was by <strong>{left}</strong>, answer B by <strong>{right}</strong>.");
    assert!(told.body.contains(&words), "{}", told.body);
    // What was kept is what was shown.
    let item: usize = vote.item.as_str().trim_start_matches('q').parse()?;
    let [a, b] = shown.answers();
    let voice = |name: &str| TARGETS.iter().position(|n| *n == name).unwrap_or(9);
    for (text, name) in [(a, left), (b, right)] {
        assert!(text.contains(&format!("voice {}", voice(name))) || text.starts_with("long"), "{text} {name} {item}");
    }
    assert_eq!(vote.left.provenance.as_str(), format!("provenance-of-{left}"));
    // The cookie is not what is kept.
    let cookie = person.cookies.get("assayd_voter").ok_or("no cookie")?;
    let number = cookie.split('.').next().unwrap_or_default();
    assert!(!vote.voter.contains(number) && !cookie.contains(&*vote.voter), "{cookie} {}", vote.voter);
    // Another person is another voter, and sees nobody else's result.
    let mut other = Person::at(&place);
    other.shown()?;
    assert_eq!(other.get(&to)?.status, 303);
    assert_ne!(other.cookies.get("assayd_voter"), person.cookies.get("assayd_voter"));
    let contests = place.runtime.block_on(ballots(place.store.as_ref(), VoteSource::Human, &[]))?;
    assert_eq!(contests.votes(), 1);
    Ok(())
}

fn blind() -> Outcome {
    let place = Place::new()?;
    let mut lefts: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..60 {
        let mut person = Person::at(&place);
        let reply = person.get("/arena")?;
        let all = format!("{}{}", reply.headers, reply.body).to_lowercase();
        for word in TARGETS.iter().chain(&["maker/", "provenance", "\"q1\"", "\"q2\"", "\"q3\"", "\"q4\"", "1970-01"]) {
            assert!(!all.contains(&word.to_lowercase()), "{word} in {all}");
        }
        let shown = Shown::of(&reply.body)?;
        assert!(shown.contest.len() == 24 && shown.form.len() == 43, "{shown:?}");
        let [a, b] = shown.answers();
        let voice = |text: &str| between(text, "voice ", " ").unwrap_or("1").to_owned();
        assert_ne!(voice(&a), voice(&b));
        *lefts.entry(format!("{}{}", voice(&a), voice(&b))).or_default() += 1;
    }
    // Each pair in both orders: six in all; that one of them is missing after 60 has a chance below 1 in 9,000.
    assert!(lefts.len() >= 5, "{lefts:?}");
    Ok(())
}

fn to_the_end() -> Outcome {
    let place = Place::new()?;
    let mut person = Person::at(&place);
    let mut seen = BTreeSet::new();
    // An answer names its target: that question has one pair only.
    for n in 0..(ITEMS * 3 - 2) {
        let shown = person.shown()?;
        let reply = person.vote(&shown, ["left", "right", "tie", "both-bad"].get(n % 4).copied().unwrap_or("tie"))?;
        assert_eq!(reply.status, 303, "{}", reply.body);
        let mut pair = shown.answers();
        pair.sort();
        assert!(seen.insert(pair), "shown twice");
    }
    let reply = person.get("/arena")?;
    assert!(reply.body.contains("There is nothing here that you have not voted on."), "{}", reply.body);
    let votes = place.votes()?;
    assert_eq!(votes.len(), ITEMS * 3 - 2);
    assert!(votes.iter().all(|vote| !(vote.item.as_str() == "q1"
        && [&vote.left, &vote.right].iter().any(|side| side.target.as_str() == "orchard"))));
    let voters: BTreeSet<_> = votes.iter().map(|vote| &vote.voter).collect();
    assert_eq!(voters.len(), 1);
    Ok(())
}

fn twice() -> Outcome {
    let place = Place::new()?;
    let mut person = Person::at(&place);
    let shown = person.shown()?;
    assert_eq!(person.vote(&shown, "tie")?.status, 303);
    let again = person.vote(&shown, "left")?;
    assert_eq!(again.status, 409);
    assert!(again.body.contains("the first vote counts"), "{}", again.body);
    let votes = place.votes()?;
    assert_eq!(votes.iter().map(|vote| vote.preference).collect::<Vec<_>>(), [Preference::Tie]);
    Ok(())
}

fn forged() -> Outcome {
    let place = Place::new()?;
    let mut person = Person::at(&place);
    let shown = person.shown()?;
    let refused = |person: &mut Person, shown: &Shown, why: &str| {
        let reply = person.vote(shown, "left")?;
        assert_eq!(reply.status, 403, "{why}: {}", reply.body);
        Ok::<_, Failed>(())
    };
    let own = person.origin.clone();
    for origin in
        [None, Some("null".to_owned()), Some("http://evil.example".to_owned()), Some("http://127.0.0.1:1".to_owned())]
    {
        person.origin = origin.clone();
        refused(&mut person, &shown, &format!("origin {origin:?}"))?;
    }
    person.origin = own;
    for form in ["", "A", &shown.form[1..], "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        refused(&mut person, &Shown { form: form.to_owned(), ..shown.clone() }, "form")?;
    }
    refused(&mut person, &Shown { contest: "x".to_owned(), ..shown.clone() }, "another contest")?;
    let mut other = Person::at(&place);
    refused(&mut other, &shown, "no cookie")?;
    let own = other.shown()?;
    refused(&mut other, &shown, "another voter's form")?;
    refused(&mut other, &Shown { contest: shown.contest.clone(), ..own.clone() }, "another voter's contest")?;
    other.cookies.insert("assayd_voter".into(), "AAAAAAAAAAAAAAAAAAAAAAAA.AAAA".into());
    refused(&mut other, &own, "a cookie that was not made here")?;
    // The right one, and still a word that is none.
    assert_eq!(person.vote(&shown, "A")?.status, 400);
    assert_eq!(http::get(place.address, "/arena/vote")?.status, 405);
    assert_eq!(place.votes()?, []);
    assert_eq!(person.vote(&shown, "right")?.status, 303);
    Ok(())
}

fn rebound() -> Outcome {
    let place = Place::new()?;
    let mut person = Person::at(&place);
    let shown = person.shown()?;
    for host in ["evil.example", "evil.example:80", "10.0.0.1", "127.0.0.1.evil.example"] {
        person.host = Some(host.to_owned());
        person.origin = Some(format!("http://{host}"));
        for reply in [person.get("/arena")?, person.vote(&shown, "left")?, person.get("/arena/result/x")?] {
            assert_eq!(reply.status, 421, "{host}: {}", reply.body);
            assert!(!reply.body.contains("voice"));
        }
    }
    // Somebody else's proxy in between: this machine is then not who asks.
    person.host = None;
    assert_eq!(person.send("GET", "/arena", "x-forwarded-for: 10.0.0.9\r\n", "")?.status, 421);
    assert_eq!(place.votes()?, []);
    person.host = Some(format!("localhost:{}", place.address.port()));
    person.origin = Some(format!("http://localhost:{}", place.address.port()));
    assert_eq!(person.vote(&shown, "left")?.status, 303);
    Ok(())
}

fn too_large() -> Outcome {
    let place = Place::new()?;
    let mut person = Person::at(&place);
    let shown = person.shown()?;
    let more = format!("left&more={}", "x".repeat(5_000));
    assert_eq!(person.vote(&shown, &more)?.status, 413);
    assert_eq!(place.votes()?, []);
    Ok(())
}

fn expired() -> Outcome {
    CLOCK.store(1_000_000, Ordering::SeqCst);
    let place = Place::with("", Some(|| CLOCK.load(Ordering::SeqCst)))?;
    let mut person = Person::at(&place);
    let shown = person.shown()?;
    CLOCK.fetch_add(3_600_000, Ordering::SeqCst);
    let reply = person.vote(&shown, "left")?;
    assert_eq!(reply.status, 410);
    assert!(reply.body.contains("Nothing was counted."), "{}", reply.body);
    let fresh = person.shown()?;
    assert_ne!(fresh.contest, shown.contest);
    CLOCK.fetch_add(3_599_999, Ordering::SeqCst);
    assert_eq!(person.vote(&fresh, "left")?.status, 303);
    assert_eq!(place.votes()?.len(), 1);
    Ok(())
}

fn token() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("token");
    let right = "correct horse battery staple";
    std::fs::write(&path, format!("{right}\n"))?;
    let server = format!(
        "[server]\nlisten = [\"0.0.0.0:9797\"]\n[server.arena]\ntoken = {{ file = \"{}\" }}\norigins = [\"https://votes.example\"]",
        path.display()
    );
    let place = Place::with(&server, None)?;
    let mut person = Person::at(&place);
    let enter = |person: &mut Person, token: &str| {
        let page = person.get("/arena")?;
        assert_eq!(page.status, 403);
        assert!(page.body.contains("type=\"password\"") && !page.body.contains("voice"), "{}", page.body);
        let form = between(&page.body, "name=\"form\" value=\"", "\"").ok_or("no form")?.to_owned();
        person.send("POST", "/arena/login", "", &format!("form={}&token={}", encoded(&form), encoded(token)))
    };
    assert_eq!(enter(&mut person, "wrong")?.status, 403);
    assert_eq!(enter(&mut person, "")?.status, 403);
    let forged = person.send("POST", "/arena/login", "", &format!("form=x&token={}", encoded(right)))?;
    assert_eq!(forged.status, 403);
    assert_eq!(enter(&mut person, right)?.status, 303);
    let shown = person.shown()?;
    assert_eq!(person.vote(&shown, "left")?.status, 303);
    // The entry is one voter's own.
    let mut thief = Person::at(&place);
    thief.get("/arena")?;
    thief.cookies.insert("assayd_entry".into(), person.cookies.get("assayd_entry").ok_or("no entry")?.clone());
    assert_eq!(thief.get("/arena")?.status, 403);
    assert_eq!(thief.vote(&shown, "left")?.status, 403);
    // A name that was given; its cookies are for TLS alone.
    let mut named = Person::at(&place);
    named.host = Some("votes.example".into());
    named.origin = Some("https://votes.example".into());
    let reply = named.get("/arena")?;
    assert!(reply.header("set-cookie").is_some_and(|cookie| cookie.ends_with("; Secure")), "{}", reply.headers);
    assert_eq!(enter(&mut named, right)?.status, 303);
    // Ten wrong ones in a minute, and nobody's is looked at any more.
    let mut guesser = Person::at(&place);
    let mut last = 0;
    for n in 0..12 {
        last = enter(&mut guesser, &format!("guess {n}"))?.status;
    }
    assert_eq!(last, 429);
    assert_eq!(enter(&mut guesser, right)?.status, 429);
    assert_eq!(person.get("/arena")?.status, 200, "who is in stays in");
    Ok(())
}

fn linked() -> Outcome {
    let place = Place::new()?;
    let mut person = Person::at(&place);
    let reply = person.send("GET", "/arena", "sec-fetch-site: cross-site\r\n", "")?;
    assert_eq!((reply.status, reply.header("set-cookie")), (200, None));
    assert!(reply.body.contains("href=\"/arena\"") && !reply.body.contains("voice"), "{}", reply.body);
    person.shown()?;
    assert_eq!(person.cookies.len(), 1);
    Ok(())
}

fn hostile() -> Outcome {
    let place = Place::new()?;
    let mut person = Person::at(&place);
    let (mut scripts, mut folded) = (0, 0);
    for _ in 0..(ITEMS * 3 - 2) {
        let reply = person.get("/arena")?;
        let policy = reply.header("content-security-policy").ok_or("no policy")?;
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("referrer-policy"), Some("same-origin"));
        assert_eq!(reply.body.matches("<script").count(), 1, "ours alone");
        assert!(!reply.body.contains("<img") && !reply.body.contains("<b>"), "{}", reply.body);
        scripts += reply.body.matches("&lt;script&gt;alert(").count();
        if let Some(rest) = between(&reply.body, "<details>", "</details>") {
            folded += 1;
            assert!(rest.contains("END</pre>") && rest.contains("5003 characters more"), "{rest}");
        }
        let shown = Shown::of(&reply.body)?;
        assert_eq!(person.vote(&shown, "tie")?.status, 303);
    }
    assert!(scripts > 10 && folded == 2, "{scripts} {folded}");
    Ok(())
}
