//! A strict reader of OpenMetrics 1.0 text, written after its specification and not after our writer: whatever a careful
//! scraper could refuse, it refuses. What it gives back is the number of series and exemplars.

use std::collections::{BTreeMap, BTreeSet};

type Labels = BTreeMap<String, String>;

/// What was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Lines with a value.
    pub samples: usize,
    /// Those with an exemplar: its labels.
    pub exemplars: Vec<Labels>,
    /// Units, by family.
    pub units: BTreeMap<String, String>,
}

/// Labels without `le`; edges and counts so far; sum; count.
type Histogram = (Labels, Vec<(f64, f64)>, Option<f64>, Option<f64>);

#[derive(Default)]
struct Family {
    name: String,
    kind: String,
    unit: Option<String>,
    help: bool,
    /// One for each histogram so far, and for each series of another kind an empty one.
    histograms: Vec<Histogram>,
}

/// Reads a text.
///
/// # Errors
/// The first thing that is against the specification, with its line.
pub fn read(text: &str) -> Result<Read, String> {
    let body = text.strip_suffix("# EOF\n").ok_or("the text does not end with # EOF")?;
    if !body.is_empty() && !body.ends_with('\n') {
        return Err("the last line before # EOF has no end".into());
    }
    let (mut all, mut family, mut families, mut series) =
        (Read::default(), Family::default(), BTreeSet::new(), BTreeSet::new());
    for (at, line) in body.lines().enumerate() {
        let told = |why: String| format!("line {}: {why}: {line}", at + 1);
        if line.contains('\r') || line.trim() != line && !line.starts_with("# HELP ") {
            return Err(told("space or return at an end".into()));
        }
        if let Some(metadata) = line.strip_prefix("# ") {
            let next = metadata_line(metadata, family, &mut families).map_err(told)?;
            family = next;
            family.unit.iter().for_each(|unit| drop(all.units.insert(family.name.clone(), unit.clone())));
        } else {
            let exemplar = sample(line, &mut family, &mut series).map_err(told)?;
            all.samples += 1;
            all.exemplars.extend(exemplar);
        }
    }
    closed(&family)?;
    Ok(all)
}

fn is_name(name: &str, colons: bool) -> bool {
    let other = |c: char| c.is_ascii_alphanumeric() || c == '_' || (colons && c == ':');
    name.chars().all(other) && name.chars().next().is_some_and(|c| !c.is_ascii_digit())
}

fn metadata_line(text: &str, mut family: Family, families: &mut BTreeSet<String>) -> Result<Family, String> {
    let mut parts = text.splitn(3, ' ');
    let (what, name, rest) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next());
    let rest = rest.ok_or("metadata without its value")?;
    if !is_name(name, true) {
        return Err(format!("{name:?} is no name"));
    }
    if family.name != name {
        closed(&family)?;
        if !families.insert(name.to_owned()) {
            return Err("a family that comes twice".into());
        }
        family = Family { name: name.to_owned(), ..Family::default() };
    } else if !family.histograms.is_empty() {
        return Err("metadata after samples".into());
    }
    match what {
        "TYPE" if family.kind.is_empty() && ["counter", "gauge", "histogram"].contains(&rest) => {
            rest.clone_into(&mut family.kind)
        }
        "UNIT" if family.unit.is_none() && name.ends_with(&format!("_{rest}")) && is_name(rest, false) => {
            family.unit = Some(rest.to_owned());
        }
        "HELP" if !family.help && unescaped(rest).is_ok() => family.help = true,
        _ => return Err("metadata that is unknown, twice, or wrong".into()),
    }
    for reserved in ["_total", "_created", "_count", "_sum", "_bucket"] {
        if name.ends_with(reserved) {
            return Err(format!("a family's name must not end with {reserved}"));
        }
    }
    Ok(family)
}

