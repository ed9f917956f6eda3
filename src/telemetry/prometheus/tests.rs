//! Answers of a Prometheus server, written for these tests, and the settings.

use super::*;
use crate::config::{Source, read};
use proptest::prelude::*;

const SETTINGS: &str = "url = \"http://127.0.0.1:9090\"\ndevice_label = \"uuid\"\npod_label = \"pod\"\n\
                        power = \"p\"\nenergy = \"e\"\nkernel_active = \"k\"\nscale = { energy = 0.001, kernel_active = 0.01 }\n";

fn built(text: &str) -> Result<Arc<dyn Meter>, String> {
    let built = read(&Source::inline("c", text), |s| {
        let built = build(s);
        s.finish();
        built
    });
    built.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn settings() -> Settings {
    Settings {
        place: read(&Source::inline("c", "url = \"http://127.0.0.1:9090\""), |s| Place::build(s, "/")).unwrap(),
        every: Duration::from_secs(1),
        device_label: Some("uuid".into()),
        pod_label: Some("pod".into()),
        queries: Vec::new(),
    }
}

/// What one answer to a query of a figure brings.
fn said(figure: &str, scale: f64, text: &str) -> (Vec<Device>, Vec<(Absence, String)>) {
    let figure = FIGURES.iter().position(|f| f.name == figure).unwrap();
    let (mut devices, mut absent) = (BTreeMap::new(), Vec::new());
    take(text, &Query { figure, promql: String::new(), scale }, &settings(), &mut devices, &mut absent);
    (devices.into_values().collect(), absent.into_iter().map(|a| (a.why, a.detail)).collect())
}

fn vector(series: &str) -> String {
    format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{series}]}}}}")
}

#[test]
fn a_vector_with_its_labels_and_units() {
    let two = vector(
        "{\"metric\":{\"__name__\":\"e\",\"uuid\":\"a\",\"namespace\":\"llm\",\"pod\":\"x\"},\"value\":[1700000000.1,\"5000\"]},\
         {\"metric\":{\"uuid\":\"b\"},\"value\":[1700000000,\"7e3\"]}",
    );
    let (devices, absent) = said("energy", 0.001, &two);
    let got: Vec<_> = devices.iter().map(|d| (d.id.as_str(), d.energy.map(|e| e.value), d.pod.as_deref())).collect();
    assert_eq!((got, absent), (vec![("a", Some(5.0), Some("llm/x")), ("b", Some(7.0), None)], vec![]));
    let (devices, _) = said("kernel_active", 0.01, &vector("{\"metric\":{\"uuid\":\"a\"},\"value\":[1,\"97\"]}"));
    assert_eq!(devices[0].busy, [(Busy::KernelActive, Value::measured(0.97).unwrap())]);
}

#[test]
fn what_goes_wrong_is_named() {
    let one = |value: &str| vector(&format!("{{\"metric\":{{\"uuid\":\"a\"}},\"value\":[1,\"{value}\"]}}"));
    let twice = "{\"metric\":{\"uuid\":\"a\",\"x\":\"1\"},\"value\":[1,\"1\"]},{\"metric\":{\"uuid\":\"a\",\"x\":\"2\"},\"value\":[1,\"2\"]}";
    for (text, why, told) in [
        (one("NaN"), Absence::Nonsense, "the value is NaN"),
        (one("+Inf"), Absence::Nonsense, "the value is +Inf"),
        (one("-3"), Absence::Nonsense, "the value is -3"),
        (vector(""), Absence::NoDevice, "no series"),
        (vector(twice), Absence::Unreadable, "2 series of one device"),
        (vector("{\"metric\":{},\"value\":[1,\"1\"]}"), Absence::Unreadable, "no label \"uuid\""),
        (
            "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}".into(),
            Absence::Unreadable,
            "gives a matrix, where a vector is wanted",
        ),
        (
            "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error: unexpected end of input\"}"
                .into(),
            Absence::Unreadable,
            "bad_data parse error: unexpected end of input",
        ),
        ("{\"status\":\"success\"}".into(), Absence::Unreadable, "no data"),
        (vector("{\"value\":[1]}"), Absence::Unreadable, "can't be read"),
        ("<html>".into(), Absence::Unreadable, "is not Prometheus'"),
    ] {
        let (devices, absent) = said("power", 1.0, &text);
        assert!(devices.is_empty(), "{text}");
        let [(got, detail)] = absent.as_slice() else { panic!("{text}: {absent:?}") };
        assert!(*got == why && detail.contains(told), "{text}: {absent:?}");
    }
}

