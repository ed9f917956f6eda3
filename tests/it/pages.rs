//! The pages over a real server: what each shows and of what, what is refused, what nobody is shown, events as they happen;
//! and all of it in a real browser.

mod clicks;
mod events;
mod fixture;

use crate::support::http::{self, Reply};
use crate::support::{Outcome, Server, needs};
use assayd::config::Source;
use assayd::plan::{self, ShowSamples};
use fixture::{HOSTILE, ORDINARY, SECRET, Site};
use libtest_mimic::{Failed, Trial};
use std::collections::BTreeSet;

/// This module's tests.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("pages::every_page_is_whole", every_page_is_whole),
        Trial::test("pages::samples_are_narrowed_down_and_paged", narrowed_down),
        Trial::test("pages::a_sample_shows_all_that_is_known_of_it", one_sample),
        Trial::test("pages::hostile_texts_stay_texts", hostile),
        Trial::test("pages::what_makes_no_sense_is_told", no_sense),
        Trial::test("pages::samples_are_for_this_machine", for_this_machine),
        Trial::test("pages::who_sees_samples_follows_from_where_is_listened", who_sees_samples),
        Trial::test("pages::the_comparison_speaks_and_is_kept_for_a_while", comparison),
        Trial::test("pages::events_come_as_things_change", events::as_things_change),
        Trial::test("pages::events_end_with_the_server", events::end_with_the_server),
        Trial::test("pages::only_so_many_listen", events::only_so_many),
        needs(Server::Chromium, "pages::a_person_clicks_through", clicks::clicks_through),
        needs(Server::Chromium, "pages::a_keyboard_is_enough", clicks::keyboard),
        needs(Server::Chromium, "pages::a_page_follows_a_run_without_being_loaded_again", clicks::follows),
        needs(Server::Chromium, "pages::pages_are_read_without_scripts", clicks::without_scripts),
        needs(Server::Axe, "pages::pages_look_right_and_can_be_read_by_everyone", clicks::look_right),
    ]
}

/// Every page of the site, with a part that only it has.
pub const PAGES: [(&str, &str); 11] = [
    ("/", "Newest figures"),
    ("/runs/nightly", "Last failures"),
    ("/targets/micro", "Price, limits, model"),
    ("/matrix", "accuracy by scenario and target"),
    ("/matrix?by=domain&show=cost", "cost per correct by scenario, domain and target"),
    ("/compare", "Verdict"),
    ("/compare?lang=zh&baseline=micro", "结论"),
    ("/samples", "newest first"),
    ("/samples?verdict=failed&target=cloud", ">Clear</a>"),
    ("/samples/133", "graded anew"),
    ("/nothing-here", "There is no such page"),
];

fn get(site: &Site, path: &str) -> Result<Reply, Failed> {
    let request = format!("GET {path} HTTP/1.0\r\nhost: {}\r\naccept: text/html\r\n\r\n", site.address);
    http::ask(site.address, &request)
}

fn page(site: &Site, path: &str) -> Result<String, Failed> {
    let reply = get(site, path)?;
    if reply.status == 200 { Ok(reply.body) } else { Err(format!("{path}: {} {}", reply.status, reply.body).into()) }
}

/// The numbers of the samples that a page lists.
fn listed(body: &str) -> Vec<u32> {
    let links = body.split("<a href=\"/samples/").skip(1);
    links.filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
}

/// The address of the link with these words.
fn link(body: &str, words: &str) -> Option<String> {
    let before = body.split(&format!("\">{words}</a>")).next().filter(|before| before.len() < body.len())?;
    Some(before.rsplit("href=\"").next()?.replace("&amp;", "&"))
}

fn every_page_is_whole() -> Outcome {
    let site = Site::start("")?;
    for (path, part) in PAGES {
        let reply = get(&site, path)?;
        let expected = if path == "/nothing-here" { 404 } else { 200 };
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (expected, Some("text/html; charset=utf-8")),
            "{path}"
        );
        let policy = reply.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        assert!(reply.body.contains(part), "{part:?} is not in {path}:\n{}", reply.body);
        assert_eq!(reply.body.matches("<h1>").count(), 1, "{path}");
        for inline in [" style=", " onclick=", "javascript:", "http://", "https://"] {
            // The endpoint's address is told with its target.
            let body = reply.body.replace("http://127.0.0.1:9/v1", "").replace("http://www.w3.org/2000/svg", "");
            assert!(!body.contains(inline), "{inline} in {path}");
        }
        assert!(!reply.body.contains(SECRET), "{path} has a secret");
        let head = http::ask(
            site.address,
            &format!("HEAD {path} HTTP/1.0\r\nhost: {}\r\naccept: text/html\r\n\r\n", site.address),
        )?;
        assert_eq!((head.status, head.body.as_str()), (expected, ""), "{path}");
        assert_eq!(http::post(site.address, path, "{}")?.status, if expected == 404 { 404 } else { 405 }, "{path}");
    }
    assert_eq!(site.end()?.cut, 0);
    Ok(())
}