fn unescaped(text: &str) -> Result<String, String> {
    let (mut out, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        out.push(match c {
            '"' | '\n' => return Err("a bare quote".into()),
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some(c @ ('\\' | '"')) => c,
                other => return Err(format!("an escape of {other:?}")),
            },
            c => c,
        });
    }
    Ok(out)
}

/// Labels in braces at the start of a text, and what follows them.
fn labels(text: &str) -> Result<(Labels, &str), String> {
    let (mut labels, mut rest) = (Labels::new(), text.strip_prefix('{').ok_or("no brace")?);
    loop {
        let (name, after) = rest.split_once("=\"").ok_or("a label without =\"")?;
        if !is_name(name, false) {
            return Err(format!("{name:?} is no label"));
        }
        let mut escaped = false;
        let end = after.find(|c| {
            let quote = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            quote
        });
        let (value, after) = after.split_at(end.ok_or("a value without its end")?);
        if labels.insert(name.to_owned(), unescaped(value)?).is_some() {
            return Err(format!("the label {name} twice"));
        }
        let after = after.strip_prefix('"').unwrap_or(after);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok((labels, after.strip_prefix('}').ok_or("no closing brace")?)),
        }
    }
}

fn number(text: &str) -> Result<f64, String> {
    let finite = text.trim_start_matches(['+', '-']);
    let real = finite.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && finite.chars().all(|c| c.is_ascii_digit() || "eE+-.".contains(c));
    if real || ["+Inf", "-Inf", "NaN"].contains(&text) {
        return text.parse().map_err(|_| format!("{text:?} is no number"));
    }
    Err(format!("{text:?} is no number"))
}

/// Reads a sample into its family; gives its exemplar's labels, where it has one.
fn sample(line: &str, family: &mut Family, series: &mut BTreeSet<String>) -> Result<Option<Labels>, String> {
    let end = line.find(['{', ' ']).ok_or("a sample without a value")?;
    let (name, rest) = line.split_at(end);
    let (mut of, rest) = if rest.starts_with('{') { labels(rest)? } else { (Labels::new(), rest) };
    let rest = rest.strip_prefix(' ').ok_or("no space before the value")?;
    let (value, exemplar) = rest.split_once(" # ").map_or((rest, None), |(value, exemplar)| (value, Some(exemplar)));
    let value = number(value)?;
    if !series.insert(format!("{name}{of:?}")) {
        return Err("a series that comes twice".into());
    }
    let suffix = name.strip_prefix(family.name.as_str()).ok_or("a sample outside its family")?;
    let exemplar = exemplar.map(read_exemplar).transpose()?;
    match (family.kind.as_str(), suffix) {
        ("gauge", "") if exemplar.is_none() => {
            family.histograms.push(Default::default());
            Ok(None)
        }
        ("counter", "_total") if value >= 0.0 && value.is_finite() => {
            family.histograms.push(Default::default());
            Ok(exemplar.map(|(labels, _)| labels))
        }
        ("histogram", suffix) => {
            let le = of.remove("le");
            if family.histograms.last().is_none_or(|(labels, ..)| *labels != of) {
                if family.histograms.iter().any(|(labels, ..)| *labels == of) {
                    return Err("series of one histogram that are apart".into());
                }
                family.histograms.push((of, Vec::new(), None, None));
            }
            let Some((_, edges, sum, count)) = family.histograms.last_mut() else { return Err("no histogram".into()) };
            match (suffix, le) {
                ("_bucket", Some(le)) if sum.is_none() && count.is_none() => {
                    let (edge, before) = (number(&le)?, edges.last().copied().unwrap_or((f64::NEG_INFINITY, 0.0)));
                    if edge <= before.0
                        || value < before.1
                        || value.fract() != 0.0
                        || !(le.contains('.') || le.contains('e') || le == "+Inf")
                    {
                        return Err("buckets that do not grow, or an edge that is not canonical".into());
                    }
                    if exemplar.as_ref().is_some_and(|(_, shown)| *shown > edge || *shown <= before.0) {
                        return Err("an exemplar outside its bucket".into());
                    }
                    edges.push((edge, value));
                    Ok(exemplar.map(|(labels, _)| labels))
                }
                ("_sum", None) if sum.replace(value).is_none() && exemplar.is_none() => Ok(None),
                ("_count", None) if count.replace(value).is_none() && exemplar.is_none() => Ok(None),
                _ => Err("no such series of a histogram".into()),
            }
        }
        _ => Err(format!("no such series of a {}", family.kind)),
    }
}

