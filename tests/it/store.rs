//! The store on a real file: killed at any moment, out of room, opened twice, pruned, damaged.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking; a child reports"
)]

use assayd::domain::{
    Answer, Charge, Component, Cost, Exchange, Finding, Fingerprint, ItemId, Money, Name, Purpose, RunId, Sample,
    Share, Split, Tags, Timing, TrialKey, Verdict,
};
use assayd::store::{Access, Intent, Keep, Query, Recorded, Spent, Store, StoreError, Write, open};
use libtest_mimic::Trial;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Every test here.
pub fn tests() -> Vec<Trial> {
    let test = |name: &str, run: fn()| {
        Trial::test(format!("store::{name}"), move || {
            run();
            Ok(())
        })
    };
    vec![
        test("survives_ten_kills", || run(survives_ten_kills())),
        test("a_full_disk_undoes_the_batch_and_the_store_goes_on", a_full_disk),
        test("one_writer_and_any_readers", || run(one_writer_and_any_readers())),
        test("a_run_is_resumed_by_name_and_plan", || run(a_run_is_resumed())),
        test("prune_frees_room_and_keeps_the_sums", || run(prune_frees_room())),
        test("texts_with_nul_are_kept", || run(texts_with_nul())),
        test("what_is_no_store_is_named", || run(what_is_no_store())),
        test("missing_folders_are_made_for_the_owner_only", || run(missing_folders())),
    ]
}

const CHILD: &str = "ASSAYD_STORE_CHILD";

/// What this binary does when it was started as a child: `write:DIR` or `full:DIR`.
pub fn child() -> Option<ExitCode> {
    let task = std::env::var(CHILD).ok()?;
    match task.split_once(':')? {
        ("write", dir) => run(write_until_killed(Path::new(dir))),
        ("full", dir) => run(fill_up(Path::new(dir))),
        (other, _) => panic!("no child {other:?}"),
    }
    Some(ExitCode::SUCCESS)
}