fn narrowed_down() -> Outcome {
    let site = Site::start("")?;
    let (mut path, mut seen) = ("/samples".to_owned(), Vec::new());
    let mut pages = Vec::new();
    loop {
        let body = page(&site, &path)?;
        pages.push(path);
        seen.extend(listed(&body));
        let Some(older) = link(&body, "Older") else { break };
        path = older;
    }
    let all: Vec<u32> = (1..=u32::try_from(ORDINARY)? + 3).rev().collect();
    assert_eq!((seen, pages.len()), (all, 3));
    // From the last page back to the first.
    let last = page(&site, pages.last().ok_or("no page")?)?;
    let newer = page(&site, &link(&last, "Newer").ok_or("no way back")?)?;
    assert_eq!(listed(&newer), listed(&page(&site, &pages[1])?));
    assert_eq!(link(&last, "Newest").as_deref(), Some("/samples"));

    let cases = [
        ("/samples?verdict=failed", 13),
        ("/samples?verdict=failed&target=cloud", 13),
        ("/samples?verdict=failed&target=micro", 0),
        ("/samples?rule=number%2Ffirst", 1),
        ("/samples?item=script", 1),
        ("/samples?item=add-0-&run=nightly&scenario=arith&target=cloud", 2),
        ("/samples?run=nothing", 0),
        ("/samples?run=&target=&verdict=unparsed&item=", 1),
    ];
    for (path, count) in cases {
        let found: BTreeSet<u32> = listed(&page(&site, path)?).into_iter().collect();
        assert_eq!(found.len(), count, "{path}");
    }
    // What was asked for stands in the form again.
    let body = page(&site, "/samples?item=a%22b&verdict=wrong&run=%3Cgone%3E")?;
    for part in ["value=\"a&quot;b\"", "<option value=\"wrong\" selected>", "<option value=\"&lt;gone&gt;\" selected>"]
    {
        assert!(body.contains(part), "{part} is not in {body}");
    }
    Ok(())
}

fn one_sample() -> Outcome {
    let site = Site::start("")?;
    let body = page(&site, "/samples/8")?;
    for part in [
        "What is 3 + 1? Answer with a number.",
        "It is 4.",
        "<code>number/last</code>",
        "what was read out of the answer",
        "right answer 1",
        "12.0 ms",
        "40.0 ms",
        "µ$51.0 = µ$21.0 input + µ$30.0 output",
        "00112233aabbccdd",
        "cloud-1 &lt;b&gt;",
    ] {
        assert!(body.contains(part), "{part:?} is not in {body}");
    }
    let failed = page(&site, "/samples/10")?;
    assert!(
        failed.contains("http_5xx") && failed.contains("upstream &lt;img src=x onerror=alert(1)&gt; is gone"),
        "{failed}"
    );
    let regraded = page(&site, &format!("/samples/{}", ORDINARY + 3))?;
    for part in
        ["grader-1", "grader-2", "number/none", "the last one holds", "The scenario does not have this item any more"]
    {
        assert!(regraded.contains(part), "{part:?} is not in {regraded}");
    }
    let target = page(&site, "/targets/cloud")?;
    for part in
        ["3 input, 30 output (USD per 1M tokens), since 2026-08-01", "cloud-1 &lt;b&gt;", "All samples", "rate_limited"]
    {
        let there = target.contains(part);
        assert_eq!(there, !matches!(part, "All samples" | "rate_limited"), "{part:?} in {target}");
    }
    Ok(())
}

fn hostile() -> Outcome {
    let site = Site::start("")?;
    let at = ORDINARY + 1;
    for path in ["/", "/runs/nightly", "/matrix?by=domain", "/samples", &format!("/samples/{at}")] {
        let body = page(&site, path)?;
        assert!(!body.contains(HOSTILE), "{path} has the script as it is");
        assert!(body.contains("&lt;script&gt;document.title="), "{path} has not the text of it:\n{body}");
        assert!(!body.contains(['\u{202e}', '\0', '\u{1b}']), "{path} has control characters");
    }
    let body = page(&site, &format!("/samples/{at}"))?;
    assert!(body.contains("[U+202E]") && body.contains("[U+0000]") && body.contains("[U+001B]"), "{body}");
    let huge = page(&site, &format!("/samples/{}", at + 1))?;
    assert!(huge.contains("280000 characters more are stored") && huge.len() < 100_000, "{}", huge.len());
    // Also what an address says comes back as text.
    for path in [
        "/samples?item=%3Cscript%3Ealert(1)%3C/script%3E",
        "/runs/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/samples?verdict=%3Cscript%3Ealert(1)",
    ] {
        assert!(!get(&site, path)?.body.contains("<script>alert"), "{path}");
    }
    Ok(())
}