/// An exemplar's labels and value; it must have a time.
fn read_exemplar(text: &str) -> Result<(Labels, f64), String> {
    let (labels, rest) = labels(text)?;
    let length: usize = labels.iter().map(|(name, value)| name.chars().count() + value.chars().count()).sum();
    if length > 128 {
        return Err(format!("an exemplar's labels of {length} characters"));
    }
    let mut parts = rest.strip_prefix(' ').ok_or("an exemplar without a value")?.split(' ');
    let (value, time) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    if parts.next().is_some() || number(time)? < 0.0 {
        return Err("an exemplar's time".into());
    }
    Ok((labels, number(value)?))
}

/// What must hold when a family is over.
fn closed(family: &Family) -> Result<(), String> {
    if family.name.is_empty() {
        return Ok(());
    }
    let told = |why: &str| Err(format!("{}: {why}", family.name));
    if family.kind.is_empty() || !family.help || family.histograms.is_empty() {
        return told("no type, no help, or no series");
    }
    for (_, edges, sum, count) in family.histograms.iter().filter(|_| family.kind == "histogram") {
        match (edges.last(), sum, count) {
            (Some((edge, last)), Some(_), Some(count)) if *edge == f64::INFINITY && last == count => {}
            _ => return told("a histogram without +Inf, sum or count, or whose count is not its last bucket"),
        }
    }
    Ok(())
}

/// What is wrong in each of these texts; the reader must see it.
pub const WRONG: &[&str] = &[
    "",
    "# TYPE a gauge\n# HELP a A.\na 1\n",
    "# TYPE a gauge\n# HELP a A.\na 1\n# EOF\n\n",
    "# TYPE a counter\n# HELP a A.\na 1\n# EOF\n",
    "# TYPE a counter\n# HELP a A.\na_total -1\n# EOF\n",
    "# TYPE a_total counter\n# HELP a_total A.\na_total 1\n# EOF\n",
    "# TYPE a gauge\n# UNIT a seconds\n# HELP a A.\na 1\n# EOF\n",
    "# TYPE a gauge\n# HELP a A.\na inf\n# EOF\n",
    "# TYPE a gauge\n# HELP a A.\na 1\na 1\n# EOF\n",
    "# TYPE a gauge\n# HELP a A.\na{b=\"1\",b=\"2\"} 1\n# EOF\n",
    "# TYPE a gauge\n# HELP a A.\na{b=\"\\t\"} 1\n# EOF\n",
    "# TYPE a gauge\n# HELP a A.\na  1\n# EOF\n",
    "# TYPE a gauge\n# HELP a A.\na 1\n# TYPE b gauge\n# HELP b B.\nb 1\n# TYPE a gauge\n# EOF\n",
    "# TYPE a gauge\n# HELP a A.\na 1 # {run=\"1\"} 1 1\n# EOF\n",
    "# TYPE a histogram\n# HELP a A.\na_bucket{le=\"1.0\"} 1\na_sum 1\na_count 1\n# EOF\n",
    "# TYPE a histogram\n# HELP a A.\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n# EOF\n",
    "# TYPE a histogram\n# HELP a A.\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n# EOF\n",
    "# TYPE a histogram\n# HELP a A.\na_bucket{le=\"1.0\"} 1 # {run=\"1\"} 2 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n# EOF\n",
];
