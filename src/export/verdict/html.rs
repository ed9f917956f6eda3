//! One HTML file that holds everything: it opens without a network, prints, and is read without a script. Charts are drawn by us as
//! SVG; where scripts run, plotly.js draws them again so that they can be moved over and zoomed. A policy in the page's head
//! lets no other script run and nothing be loaded.

use super::plots::{Plot, plots};
use super::{Document, Lang};
use crate::export::report::Table;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::io::Read as _;

const CSS: &str = include_str!("report.css");
/// Hands the charts to plotly.js.
const SCRIPT: &str = include_str!("report.js");

pub(super) fn render(document: &Document) -> String {
    let lang = document.lang;
    let terms = lang.terms();
    let plots = plots(document);
    let library = if plots.is_empty() || !document.scripts { None } else { plotly_js() };
    let origin = document.origin_tables();
    let page = html! {
        (DOCTYPE)
        html lang=(lang.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(policy(library.as_deref()));
                title { "assayd · " (terms.title) }
                style { (PreEscaped(CSS)) }
            }
            body {
                main {
                    header {
                        h1 { (terms.title) }
                        p.targets { (names(document)) }
                    }
                    section aria-labelledby="verdict" {
                        h2 id="verdict" { (terms.verdict) }
                        ul.verdict { @for sentence in document.sentences() { li { (sentence) } } }
                    }
                    @if !plots.is_empty() {
                        section aria-labelledby="charts" {
                            h2 id="charts" { (lang.pick("Charts", "图表")) }
                            @for plot in &plots { (figure(plot, lang)) }
                        }
                    }
                    section aria-labelledby="figures" {
                        h2 id="figures" { (terms.figures) }
                        @for table in document.tables() { (drawn(&table)) }
                    }
                    (listed("notes", terms.notes, &document.notes()))
                    section aria-labelledby="provenance" {
                        h2 id="provenance" { (terms.provenance) }
                        @for table in &origin { (drawn(table)) }
                        p { (document.made()) }
                    }
                    (listed("not-measured", lang.pick("What was not measured", "未测量的内容"), &document.not_measured()))
                    @if !document.comparison.targets.is_empty() { (signature(lang)) }
                }
                @if let Some(library) = &library {
                    // Data, not code: a policy does not ask for its hash.
                    script type="application/json" id="plots" { (PreEscaped(inert(&data(&plots, lang)))) }
                    script { (PreEscaped(library.as_str())) }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    };
    page.into_string() + "\n"
}

/// plotly.js, which build.rs has packed.
fn plotly_js() -> Option<String> {
    const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/plotly.min.js.gz"));
    let mut library = String::new();
    flate2::read::GzDecoder::new(PACKED).read_to_string(&mut library).ok()?;
    Some(library)
}

/// Nothing is loaded, and only these scripts run. Styles are written into the page by plotly.js; pictures that it saves are data.
fn policy(library: Option<&str>) -> String {
    let hash = |script: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(script.as_bytes())));
    let scripts = library.map_or_else(|| "'none'".to_owned(), |library| format!("{} {}", hash(library), hash(SCRIPT)));
    format!(
        "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action \
         'none'"
    )
}

fn data(plots: &[Plot], lang: Lang) -> Value {
    let charts: Vec<Value> = plots.iter().map(|plot| json!({ "id": plot.id, "plot": plot.data })).collect();
    // What plotly.js says itself, in Chinese.
    let words = json!({
        "Zoom": "缩放", "Pan": "平移", "Zoom in": "放大", "Zoom out": "缩小", "Autoscale": "自动缩放", "Reset axes": "重置坐标轴",
        "Download plot as a PNG": "下载 PNG 图片", "Double-click to zoom back out": "双击恢复",
        "Double-click on legend to isolate one trace": "双击图例只显示一项",
    });
    json!({ "locale": lang.pick("en", "zh-CN"), "words": words, "charts": charts })
}

/// JSON that can't end the element that it stands in.
fn inert(data: &Value) -> String {
    data.to_string().replace('<', "\\u003c")
}

fn names(document: &Document) -> String {
    document.comparison.targets.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" · ")
}

fn figure(plot: &Plot, lang: Lang) -> Markup {
    html! {
        figure id={ "figure-" (plot.id) } aria-labelledby={ "caption-" (plot.id) } {
            (plot.drawn)
            div.live hidden role="group" aria-labelledby={ "caption-" (plot.id) } aria-describedby={ "table-" (plot.id) } {}
            figcaption id={ "caption-" (plot.id) } { (plot.caption) }
            details id={ "table-" (plot.id) } {
                summary { (lang.pick("The figures of this chart", "本图的数据")) }
                (drawn(&plot.table))
            }
        }
    }
}

fn listed(id: &str, head: &str, lines: &[String]) -> Markup {
    html! {
        @if !lines.is_empty() {
            section aria-labelledby=(id) {
                h2 id=(id) { (head) }
                ul { @for line in lines { li { (line) } } }
            }
        }
    }
}

/// Room for those who stand for it.
fn signature(lang: Lang) -> Markup {
    let line = |word: &str| html! { div { span.rule {} (word) } };
    html! {
        section.signature aria-label=(lang.pick("Signature", "签署")) {
            (line(lang.pick("Name", "姓名")))
            (line(lang.pick("Place and date", "地点与日期")))
            (line(lang.pick("Signature", "签名")))
        }
    }
}

fn drawn(table: &Table) -> Markup {
    let number = |at: usize| table.columns.get(at).is_some_and(|column| column.number);
    html! {
        // It can be scrolled by keyboard where it is wider than the window.
        div.table role="region" aria-label=(table.title) tabindex="0" {
            table {
                caption { (table.title) }
                thead { tr { @for column in &table.columns { th scope="col" .number[column.number] { (lines(&column.head)) } } } }
                tbody {
                    @for cells in &table.rows {
                        tr {
                            @for (at, cell) in cells.iter().enumerate() {
                                @if at == 0 { th scope="row" { (lines(cell)) } }
                                @else { td .number[number(at)] { (lines(cell)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn lines(text: &str) -> Markup {
    html! { @for (at, line) in text.split('\n').enumerate() { @if at > 0 { br; } (line) } }
}
