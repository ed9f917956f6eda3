//! Every format: good rows, and bad rows with their exact messages.

use super::{KINDS, Loaded};
use crate::config::{Source, read};
use crate::domain::{Item, Role, Split};
use std::fs;

/// Reads files of a format: what came out, or the problems of the configuration.
fn load(format: &str, settings: &str, files: &[(&str, &str)]) -> Result<Loaded, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let text = format!("[d]\n{settings}\n");
    let source = Source { name: "c".into(), text, folder: folder.path().to_owned() };
    let kind = KINDS.iter().find(|kind| kind.name == format).unwrap();
    let built = read(&source, |root| {
        let table = root.section("d")?;
        let loaded = (kind.read)(&table);
        table.finish();
        loaded
    });
    let prefix = format!("{}/", folder.path().display());
    let local = |text: String| text.replace(&prefix, "");
    let mut loaded =
        built.map_err(|problems| problems.iter().map(|p| local(p.to_string())).collect::<Vec<String>>())?;
    loaded.bad.iter_mut().chain(&mut loaded.warnings).for_each(|problem| problem.file = local(problem.file.clone()));
    loaded.bad.iter_mut().for_each(|problem| problem.message = local(problem.message.clone()));
    loaded.file = local(loaded.file);
    loaded.files.iter_mut().for_each(|file| *file = local(file.to_string()).into());
    assert_eq!(loaded.items.len(), loaded.lines.len());
    assert!(loaded.files.is_empty() || loaded.files.len() == loaded.items.len());
    Ok(loaded)
}

fn good(format: &str, settings: &str, files: &[(&str, &str)]) -> Loaded {
    let loaded = load(format, settings, files).unwrap();
    assert!(loaded.bad.is_empty(), "{:?}", loaded.bad);
    loaded
}

/// The bad rows, as they are printed.
fn bad(format: &str, settings: &str, file: (&str, &str)) -> Vec<String> {
    let loaded = load(format, settings, &[file]).unwrap();
    loaded.bad.iter().map(ToString::to_string).collect()
}

fn warnings(loaded: &Loaded) -> Vec<String> {
    loaded.warnings.iter().map(ToString::to_string).collect()
}

fn ids(loaded: &Loaded) -> Vec<&str> {
    loaded.items.iter().map(|item| item.id.as_str()).collect()
}

fn asked(item: &Item) -> Vec<(Role, &str)> {
    item.messages.iter().map(|m| (m.role, m.content.as_str())).collect()
}

const VAL: &str = "\u{feff}id,question,A,B,C,D,answer\r\n0,\"一加一，\n等于几？\",1,\"2,0\",\"说\"\"二\"\"\",3,B\r\n\r\n1,二加二等于几？,1,2,3,4,D\r\n";
const DEV: &str = "id,question,A,B,C,D,answer,explanation\n0,三加三等于几？,4,5,6,7,C,三个加三个是六个。\n1,四减一等于几？,3,4,5,6,A,\n";

#[test]
fn c_eval_takes_subjects_from_names_and_examples_from_dev() {
    let files = [
        ("val/college_physics_val.csv", VAL),
        ("dev/college_physics_dev.csv", DEV),
        ("test/college_physics_test.csv", "id,question,A,B,C,D\n0,五？,1,2,3,4\n"),
    ];
    for path in ["val", ".", "val/college_physics_val.csv", "val/*.csv", "*/*.csv"] {
        let all = good("c-eval", &format!("path = {path:?}"), &files);
        assert_eq!(ids(&all), ["college_physics-val-0", "college_physics-val-1"], "{path}");
        assert_eq!(all.lines, [2, 5]);
        let first = all.items.first().unwrap();
        assert_eq!(asked(first), [(Role::User, "一加一，\n等于几？")]);
        assert_eq!(first.options, ["1", "2,0", "说\"二\"", "3"]);
        assert_eq!(first.answers, ["B"]);
        let tags = &first.tags;
        assert_eq!((&*tags.domain, &*tags.capability, &*tags.language), ("college_physics", "STEM", "zh"));
        assert_eq!((tags.split, tags.hard), (Split::Public, true));
        let shots: Vec<_> =
            all.shots.iter().map(|s| (s.prompt.as_str(), s.answer.as_str(), s.explanation.as_deref())).collect();
        assert_eq!(
            shots,
            [("三加三等于几？", "C", Some("三个加三个是六个。")), ("四减一等于几？", "A", None)],
            "{path}"
        );
        assert_eq!(all.board.unwrap().name, "C-Eval");
    }
    assert_eq!(good("c-eval", "path = '.'\nshots = 1", &files).shots.len(), 1);
    assert!(good("c-eval", "path = '.'\nshots = 0", &files).shots.is_empty());
}

