//! Packs plotly.js, as its crate carries it, into what the binary embeds: a third of its size, and without what the crate has
//! beside it (a renderer of formulas, types to make charts of).

use flate2::Compression;
use flate2::write::GzEncoder;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(library(&plotly::Plot::offline_js_sources())?.as_bytes())?;
    std::fs::write(Path::new(&out).join("plotly.min.js.gz"), packed.finish()?)?;
    Ok(())
}

/// The one of the scripts for a page that is plotly.js.
fn library(page: &str) -> Result<&str, &'static str> {
    let scripts = page.split("<script type=\"text/javascript\">").skip(1);
    let mut texts = scripts.filter_map(|rest| Some(rest.split_once("</script>")?.0));
    texts.find(|text| text.contains("* plotly.js v")).ok_or("the crate plotly carries plotly.js in another way now")
}