fn spawn(task: &str, dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .env(CHILD, format!("{task}:{}", dir.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn url(dir: &Path) -> String {
    format!("sqlite://{}/a.db", dir.display())
}

async fn writer(dir: &Path) -> Arc<dyn Store> {
    open(&url(dir), Access::Write).await.unwrap()
}

async fn begin(store: &Arc<dyn Store>, name: &str) -> RunId {
    store.begin(name, &Fingerprint::from_text("plan"), u64::MAX, 1_000).await.unwrap().id
}

async fn all(store: &Arc<dyn Store>) -> Vec<Recorded> {
    store.samples(Query { limit: 1_000_000, ..Query::default() }).await.unwrap()
}

/// Looks into the file by SQL of the test's own.
fn look(dir: &Path) -> Connection {
    Connection::open(dir.join("a.db")).unwrap()
}

fn key(run: RunId, item: u64) -> TrialKey {
    let (target, scenario) = (Name::new("t").unwrap(), Name::new("s").unwrap());
    TrialKey { run, target, scenario, item: ItemId::new(&item.to_string()), repeat: 0 }
}

fn tags() -> Tags {
    Tags::new("d", "c", "en", Split::Private)
}

/// What is held for an item, and what it comes to: never alike, and no two items alike.
fn reserve(item: u64) -> Money {
    Money::from_nanos(1_000_000 + i64::try_from(item).unwrap())
}

fn cost(item: u64) -> Cost {
    Cost::ZERO.with(Component::Output, Money::from_nanos(1_000 + i64::try_from(item).unwrap()))
}

fn intent(run: RunId, item: u64) -> Write {
    Write::Intent(Intent {
        key: key(run, item),
        cluster: ItemId::new("c"),
        tags: tags(),
        provenance: Fingerprint::from_text("v"),
        attempt: 1,
        turn: 0,
        purpose: Purpose::Measure,
        reserve: Some(reserve(item)),
        at_unix_ms: 2_000,
    })
}

fn sample(run: RunId, item: u64, text: &str, at_unix_ms: i64) -> Sample {
    let answer = Answer { text: text.to_owned(), ..Answer::default() };
    let exchange = Exchange {
        attempt: 1,
        turn: 0,
        purpose: Purpose::Measure,
        timing: Timing::default(),
        answer,
        fault: None,
        charge: Charge::Settled(cost(item)),
    };
    Sample {
        key: key(run, item),
        cluster: ItemId::new("c"),
        tags: tags(),
        provenance: Fingerprint::from_text("v"),
        at_unix_ms,
        exchanges: vec![exchange],
        judged: Vec::new(),
        finding: Finding::judged(true, "4", "number/last"),
        share: Share::default(),
    }
}

fn write(sample: Sample) -> Write {
    Write::Sample {
        sample: std::sync::Arc::new(sample),
        keep: Keep::Text,
        grader: Fingerprint::from_text("g"),
        good: true,
    }
}

/// The child: batches of three samples and the next three intents, each told after its commit.
async fn write_until_killed(dir: &Path) {
    let store = writer(dir).await;
    store.recover(3_000).await.unwrap();
    let run = begin(&store, "kills").await;
    let asked = all(&store).await;
    let mut next = asked.iter().map(|r| r.sample.key.item.as_str().parse::<u64>().unwrap() + 1).max().unwrap_or(0);
    let mut flying: Vec<u64> = Vec::new();
    loop {
        let asking: Vec<u64> = (next..next + 3).collect();
        next += 3;
        let ended = flying.iter().map(|item| write(sample(run, *item, "an answer", 2_000)));
        let batch: Vec<Write> = ended.chain(asking.iter().map(|item| intent(run, *item))).collect();
        let positions = store.commit(batch).await.unwrap();
        for (position, item) in positions.iter().zip(&flying) {
            println!("sample {position} {item}");
        }
        for item in &asking {
            println!("intent {item}");
        }
        flying = asking;
    }
}

async fn survives_ten_kills() {
    let dir = TempDir::new().unwrap();
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(2);
    let (mut acknowledged, mut intended) = (BTreeMap::new(), BTreeSet::new());
    for _ in 0..10 {
        let mut child = spawn("write", dir.path());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut read = |line: String| {
            let words: Vec<&str> = line.split(' ').collect();
            match *words.as_slice() {
                ["sample", position, item] => {
                    let before = acknowledged.insert(item.parse::<u64>().unwrap(), position.parse::<i64>().unwrap());
                    assert_eq!(before, None, "item {item} was asked again");
                }
                ["intent", item] => {
                    assert!(intended.insert(item.parse::<u64>().unwrap()), "item {item} was asked again")
                }
                // Cut off by the kill: not told.
                _ => {}
            }
        };
        for _ in 0..random.random_range(1..60) {
            read(lines.next().unwrap().unwrap());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        lines.map_while(Result::ok).for_each(&mut read);
    }
    // Whoever only reads sees what was acknowledged, though nobody has opened it for writing since.
    let reader = open(&url(dir.path()), Access::Read).await.unwrap();
    assert!(all(&reader).await.len() >= acknowledged.len());
    // The lock is free at once, whatever was killed.
    let store = writer(dir.path()).await;
    let run = begin(&store, "kills").await;
    store.recover(4_000).await.unwrap();
    let samples = all(&store).await;
    let items: BTreeMap<u64, &Recorded> =
        samples.iter().map(|r| (r.sample.key.item.as_str().parse().unwrap(), r)).collect();
    assert_eq!(items.len(), samples.len(), "no item twice");
    assert!(samples.is_sorted_by(|a, b| a.position < b.position));
    assert!(acknowledged.len() >= 30, "{}", acknowledged.len());
    for (item, position) in &acknowledged {
        let recorded = items.get(item).unwrap();
        assert_eq!((recorded.position, recorded.sample.finding.verdict), (*position, Verdict::Correct), "item {item}");
        assert_eq!(recorded.sample, sample(run, *item, "an answer", 2_000));
    }
    let (mut spent, mut unknown) = (Spent::default(), 0);
    for item in &intended {
        let sample = &items.get(item).unwrap_or_else(|| panic!("the intent of {item} is lost")).sample;
        match sample.finding.verdict {
            Verdict::Correct => spent.settled += cost(*item).total(),
            Verdict::Unknown => {
                unknown += 1;
                spent.unknown += reserve(*item);
                assert_eq!(sample.exchanges[0].charge, Charge::Unknown { bound: reserve(*item) });
                assert!(!acknowledged.contains_key(item));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!((10..=60).contains(&unknown), "each kill leaves three or six in flight, told or not: {unknown}");
    let untold = items.keys().filter(|i| !intended.contains(i)).count();
    for item in items.keys().filter(|i| !intended.contains(i)) {
        match items[item].sample.finding.verdict {
            Verdict::Unknown => spent.unknown += reserve(*item),
            other => panic!("{item}, never told, is {other:?}"),
        }
    }
    assert!(untold <= 30);
    assert_eq!(store.spent(Some(run), 0).await.unwrap(), spent, "the ledger, to the nano");
    let sql = "SELECT COUNT(*), CAST(SUM(CASE kind WHEN 'settle' THEN amount ELSE 0 END) AS BIGINT), \
               CAST(SUM(CASE kind WHEN 'unknown' THEN amount ELSE 0 END) AS BIGINT), \
               CAST(SUM(CASE kind WHEN 'reserve' THEN 1 ELSE -1 END) AS BIGINT) FROM ledger_entry";
    let entries: (i64, i64, i64, i64) = look(dir.path()).query_row(sql, [], |row| row.try_into()).unwrap();
    let each = i64::try_from(2 * samples.len()).unwrap();
    assert_eq!(entries, (each, spent.settled.nanos(), spent.unknown.nanos(), 0), "each reserve ended once");
}

/// The child: fills the store up to a limit on file size, then goes on where the limit is gone.
async fn fill_up(dir: &Path) {
    // A handler, since the signal would end the process; the write then fails with EFBIG.
    let kind = tokio::signal::unix::SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
    let _handler = tokio::signal::unix::signal(kind).unwrap();
    let store = writer(dir).await;
    let run = begin(&store, "full").await;
    let text = "x".repeat(20_000);
    let free = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: Some(700_000), ..free }).unwrap();
    let mut stored: u64 = 0;
    let batch = |n: u64| {
        vec![intent(run, 2 * n), write(sample(run, 2 * n, &text, 2_000)), write(sample(run, 2 * n + 1, &text, 2_000))]
    };
    let error = loop {
        match store.commit(batch(stored)).await {
            Ok(_) => stored += 1,
            Err(e) => break e,
        }
        assert!(stored < 1_000, "no limit was met");
    };
    assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    println!("{error}");
    // Reading goes on, and nothing of the refused batch is there.
    assert_eq!(all(&store).await.len() as u64, 2 * stored);
    let spent = store.spent(Some(run), 0).await.unwrap();
    assert_eq!(spent.settled, (0..2 * stored).map(|item| cost(item).total()).sum());
    assert!(matches!(store.commit(batch(stored)).await, Err(StoreError::Full(_))), "still full");
    setrlimit(Resource::Fsize, free).unwrap();
    let positions = store.commit(batch(stored)).await.unwrap();
    let last = i64::try_from(2 * stored).unwrap();
    assert_eq!(positions, [last + 1, last + 2]);
    drop(store);
    assert_eq!(all(&writer(dir).await).await.len() as u64, 2 * stored + 2);
    println!("stored {stored}");
}

fn a_full_disk() {
    let dir = TempDir::new().unwrap();
    let out = spawn("full", dir.path()).wait_with_output().unwrap();
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(out.status.success(), "{said}");
    assert!(said.starts_with("the store is full: a write failed, as it does at a file-size limit"), "{said}");
    assert!(said.contains("stored "), "{said}");
}

async fn one_writer_and_any_readers() {
    let dir = TempDir::new().unwrap();
    let store = writer(dir.path()).await;
    let run = begin(&store, "r").await;
    let link = dir.path().join("link.db");
    std::os::unix::fs::symlink(dir.path().join("a.db"), &link).unwrap();
    for url in [url(dir.path()), format!("sqlite://{}", link.display())] {
        let Err(StoreError::InUse { path, pid }) = open(&url, Access::Write).await.map(|_| ()) else {
            panic!("two writers through {url}");
        };
        assert_eq!((path.ends_with("/a.db"), pid), (true, std::process::id()));
    }
    let reader = open(&url(dir.path()), Access::Read).await.unwrap();
    assert_eq!(all(&reader).await, []);
    store.commit(vec![write(sample(run, 1, "x", 2_000))]).await.unwrap();
    assert_eq!(all(&reader).await.len(), 1, "readers see what is committed");
    let refused = reader.commit(vec![intent(run, 2)]).await.unwrap_err();
    assert_eq!(refused.to_string(), "the store failed: it was opened for reading only");
    drop(store);
    drop(writer(dir.path()).await);
}

async fn a_run_is_resumed() {
    let dir = TempDir::new().unwrap();
    let plan = |text: &str| Fingerprint::from_text(text);
    let first = writer(dir.path()).await.begin("nightly", &plan("1"), u64::MAX, 10).await.unwrap();
    let store = writer(dir.path()).await;
    let other = store.begin("hourly", &plan("1"), 5, 20).await.unwrap();
    let resumed = store.begin("nightly", &plan("1"), 6, 30).await.unwrap();
    assert_eq!(resumed, first, "seed and start are the first's");
    assert_eq!((resumed.seed, resumed.started_unix_ms), (u64::MAX, 10));
    let changed = store.begin("nightly", &plan("2"), 7, 40).await.unwrap();
    assert!(changed.id > other.id);
    let finish = Write::Finish { run: changed.id, result: "complete", at_unix_ms: 50 };
    store.commit(vec![finish]).await.unwrap();
    let again = store.begin("nightly", &plan("2"), 8, 60).await.unwrap();
    assert!(again.id > changed.id, "a finished run is not resumed");
    let ends: Vec<_> = store.runs(9).await.unwrap().into_iter().map(|r| (r.id, r.finished_unix_ms, r.result)).collect();
    let result = |text: &str| Some(text.to_owned());
    assert_eq!(
        ends,
        [
            (again.id, None, None),
            (changed.id, Some(50), result("complete")),
            (other.id, None, None),
            (first.id, Some(40), result("incomplete")),
        ]
    );
    assert_eq!(store.runs(1).await.unwrap().len(), 1);
}

async fn prune_frees_room() {
    let dir = TempDir::new().unwrap();
    let size = || std::fs::metadata(dir.path().join("a.db")).unwrap().len();
    let store = writer(dir.path()).await;
    let (old, unfinished) = (begin(&store, "old").await, begin(&store, "unfinished").await);
    let text = "x".repeat(4_000);
    let day = 86_400_000;
    for chunk in 0..10 {
        let of = |run, at| (0..40).map(move |n| (run, chunk * 40 + n, at));
        let samples = of(old, 2_000 + day * i64::try_from(chunk).unwrap()).chain(of(unfinished, 2_000));
        store.commit(samples.map(|(run, item, at)| write(sample(run, item, &text, at))).collect()).await.unwrap();
    }
    let spent = async || {
        let (whole, old) = (store.spent(None, 0).await.unwrap(), store.spent(Some(old), 0).await.unwrap());
        (whole, old, store.spent(None, day).await.unwrap())
    };
    let before = spent().await;
    let ten_days = 10 * day;
    let keep = Some(Duration::from_secs(5 * 86_400));
    assert_eq!(store.prune(ten_days, keep, Some(0)).await.unwrap(), 0, "the run is not finished");
    let finish = Write::Finish { run: old, result: "complete", at_unix_ms: ten_days };
    store.commit(vec![finish]).await.unwrap();
    assert_eq!(store.prune(ten_days, keep, Some(0)).await.unwrap(), 0, "not in a checkpoint");
    // Position 240 is the end of the third chunk: 120 of the old run's samples are in the totals.
    store.commit(vec![Write::Checkpoint { position: 240, text: "totals".to_owned() }]).await.unwrap();
    assert_eq!(store.prune(ten_days, keep, None).await.unwrap(), 120);
    store.commit(vec![Write::Checkpoint { position: 800, text: "totals".to_owned() }]).await.unwrap();
    let full = size();
    assert_eq!(store.prune(ten_days, keep, None).await.unwrap(), 80, "older than five days");
    assert_eq!(spent().await, before);
    let smaller = size();
    assert!(smaller < full, "{smaller} bytes after, {full} before");
    let left = store.prune(ten_days, None, Some(smaller - 400_000)).await.unwrap();
    assert!((1..200).contains(&left), "{left}");
    assert!(size() <= smaller - 400_000);
    let rest = store.prune(ten_days, None, Some(0)).await.unwrap();
    assert_eq!(left + rest, 200);
    assert_eq!(spent().await, before);
    let samples = all(&store).await;
    assert_eq!(samples.len(), 400);
    assert!(samples.iter().all(|r| r.sample.key.run == unfinished && r.sample.exchanges.len() == 1));
    let sql = "SELECT COUNT(*), entries, amount, output FROM ledger_fold WHERE kind = 'settle'";
    let folded: (i64, i64, i64, i64) = look(dir.path()).query_row(sql, [], |row| row.try_into()).unwrap();
    let settled = before.1.settled.nanos();
    assert_eq!(folded, (1, 400, settled, settled));
    let position = store.commit(vec![write(sample(unfinished, 9_999, "x", 2_000))]).await.unwrap();
    assert_eq!(position, [801], "positions are never given twice");
}

async fn texts_with_nul() {
    let dir = TempDir::new().unwrap();
    let text = "before\0after\u{10}0\u{10}\0";
    {
        let store = writer(dir.path()).await;
        let run = begin(&store, "a\0b").await;
        let mut odd = sample(run, 1, text, 2_000);
        odd.key.item = ItemId::new("\0");
        store.commit(vec![write(odd)]).await.unwrap();
    }
    let store = writer(dir.path()).await;
    assert_eq!(store.runs(1).await.unwrap()[0].name, "a\0b");
    let back = all(&store).await;
    assert_eq!(back[0].sample.exchanges[0].answer.text, text);
    assert_eq!(back[0].sample.key.item.as_str(), "\0");
    let sql = "SELECT COUNT(*) FROM answer WHERE instr(CAST(text AS BLOB), X'00') > 0";
    let with_nul: i64 = look(dir.path()).query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(with_nul, 0);
}

async fn what_is_no_store() {
    let dir = TempDir::new().unwrap();
    let place = dir.path().canonicalize().unwrap();
    let path = |name: &str| place.join(name).display().to_string();
    let fails = async |name: &str, access| {
        let Err(error) = open(&format!("sqlite://{}", path(name)), access).await else { panic!("{name} opens") };
        error.to_string()
    };
    std::fs::write(path("garbage.db"), "no database ".repeat(100)).unwrap();
    let expected = format!("the store is damaged: {}: file is not a database (code 26)", path("garbage.db"));
    assert_eq!(fails("garbage.db", Access::Write).await, expected);
    assert_eq!(fails("garbage.db", Access::Read).await, expected);

    drop(open(&format!("sqlite://{}", path("newer.db")), Access::Write).await.unwrap());
    let conn = Connection::open(path("newer.db")).unwrap();
    let ours = "SELECT value FROM meta WHERE key = 'schema'";
    let ours: String = conn.query_row(ours, [], |row| row.get(0)).unwrap();
    conn.execute("UPDATE meta SET value = '99' WHERE key = 'schema'", []).unwrap();
    conn.close().unwrap();
    let expected = format!(
        "the store was made by a newer assayd: {} has schema 99; this is assayd {}, which knows schemas up to {ours}",
        path("newer.db"),
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(fails("newer.db", Access::Write).await, expected);
    assert_eq!(fails("newer.db", Access::Read).await, expected);

    let conn = Connection::open(path("foreign.db")).unwrap();
    conn.execute("CREATE TABLE recipes (id BIGINT)", []).unwrap();
    conn.close().unwrap();
    let expected =
        format!("the store failed: {}: this is an SQLite database, but not one of assayd", path("foreign.db"));
    assert_eq!(fails("foreign.db", Access::Write).await, expected);

    let expected = format!(
        "the store failed: {} cannot be read: No such file or directory (os error 2); \
         hint: `assayd run` or `assayd serve` makes it",
        path("missing.db")
    );
    assert_eq!(fails("missing.db", Access::Read).await, expected);
    let expected = format!("the store failed: cannot make the folder {}: ", path("garbage.db/in"));
    let said = fails("garbage.db/in/a.db", Access::Write).await;
    assert!(said.starts_with(&expected), "{said}");
    std::fs::write(path("empty.db"), "").unwrap();
    let expected = format!("the store failed: {}: nothing was stored here yet", path("empty.db"));
    assert_eq!(fails("empty.db", Access::Read).await, expected);

    // Pages in the middle overwritten: opening may succeed, reading says what is wrong.
    let url = format!("sqlite://{}", path("torn.db"));
    {
        let store = open(&url, Access::Write).await.unwrap();
        let run = begin(&store, "r").await;
        let batch = (0..50).map(|n| write(sample(run, n, &"x".repeat(5_000), 2_000))).collect();
        store.commit(batch).await.unwrap();
    }
    let conn = Connection::open(path("torn.db")).unwrap();
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    conn.close().unwrap();
    let mut bytes = std::fs::read(path("torn.db")).unwrap();
    bytes.iter_mut().skip(4096).for_each(|b| *b = 0xa5);
    std::fs::write(path("torn.db"), bytes).unwrap();
    let said = fails("torn.db", Access::Write).await;
    assert!(said.starts_with("the store is damaged: "), "{said}");
}

async fn missing_folders() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a/b");
    drop(writer(&path).await);
    let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o077;
    assert_eq!(mode(&path), 0);
    for file in std::fs::read_dir(&path).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(mode(&file), 0, "{}", file.display());
    }
}