#[test]
fn c_evals_test_part_is_told_to_have_no_answers() {
    let files = [("test/law_test.csv", "id,question,A,B,C,D\n0,五？,1,2,3,4\n"), ("val/law_val.csv", VAL)];
    let all = good("c-eval", "path = '*/*.csv'\npart = 'test'", &files);
    assert!(all.items.first().unwrap().answers.is_empty());
    assert_eq!(
        warnings(&all),
        [
            "test/law_test.csv:1:1: has no column `answer`: its rows can't be graded\n  hint: part = \"val\" has answers, and scorer = \"none\" needs none"
        ]
    );
}

#[test]
fn the_dev_part_is_asked_only_where_that_is_said() {
    let files = [("dev/law_dev.csv", DEV), ("dev/logic_dev.csv", DEV)];
    assert_eq!(
        load("c-eval", "path = 'dev'", &files).err().unwrap(),
        [
            "c:2:8: d.path: only the dev part is there, which serves as examples\n  hint: part = \"dev\" asks it all the same"
        ]
    );
    assert_eq!(good("c-eval", "path = 'dev'\npart = 'dev'", &files).items.len(), 4);
    assert_eq!(good("c-eval", "path = 'dev/law_dev.csv'", &files).items.len(), 2);
    assert_eq!(
        load("c-eval", "path = 'dev'\npart = 'val'", &files).err().unwrap(),
        ["c:3:8: d.part: no file is of part val: found dev"]
    );
}

#[test]
fn an_exams_bad_rows_are_told_at_their_cells() {
    let head = "id,question,A,B,C,D,answer\n";
    for (rows, want) in [
        ("0,q,1,2,3,4,E\n", "law_val.csv:2:13: answer: expected one of A, B, C, D, found \"E\""),
        ("0,q,1,2,3,4,\n", "law_val.csv:2:13: answer: must not be empty"),
        ("0,\"q\n\nr\",1,2,,4,A\n", "law_val.csv:4:8: C: must not be empty"),
        ("0, ,1,2,3,4,A\n", "law_val.csv:2:3: question: must not be empty"),
        ("0,q,1,2,3,4\n", "law_val.csv:2:12: the row ends after 6 of 7 cells"),
        (
            "0,q,w,1,2,3,4,A\n",
            "law_val.csv:2:15: expected 7 cells, found 8\n  hint: a cell with a comma in it is put into quotes",
        ),
        (
            "0,\"q\" r,1,2,3,4,A\n",
            "law_val.csv:2:6: something follows the closing quote: a quote inside a cell is written twice",
        ),
        (
            "0,\"q,1,2,3,4,A\n1,q,1,2,3,4,B\n",
            "law_val.csv:2:3: the quote is never closed: everything behind it is in this cell",
        ),
    ] {
        assert_eq!(bad("c-eval", "path = 'law_val.csv'", ("law_val.csv", &format!("{head}{rows}"))), [want], "{rows}");
    }
    let twice = format!("{head}7,q,1,2,3,4,A\n7,r,1,2,3,4,B\n");
    let found = bad("c-eval", "path = 'law_val.csv'", ("law_val.csv", &twice));
    assert_eq!(found, ["law_val.csv:3:1: id: \"law-val-7\" is used twice: first in line 2"]);
    let headless = bad("c-eval", "path = 'law_val.csv'", ("law_val.csv", "0,q,1,2,3,4,A\n1,r,1,2,3,4,A\n"));
    assert_eq!(
        headless,
        [
            "law_val.csv:1:1: question: is missing: expected a column of this name in the first line\n  hint: the first line names the columns: question,A,B,C,D,answer"
        ]
    );
    // The other rows are read all the same.
    let mixed = format!("{head}0,q,1,2,3,4,E\n1,r,1,2,3,4,B\n");
    let loaded = load("c-eval", "path = 'law_val.csv'", &[("law_val.csv", &mixed)]).unwrap();
    assert_eq!((loaded.items.len(), loaded.bad.len()), (1, 1));
}