#[test]
fn a_warning_makes_an_estimate() {
    let text = "{\"status\":\"success\",\"warnings\":[\"a store did not answer\"],\"data\":{\"resultType\":\"vector\",\"result\":[\
                {\"metric\":{\"uuid\":\"a\"},\"value\":[1,\"250\"]}]}}";
    let (devices, absent) = said("power", 1.0, text);
    assert_eq!(devices[0].power, Value::estimated(250.0));
    assert_eq!(absent, [(Absence::Other, "the server warns: a store did not answer".to_owned())]);
}

#[test]
fn a_scalar_is_of_the_only_device() {
    let figure = FIGURES.iter().position(|f| f.name == "power").unwrap();
    let (mut devices, mut absent) = (BTreeMap::new(), Vec::new());
    let text = "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1700000000,\"120\"]}}";
    let settings = Settings { device_label: None, ..settings() };
    take(text, &Query { figure, promql: String::new(), scale: 1.0 }, &settings, &mut devices, &mut absent);
    assert_eq!(
        devices.into_values().map(|d| (d.id, d.power)).collect::<Vec<_>>(),
        [(DeviceId::new(ONLY), Value::measured(120.0))]
    );
}

#[test]
fn fields_and_their_mistakes() {
    let meter = built(SETTINGS).unwrap();
    assert_eq!(meter.every(), Duration::from_secs(1));
    assert!(meter.fingerprint().contains("127.0.0.1:9090"));
    for (text, told) in [
        ("url = \"http://a\"", "expected at least one query of power, energy"),
        ("url = \"a:1\"\npower = \"p\"", "begins with http:// or https://"),
        ("url = \"http://u:p@a\"\npower = \"p\"", "a secret does not belong in a URL"),
        ("url = \"http://a\"\npower = \" \"", "must not be empty"),
        ("url = \"http://a\"\npower = \"p\"\nscale = { power = 0 }", "expected more than 0"),
        ("url = \"http://a\"\npower = \"p\"\nscale = { energy = 2 }", "no query of this figure"),
        ("url = \"http://a\"\npower = \"p\"\nscale = { powr = 2 }", "did you mean `power`"),
        ("url = \"http://a\"\npower = \"p\"\ndevice_label = \"a-b\"", "is not a label's name"),
        ("url = \"http://a\"\npower = \"p\"\nkey = \"abc\"", "a secret does not belong in a configuration"),
        ("url = \"http://a\"\npower = \"p\"\nheaders = { authorization = \"x\" }", "a secret does not belong"),
        ("url = \"http://a\"\npower = \"p\"\ntimeout = \"1h\"", "at most \"30s\""),
        ("url = \"http://a\"\npower = \"p\"\nevery = \"1ms\"", "from \"10ms\""),
    ] {
        let problems = built(text).unwrap_err();
        assert!(problems.contains(told), "{text}: {problems}");
    }
}

#[test]
fn a_server_that_is_not_there_is_one_absence_and_holds_no_secret() {
    let text = SETTINGS.replace("9090", "9") + "headers = { x-team = \"t\" }\n";
    let reading = built(&text).unwrap().open().look();
    let told: Vec<_> = reading.absent.iter().map(|a| (a.what, a.why)).collect();
    assert_eq!((told, reading.devices.len()), (vec![("power", Absence::Unreachable)], 0));
    assert!(!reading.absent[0].detail.contains("query="), "{:?}", reading.absent);
}

proptest! {
    #[test]
    fn garbage_never_panics(text in "\\PC{0,80}", value in "\\PC{0,12}") {
        said("power", 1.0, &text);
        let quoted = serde_json::Value::from(value).to_string();
        said("clock", 1e6, &vector(&format!("{{\"metric\":{{\"uuid\":\"a\"}},\"value\":[1,{quoted}]}}")));
    }
}