fn no_sense() -> Outcome {
    let site = Site::start("")?;
    let long = format!("/samples?item={}", "x".repeat(201));
    let cases = [
        ("/samples?verdict=right", 400, "`verdict` is expected to be one of: correct, wrong"),
        ("/samples?before=-1", 400, "`before` is expected to be a sample&#39;s number"),
        ("/samples?before=1&after=2", 400, "exclude each other"),
        ("/samples?before=99999999999999999999", 400, "number"),
        ("/samples?run=a&run=b", 400, "`run` is given twice"),
        (&long, 400, "more than 200 characters"),
        ("/samples?item=%ff", 400, "not text in UTF-8"),
        ("/matrix?by=colour", 400, "scenario, domain, capability"),
        ("/compare?lang=fr", 400, "one of: en, zh"),
        ("/compare?baseline=nobody", 400, "one of: micro, cloud"),
        ("/runs/none", 404, "no such run"),
        ("/runs/%ff", 404, "no such run"),
        ("/targets/none", 404, "such a target"),
        ("/samples/0", 404, "no such sample"),
        ("/samples/134", 404, "no such sample"),
        ("/samples/abc", 404, "no such sample"),
        ("/samples/99999999999999999999", 404, "no such sample"),
        ("/arena-of-nobody", 404, "no such page"),
    ];
    for (path, status, part) in cases {
        let reply = get(&site, path)?;
        let body = reply.body.replace("&#39;", "'");
        assert_eq!((reply.status, reply.header("content-type")), (status, Some("text/html; charset=utf-8")), "{path}");
        assert!(
            body.contains(&part.replace("&#39;", "'")) && body.contains("href=\"/matrix\""),
            "{part:?} is not in {path}:\n{body}"
        );
    }
    for path in ["/runs", "/targets"] {
        let reply = get(&site, path)?;
        assert_eq!((reply.status, reply.header("location")), (308, Some("/")), "{path}");
    }
    Ok(())
}

fn for_this_machine() -> Outcome {
    let ask = |site: &Site, path: &str, headers: &str| {
        http::ask(site.address, &format!("GET {path} HTTP/1.0\r\n{headers}\r\n"))
            .map(|reply| (reply.status, reply.body))
    };
    let local = Site::start("")?;
    for headers in ["host: 127.0.0.1:9797\r\n", "host: localhost\r\n", "host: [::1]:1\r\n"] {
        assert_eq!(ask(&local, "/samples", headers)?.0, 200, "{headers}");
    }
    let foreign = ["host: assayd.example\r\n", "host: 127.0.0.1\r\nx-forwarded-for: 203.0.113.7\r\n", ""];
    for headers in foreign {
        for path in ["/samples", "/samples/8"] {
            let (status, body) = ask(&local, path, headers)?;
            assert_eq!(status, 403, "{path} {headers}");
            assert!(body.contains("samples = true") && !body.contains("It is"), "{body}");
        }
        let (status, run) = ask(&local, "/runs/nightly", headers)?;
        assert!(status == 200 && run.contains("Samples are not shown here"), "{run}");
    }
    let never = Site::start("samples = false")?;
    assert_eq!(ask(&never, "/samples", "host: 127.0.0.1\r\n")?.0, 403);
    let always = Site::start("samples = true")?;
    assert_eq!(ask(&always, "/samples/8", foreign[0])?.0, 200);
    Ok(())
}

fn who_sees_samples() -> Outcome {
    let cases = [
        ("", ShowSamples::Local),
        ("[server]\nlisten = [\"127.0.0.1:1\", \"[::1]:1\"]", ShowSamples::Local),
        ("[server]\nlisten = [\"127.0.0.1:1\", \"0.0.0.0:2\"]", ShowSamples::Nobody),
        ("[server]\nlisten = [\"[::]:1\"]\nsamples = true", ShowSamples::Everybody),
        ("[server]\nsamples = true", ShowSamples::Everybody),
        ("[server]\nsamples = false", ShowSamples::Nobody),
    ];
    for (text, expected) in cases {
        let server = plan::server(&Source::inline("case.toml", text)).map_err(|problems| format!("{problems:?}"))?;
        assert_eq!(server.samples, expected, "{text}");
    }
    let wrong = plan::server(&Source::inline("case.toml", "[server]\nsamples = \"yes\"")).err().unwrap_or_default();
    let told = wrong.iter().map(ToString::to_string).collect::<String>();
    assert!(
        told.contains("case.toml:2:11") && told.contains("server.samples") && told.contains("true or false"),
        "{told}"
    );
    Ok(())
}

fn comparison() -> Outcome {
    let site = Site::start("")?;
    let first = page(&site, "/compare")?;
    for part in ["micro", "cloud", "pairs, on the items that both were graded on", "the store of this daemon"] {
        assert!(first.contains(part), "{part:?} is not in {first}");
    }
    let made = |body: &str| body.split("made 2").nth(1).map(|rest| rest.chars().take(22).collect::<String>());
    assert!(made(&first).is_some());
    // Made once, and shown again.
    assert_eq!(made(&page(&site, "/compare")?), made(&first));
    let chinese = page(&site, "/compare?lang=zh&baseline=cloud")?;
    assert!(
        chinese.contains("<main id=\"main\" tabindex=\"-1\" lang=\"zh\">") && chinese.contains("结论"),
        "{chinese}"
    );
    assert!(chinese.contains("<option value=\"cloud\" selected>"), "{chinese}");
    Ok(())
}