#[test]
fn a_row_that_is_no_text_is_told_and_the_next_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = b"id,question,A,B,C,D,answer\n0,\"q\xff,1,2,3,4,A\n1,r,1,2,3,4,B\n";
    fs::write(folder.path().join("law_val.csv"), bytes).unwrap();
    let source =
        Source { name: "c".into(), text: "[d]\npath = 'law_val.csv'\n".into(), folder: folder.path().to_owned() };
    let kind = KINDS.iter().find(|kind| kind.name == "c-eval").unwrap();
    let loaded = read(&source, |root| (kind.read)(&root.section("d")?)).ok().unwrap();
    let bad: Vec<_> = loaded.bad.iter().map(|p| (p.line, p.column, p.message.as_str())).collect();
    assert_eq!(bad, [(2, 5, "is not UTF-8")]);
    assert_eq!(ids(&loaded), ["law-val-1"]);
}

#[test]
fn a_subject_that_is_not_the_boards_is_told() {
    let all = good("c-eval", "path = 'colege_physics_val.csv'", &[("colege_physics_val.csv", VAL)]);
    assert_eq!(
        warnings(&all),
        [
            "colege_physics_val.csv:1:1: \"colege_physics\" is none of C-Eval's 52 subjects: it is in no average of it\n  hint: did you mean college_physics?"
        ]
    );
    assert_eq!(&*all.items.first().unwrap().tags.capability, "general");
}

#[test]
fn cmmlu_has_an_index_without_a_name_and_parts_by_folder() {
    let head = ",Question,A,B,C,D,Answer\n";
    let (test, dev) = (format!("{head}0,q,1,2,3,4,C\n1,r,1,2,3,4,a\n"), format!("{head}0,e,1,2,3,4,D\n"));
    let files = [("test/agronomy.csv", test.as_str()), ("dev/agronomy.csv", dev.as_str())];
    for path in ["test", "."] {
        let all = good("cmmlu", &format!("path = {path:?}"), &files);
        assert_eq!(ids(&all), ["agronomy-test-0", "agronomy-test-1"]);
        let answers: Vec<&str> = all.items.iter().map(|item| item.answers.first().unwrap().as_str()).collect();
        assert_eq!(answers, ["C", "A"]);
        assert_eq!(&*all.items.first().unwrap().tags.capability, "Other");
        assert_eq!(all.shots.iter().map(|s| s.answer.as_str()).collect::<Vec<_>>(), ["D"]);
    }
}

#[test]
fn mmlu_has_no_head_though_some_copies_do() {
    let test = "\"A, or B?\",1,2,3,4,C\nr,1,2,3,4,D\n";
    let headed = format!("question,A,B,C,D,answer\n{test}");
    for text in [test, headed.as_str()] {
        let all = good("mmlu", "path = 'abstract_algebra_test.csv'", &[("abstract_algebra_test.csv", text)]);
        assert_eq!(ids(&all), ["abstract_algebra-test-0", "abstract_algebra-test-1"]);
        let first = all.items.first().unwrap();
        assert_eq!((asked(first), &*first.tags.language), (vec![(Role::User, "A, or B?")], "en"));
        assert_eq!(all.board.unwrap().subjects.len(), 57);
    }
    let short = bad("mmlu", "path = 'law_test.csv'", ("law_test.csv", "q,1,2,3,D\n"));
    assert_eq!(short, ["law_test.csv:1:10: the row ends after 5 of 6 cells"]);
}

#[test]
fn examples_of_ones_own_are_taken_from_where_they_are_said_to_be() {
    let files = [("law_val.csv", VAL), ("mine/law.csv", DEV), ("mine/logic.csv", DEV)];
    let all = good("c-eval", "path = 'law_val.csv'\nshots_path = 'mine'", &files);
    assert_eq!(all.shots.iter().map(|s| &*s.tags.domain).collect::<Vec<_>>(), ["law", "law"]);
}

#[test]
fn paths_that_name_nothing_are_told() {
    let none = load("c-eval", "path = 'none'", &[("law_val.csv", VAL)]).err().unwrap();
    assert_eq!(none, ["c:2:8: d.path: none can't be read: No such file or directory (os error 2)"]);
    let none = load("c-eval", "path = '*_dev.csv'", &[("law_val.csv", VAL)]).err().unwrap();
    assert_eq!(none, ["c:2:8: d.path: *_dev.csv matches no file"]);
    let none = load("c-eval", "path = 'a'", &[("a/b/c.json", "")]).err().unwrap();
    assert_eq!(none, ["c:2:8: d.path: a has no .csv file"]);
}

#[test]
fn gsm8k_gives_the_number_and_keeps_the_working() {
    let rows = concat!(
        "{\"question\": \"How many?\", \"answer\": \"6 boxes of 7 are <<6*7=42>>42.\\n#### 1,042\"}\r\n",
        "\n",
        "{\"question\": \"And now?\", \"answer\": \"#### $3.50\"}\n"
    );
    let all = good("gsm8k", "path = 'train.jsonl'\nshots_path = 'train.jsonl'", &[("train.jsonl", rows)]);
    let answers: Vec<&str> = all.items.iter().map(|item| item.answers.first().unwrap().as_str()).collect();
    assert_eq!(answers, ["1042", "3.50"]);
    assert_eq!(ids(&all), ["train-1", "train-3"]);
    let working: Vec<_> = all.shots.iter().map(|s| s.explanation.as_deref()).collect();
    assert_eq!(working, [Some("6 boxes of 7 are 42."), None]);
    for (row, want) in [
        (r#"{"question": "q"}"#, "t.jsonl:1:1: answer: is missing"),
        (r#"{"question": " ", "answer": "1"}"#, "t.jsonl:1:14: question: must not be empty"),
        (
            r#"{"question": "q", "answer": "42"}"#,
            "t.jsonl:1:29: answer: expected `#### ` and the number at its end\n  hint: of the form: working #### 42",
        ),
        (
            r#"{"question": "q", "answer": "x #### many"}"#,
            "t.jsonl:1:29: answer: expected a number after ####, found \"many\"",
        ),
        (r#"{"question": "q" "#, "t.jsonl:1:17: the text ends inside an object"),
    ] {
        assert_eq!(bad("gsm8k", "path = 't.jsonl'", ("t.jsonl", row)), [want], "{row}");
    }
}

#[test]
fn fields_takes_any_shape() {
    let map = "path = 'x.jsonl'\nanswer_as = 'index'\nlanguage = 'zh'\nmap = { prompt = 'doc.q', answer = 'gold', options = 'doc.choices', id = 'n', domain = 'subject', explanation = 'why', system = 's' }";
    let row = r#"{"n": 7, "doc": {"q": "which?", "choices": ["x", 2, "z"]}, "gold": 1, "subject": "law", "why": "so", "s": "be brief"}"#;
    let all = good("fields", map, &[("x.jsonl", row)]);
    let item = all.items.first().unwrap();
    assert_eq!((item.id.as_str(), item.answers.as_slice()), ("7", ["B".to_owned()].as_slice()));
    assert_eq!(asked(item), [(Role::System, "be brief"), (Role::User, "which?")]);
    assert_eq!(
        (item.options.as_slice(), &*item.tags.domain, &*item.tags.language),
        (["x", "2", "z"].map(String::from).as_slice(), "law", "zh")
    );
}

#[test]
fn fields_reads_answers_as_words_letters_labels_or_numbers() {
    let answer = |settings: &str, options: &str, answer: &str| -> String {
        let settings = format!("path = 'x.jsonl'\n{settings}\nmap = {{ prompt = 'q', answer = 'a', options = 'o' }}");
        let row = format!("{{\"q\": \"?\", \"o\": {options}, \"a\": {answer}}}");
        let loaded = load("fields", &settings, &[("x.jsonl", &row)]).unwrap();
        match loaded.items.first() {
            Some(item) => item.answers.join(" "),
            None => loaded.bad.first().unwrap().to_string().replacen("x.jsonl:1:", "", 1),
        }
    };
    let options = r#"["red", "green", "blue"]"#;
    assert_eq!(answer("", options, "\"green\""), "B");
    assert_eq!(answer("", options, "\"c\""), "C");
    assert_eq!(answer("", options, "[\"red\", \"B\"]"), "A B");
    assert_eq!(answer("", r#"{"A": "red", "B": "green"}"#, "\"green\""), "B");
    assert_eq!(answer("answer_as = 'index'", options, "0"), "A");
    assert_eq!(answer("answer_as = 'index-from-1'", options, "\"3\""), "C");
    assert_eq!(answer("answer_as = 'index'", options, "3"), "48: a: expected a number from 0 to 2, found \"3\"");
    assert_eq!(
        answer("", options, "1"),
        "48: a: 1 is a number, and no option reads like that\n  hint: answer_as = \"index\" counts the options from 0, \"index-from-1\" from 1"
    );
    assert_eq!(answer("", r#"["1", "2", "3"]"#, "2"), "B");
    assert_eq!(answer("", options, "\"grey\""), "48: a: \"grey\" is none of the options");
    assert_eq!(answer("", r#"["B", "A"]"#, "\"A\""), "34: a: \"A\" is an option's letter and another option's text");
    assert_eq!(answer("", r#"["x", "x"]"#, "\"x\""), "34: a: \"x\" is the text of more than one option");
    assert_eq!(answer("", r#"["x"]"#, "\"x\""), "17: o: expected from 2 to 26 options (A to Z), found 1");
    assert_eq!(answer("", "7", "\"x\""), "17: o: expected a list, found a number");
    let labels = "path = 'x.jsonl'\nmap = { prompt = 'q', answer = 'key', options = 'c.text', labels = 'c.label' }";
    let row = r#"{"q": "?", "c": {"text": ["x", "y"], "label": ["1", "2"]}, "key": "2"}"#;
    let all = good("fields", labels, &[("x.jsonl", row)]);
    assert_eq!(all.items.first().unwrap().answers, ["B"]);
    let apart = "path = 'x.jsonl'\nmap = { prompt = 'q', answer = 'key', options = ['A', 'B'] }";
    let all = good("fields", apart, &[("x.jsonl", r#"{"q": "?", "A": "x", "B": 3, "key": "B"}"#)]);
    assert_eq!(all.items.first().unwrap().options, ["x", "3"]);
}

#[test]
fn fields_tells_what_is_missing_from_a_row_and_from_the_map() {
    let map = "path = 'x.jsonl'\nmap = { prompt = 'q', answer = 'a', domain = 'd' }";
    for (row, want) in [
        (r#"{"a": 1}"#, "x.jsonl:1:1: q: is missing"),
        (r#"{"q": "x"}"#, "x.jsonl:1:1: a: is missing"),
        (r#"{"q": "x", "a": null}"#, "x.jsonl:1:1: a: is missing"),
        (r#"{"q": {}, "a": 1}"#, "x.jsonl:1:7: q: expected a text or a number, found an object"),
        (
            r#"{"q": "é", "a": 1, "d": ""}"#,
            "x.jsonl:1:25: d: is not a usable tag\n  hint: it becomes a metric label: 1 to 64 bytes, no control characters",
        ),
        ("[1]", "x.jsonl:1:1: expected an object, found a list"),
    ] {
        assert_eq!(bad("fields", map, ("x.jsonl", row)), [want], "{row}");
    }
    let missing = load("fields", "path = 'x.jsonl'", &[("x.jsonl", "{}")]).err().unwrap();
    assert_eq!(
        missing,
        [
            "c:1:1: d.map: is missing: expected the names of the fields, such as map = { prompt = \"question\", answer = \"target\" }"
        ]
    );
    let wrong = load("fields", "path = 'x.jsonl'\nmap = { promt = 'q' }", &[("x.jsonl", "{}")]).err().unwrap();
    assert_eq!(wrong, ["c:3:9: d.map.promt: is not a known field\n  hint: did you mean `prompt`?"]);
}

#[test]
fn requests_are_taken_as_they_were_logged() {
    let rows = concat!(
        r#"{"custom_id": "r1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": [{"role": "developer", "content": "s"}, {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}], "max_tokens": 64, "temperature": 0.2, "tools": [{"type": "function", "function": {"name": "find", "description": "d", "parameters": {"type": "object"}}}]}}"#,
        "\n",
        r#"{"messages": [{"role": "user", "content": "u"}, {"role": "assistant", "content": "v"}, {"role": "user", "content": "w"}], "answer": "x", "temperature": 1}"#,
        "\n"
    );
    let all = good("openai-requests", "path = 'log.jsonl'\ndomain = 'support'", &[("log.jsonl", rows)]);
    assert_eq!(ids(&all), ["r1", "log-2"]);
    let (first, second) = (all.items.first().unwrap(), all.items.last().unwrap());
    assert_eq!(asked(first), [(Role::System, "s"), (Role::User, "a\nb")]);
    assert_eq!((first.tools.first().unwrap().name.as_str(), &*first.tags.domain), ("find", "support"));
    assert_eq!(first.spec.as_ref().unwrap().get("max_tokens").unwrap(), 64);
    assert!(first.answers.is_empty());
    assert_eq!((asked(second).len(), second.answers.as_slice()), (3, ["x".to_owned()].as_slice()));
    assert_eq!(
        warnings(&all),
        [
            "log.jsonl:1:272: `temperature` of the requests is not taken over\n  hint: how answers are drawn is the target's: its `sampling` and `body`"
        ]
    );
    let prompt = crate::workload::template::Template::default().render(first);
    assert_eq!(prompt.max_tokens, Some(64));
}

#[test]
fn requests_that_cant_be_replayed_are_told() {
    for (row, want) in [
        (
            r#"{"prompt": "x"}"#,
            "x.jsonl:1:1: messages: is missing: expected a chat-completions request, or a batch line of one",
        ),
        (
            r#"{"url": "/v1/embeddings", "body": {"messages": []}}"#,
            "x.jsonl:1:9: url: \"/v1/embeddings\" is not /v1/chat/completions, the only kind that is taken",
        ),
        (r#"{"body": {"messages": []}}"#, "x.jsonl:1:23: body.messages: must not be empty"),
        (
            r#"{"messages": [{"role": "user", "content": "u"}, {"role": "tool", "content": "t"}]}"#,
            "x.jsonl:1:58: messages: expected the role system, developer, user or assistant, found \"tool\"",
        ),
        (
            r#"{"messages": [{"role": "assistant", "tool_calls": [{}]}]}"#,
            "x.jsonl:1:15: messages: a message that calls tools can't be replayed",
        ),
        (
            r#"{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}"#,
            "x.jsonl:1:44: messages: expected a part of type \"text\", found \"image_url\": only text is asked",
        ),
        (
            r#"{"messages": [{"role": "assistant", "content": "a"}]}"#,
            "x.jsonl:1:14: messages: the last message must be the user's",
        ),
        (
            r#"{"messages": [{"role": "user", "content": "u"}], "max_tokens": 0}"#,
            "x.jsonl:1:64: max_tokens: expected a whole number from 1, found 0",
        ),
    ] {
        assert_eq!(bad("openai-requests", "path = 'x.jsonl'", ("x.jsonl", row)), [want], "{row}");
    }
    let named = bad(
        "openai-requests",
        "path = 'x.jsonl'\nanswer = 'meta.gold'",
        ("x.jsonl", r#"{"messages": [{"role": "user", "content": "u"}]}"#),
    );
    assert_eq!(named, ["x.jsonl:1:1: meta.gold: is missing"]);
}

#[test]
fn sharegpt_is_asked_turn_by_turn() {
    let text = "[\n {\"id\": \"c1\", \"conversations\": [{\"from\": \"system\", \"value\": \"s\"}, {\"from\": \"human\", \"value\": \"a\"},\n  {\"from\": \"gpt\", \"value\": \"b\"}, {\"from\": \"human\", \"value\": \"c\"}, {\"from\": \"gpt\", \"value\": \"d\"}]},\n {\"conversations\": [{\"from\": \"human\", \"value\": \"one\"}]}\n]\n";
    let all = good("sharegpt", "path = 'x.json'", &[("x.json", text)]);
    assert_eq!((ids(&all), all.lines.as_slice()), (vec!["c1", "x-2"], [2, 4].as_slice()));
    let first = all.items.first().unwrap();
    assert_eq!(asked(first), [(Role::System, "s"), (Role::User, "a")]);
    let turns: Vec<_> = first.turns.iter().map(|t| (t.user.as_str(), t.answers.len())).collect();
    assert_eq!(turns, [("a", 0), ("c", 0)]);
    assert!(all.items.iter().all(|item| item.answers.is_empty()));
    assert!(all.items.last().unwrap().turns.is_empty());
    let graded = load("sharegpt", "path = 'x.json'\nreferences = true", &[("x.json", text)]).unwrap();
    let first = graded.items.first().unwrap();
    assert_eq!(first.turns.iter().map(|t| t.answers.join("")).collect::<Vec<_>>(), ["b", "d"]);
    assert_eq!(first.answers, ["d"]);
    let bad: Vec<String> = graded.bad.iter().map(ToString::to_string).collect();
    assert_eq!(bad, ["x.json:4:20: conversations: has no answer to its last turn to take as a reference"]);
}

#[test]
fn conversations_that_cant_be_held_are_told() {
    let say = |from: &str, value: &str| format!("{{\"from\": \"{from}\", \"value\": \"{value}\"}}");
    for (said, want) in [
        (vec![say("gpt", "a")], "x.json:1:20: conversations: begins with `gpt`: there is no question to ask"),
        (vec![say("human", "a"), say("human", "b")], "x.json:1:53: conversations: two of `human` follow each other"),
        (
            vec![say("human", "a"), say("gpt", "b"), say("gpt", "c")],
            "x.json:1:84: conversations: two of `gpt` follow each other",
        ),
        (vec![say("human", " ")], "x.json:1:20: conversations: what `human` says must not be empty"),
        (vec![say("bot", "x")], "x.json:1:29: conversations: expected human, gpt or system, found \"bot\""),
        (vec!["{\"from\": \"human\"}".to_owned()], "x.json:1:20: conversations: a turn has no `value`"),
        (vec![], "x.json:1:19: conversations: expected from 1 to 1000 turns of `human`, found 0"),
    ] {
        let text = format!("[{{\"conversations\":[{}]}}]", said.join(", "));
        assert_eq!(bad("sharegpt", "path = 'x.json'", ("x.json", &text)), [want], "{text}");
    }
    let broken = bad("sharegpt", "path = 'x.json'", ("x.json", "{\"conversations\": []"));
    assert_eq!(broken, ["x.json:1:1: the file ends inside this element"]);
    let missing = bad("sharegpt", "path = 'x.json'", ("x.json", "[{\"id\": 1}]"));
    assert_eq!(missing, ["x.json:1:2: conversations: is missing"]);
}

#[test]
fn tags_of_data_without_any_are_the_configurations() {
    let wrong = load("gsm8k", "path = 'x'\ndomain = ''\nsplit = 'pubic'\nshots = 101", &[("x", "")]).err().unwrap();
    assert_eq!(
        wrong,
        [
            "c:3:10: d.domain: is not a usable tag\n  hint: it becomes a metric label: 1 to 64 bytes, no control characters",
            "c:4:9: d.split: expected one of public, private, fresh, found \"pubic\"\n  hint: did you mean \"public\"?",
            "c:5:9: d.shots: expected from 0 to 100",
            "c:5:9: d.shots: there are no examples to take so many of\n  hint: give shots_path",
        ]
    );
}
