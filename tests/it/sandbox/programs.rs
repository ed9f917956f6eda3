//! The scorer `code` with its sandbox: programs as models write them, and programs that try to pass without being right.

use super::run;
use crate::support::{Outcome, Server, needs};
use assayd::config::{self, Source};
use assayd::domain::{Answer, Ended, Finding, Item, Reply, Split, Tags, Verdict};
use assayd::scoring::{Graded, KINDS, Scorer};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use std::sync::Arc;

/// All tests.
pub fn tests() -> Vec<Trial> {
    let tests: [super::Named; 6] = [
        ("grades_right_and_wrong_programs", graded),
        ("compares_output_with_input", compared),
        ("takes_values_objects_and_errors_across", crossed),
        ("accepts_no_forged_result", forged),
        ("tells_why_a_program_fails", why),
        ("does_not_blame_the_program_for_the_test", blameless),
    ];
    let named = |(name, test): super::Named| needs(Server::Bubblewrap, &format!("programs::{name}"), test);
    tests.into_iter().map(named).collect()
}

fn scorer() -> Result<Arc<dyn Scorer>, Failed> {
    let kind = KINDS.iter().find(|kind| kind.name == "code").ok_or("no scorer code")?;
    let settings = "sandbox = \"bubblewrap\"\ntime = \"3s\"\nmemory = \"128 MiB\"";
    let built = config::read(&Source::inline("s", settings), |section| (kind.build)(Some(section)));
    built.map_err(|problems| format!("{problems:?}").into())
}

/// What is found of a program, by the whole way: taken out of an answer, run, settled.
fn found(program: &str, tests: Value) -> Result<Finding, Failed> {
    let scorer = scorer()?;
    let spec = [("tests".to_owned(), tests)].into_iter().collect();
    let tags = Tags::new("d", "c", "en", Split::Fresh);
    let item = Item { spec: Some(Arc::new(spec)), ..Item::question("i", "?", Vec::new(), tags) };
    scorer.accepts(&item)?;
    let answer = Answer { text: format!("Here it is:\n```python\n{program}\n```\nDone."), ..Answer::default() };
    let Graded::Run(job) = scorer.grade(&item, &answer) else { return Err("nothing to run".into()) };
    let super::Came { ended, output, errors } = run(&job)?;
    if !errors.is_empty() {
        return Err(format!("the harness complains: {errors}").into());
    }
    Ok(scorer.settle(&item, &answer, &[Reply::Ran { ended, output, errors }]))
}

/// Fails with all cases whose rule or score is not as wanted.
fn all(cases: &[(&str, &str, Value, &str, f64)]) -> Outcome {
    let mut wrong = Vec::new();
    for (name, program, tests, rule, score) in cases {
        let got = found(program, tests.clone())?;
        let verdict = match *rule {
            "code/passed" => Verdict::Correct,
            "code/broken-test" => Verdict::Ungraded,
            _ => Verdict::Wrong,
        };
        if (got.rule, got.verdict) != (*rule, verdict) || (got.score - score).abs() > 1e-9 {
            wrong.push(format!("{name}: want {rule} {score}, got {got:?}"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

const ADD: &str = "def add(a, b):\n    return a + b";

fn graded() -> Outcome {
    let check = json!({"entry_point": "add", "cases": "def check(candidate):\n    assert candidate(1, 2) == 3\n    assert candidate(-1, 1) == 0\n"});
    let prefix = "from typing import List\n\ndef add(a: int, b: int) -> int:\n    \"\"\"Adds.\"\"\"\n";
    let going_on = json!({"entry_point": "add", "prefix": prefix, "cases": "assert add(1, 2) == 3"});
    all(&[
        ("humaneval", ADD, check.clone(), "code/passed", 1.0),
        ("humaneval, wrong", "def add(a, b):\n    return a - b", check.clone(), "code/wrong-answer", 0.0),
        ("another name", "def plus(a, b):\n    return a + b", check, "code/crashed", 0.0),
        ("mbpp", ADD, json!(["assert add(1, 2) == 3", "assert add('a', 'b') == 'ab'"]), "code/passed", 1.0),
        ("a share", ADD, json!(["assert add(1, 2) == 3", "assert add(1, 1) == 3"]), "code/wrong-answer", 0.5),
        ("a body", "    return a + b", going_on.clone(), "code/passed", 1.0),
        ("the prefix' imports", "def add(a: int, b: List) -> int:\n    return a + b", going_on, "code/passed", 1.0),
        (
            "a main guard",
            &format!("{ADD}\nif __name__ == '__main__':\n    print(add(*input()))"),
            json!("assert add(1, 2) == 3"),
            "code/passed",
            1.0,
        ),
        ("functions of pytest", ADD, json!("def test_sum():\n    assert add(1, 2) == 4"), "code/wrong-answer", 0.0),
        (
            "classes of unittest",
            ADD,
            json!(
                "import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(add(1, 2), 4)"
            ),
            "code/wrong-answer",
            0.0,
        ),
    ])
}

fn compared() -> Outcome {
    let cases = json!([{"stdin": "1 2\n", "stdout": "3"}, {"stdin": "5 7\n", "stdout": "12\n"}]);
    all(&[
        ("right", "print(sum(map(int, input().split())))", cases.clone(), "code/passed", 1.0),
        ("blanks", "print(sum(map(int, input().split())), '  \\n')", cases.clone(), "code/passed", 1.0),
        ("wrong for one", "input(); print(3)", cases.clone(), "code/wrong-answer", 0.5),
        (
            "one line more",
            "print(sum(map(int, input().split())))\nprint('ok')",
            cases.clone(),
            "code/wrong-answer",
            0.0,
        ),
        (
            "an exit code",
            "print(sum(map(int, input().split()))); raise SystemExit(1)",
            cases.clone(),
            "code/crashed",
            0.0,
        ),
        (
            "input that is not read",
            "print(3)",
            json!([{"stdin": "x".repeat(1 << 18), "stdout": "3"}]),
            "code/passed",
            1.0,
        ),
        ("much output", "input()\nwhile True: print('x' * 1000000)", cases, "code/wrong-answer", 0.0),
    ])
}

fn crossed() -> Outcome {
    let stack = "class Stack:\n    def __init__(self, items=()):\n        self.items = list(items)\n    def push(self, x):\n        \
                 self.items.append(x)\n        return self\n    def __len__(self):\n        return len(self.items)\n    def \
                 __iter__(self):\n        return iter(self.items)\n    def __eq__(self, other):\n        return self.items == other.items\n\
                 class Empty(ValueError):\n    pass\ndef pop(stack):\n    if not stack.items:\n        raise Empty('empty')\n    \
                 return stack.items.pop()\ndef sort_here(x):\n    x.sort()\ndef apply(f, x):\n    return [f(y) for y in x]\n\
                 def squares(n):\n    for i in range(n):\n        yield i * i\ndef same(x):\n    return x\n";
    let tests = [
        "s = Stack()\ns.push(1).push(2)\nassert len(s) == 2 and list(s) == [1, 2] and s.items == [1, 2]",
        "assert Stack([1]) == Stack([1]) and not Stack([1]) == Stack([2]) and Stack([1]) != [1]",
        "assert isinstance(Stack(), Stack) and not isinstance(3, Stack)",
        "try:\n    pop(Stack())\n    assert False\nexcept Empty as e:\n    assert str(e) == 'empty'",
        "try:\n    pop(Stack())\n    assert False\nexcept ValueError:\n    pass",
        "x = [3, 1, 2]\nsort_here(x)\nassert x == [1, 2, 3]",
        "assert apply(lambda y: y * 2, [1, 2]) == [2, 4]",
        "assert list(squares(4)) == [0, 1, 4, 9] and 4 in squares(5)",
        "import math, datetime, decimal, fractions, collections\nfor x in [None, True, 10**400, -1, 1.5, float('inf'), 'ü\\ud800', b'x', (1, [2]), {1: {2}}, \
         frozenset([1]), range(3), 1j, datetime.date(2024, 2, 29), datetime.timedelta(1), decimal.Decimal('1.10'), fractions.Fraction(1, 3), collections.deque([1]), int]:\n    \
         assert same(x) == x and type(same(x)) is type(x), x\nassert math.isnan(same(float('nan')))",
    ];
    let cases: Vec<_> = tests.iter().map(|test| (*test, stack, json!([test]), "code/passed", 1.0)).collect();
    all(&cases)?;
    let tree = json!({"setup": "class Node:\n    def __init__(self, v, n=None):\n        self.v, self.n = v, n",
        "cases": "assert total(Node(1, Node(2))) == 3"});
    all(&[(
        "a class of the question",
        "def total(node):\n    return node.v + total(node.n) if node else 0",
        tree,
        "code/passed",
        1.0,
    )])
}

/// A program that is not right passes nothing, whatever it does.
fn forged() -> Outcome {
    let liar = "class Liar:\n    def __getattr__(self, name):\n        return self\n    def __call__(self, *a, **k):\n        return True\n    \
                __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = __contains__ = lambda self, other: True\n    \
                __sub__ = __rsub__ = __abs__ = __add__ = lambda self, *other: 0\n    def __bool__(self):\n        return True\n    \
                def __hash__(self):\n        return 3\ndef add(a, b):\n    return Liar()";
    let lie = "{\\\"results\\\": [\\\"passed\\\"], \\\"detail\\\": \\\"\\\"}";
    let programs = [
        ("exits at once", "import os\nos._exit(0)".to_owned()),
        ("exits in the call", "import sys\ndef add(a, b):\n    sys.exit(0)".into()),
        ("leaves in the call", "import os\ndef add(a, b):\n    os._exit(0)".into()),
        ("equals everything", liar.into()),
        ("prints results", format!("print(\"{lie}\")\nimport sys, os\nfor fd in range(64):\n    try: os.write(fd, b\"{lie}\\n\")\n    except OSError: pass\n")),
        ("answers for the worker", "import os, json\nfor fd in range(3, 64):\n    try: os.write(fd, b'{\"value\": {\"names\": {\"add\": true}, \"errors\": {}}}\\n{\"value\": true}\\n{\"value\": {\"i\": \"3\"}}\\n')\n    except OSError: pass".into()),
        ("breaks the worker", "import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'{\"value\": {\"o\": [[[]]]}}\\n')\n    except OSError: pass".into()),
        ("kills the harness", "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)".into()),
        ("looks into the harness", "import os\ndef add(a, b):\n    open('/proc/%d/fd/1' % os.getppid(), 'w').write('x')".into()),
        ("changes what tests use", "import builtins, math\nbuiltins.AssertionError = builtins.print\nmath.isclose = lambda *a, **k: True\ndef add(a, b): return 9\ndef check(*a): pass\nall = any = lambda x: True".into()),
        ("names a module", "class math:\n    isclose = staticmethod(lambda *a, **k: True)\ndef add(a, b): return 9".into()),
        ("changes the harness' files", "for name in ['harness.py', 'worker.py']:\n    open(name, 'w').write('print(1)')\ndef add(a, b): return 9".into()),
        ("raises an assertion", "def add(a, b): raise AssertionError('passed')".into()),
        ("goes on in the background", "import os, time\nif os.fork() == 0:\n    os.setsid()\n    while True: time.sleep(1)\ndef add(a, b): return 9".into()),
    ];
    let tests = [
        json!(["assert add(1, 2) == 3"]),
        json!(["assert abs(add(1, 2) - 3) < 1e-6"]),
        json!({"entry_point": "add", "cases": ["import math\ndef check(candidate):\n    assert math.isclose(candidate(1, 2), 3)"]}),
        json!(["assert add(1, 2) in (3, 4) and all(x for x in [add(1, 2) == 3])"]),
    ];
    let mut passed = Vec::new();
    for (name, program) in &programs {
        // The first test against all of them, the others against those that return something.
        for tests in tests.iter().take(if program.contains("return") { 4 } else { 1 }) {
            let got = found(program, tests.clone())?;
            if got.verdict != Verdict::Wrong || got.score != 0.0 {
                passed.push(format!("{name}, {tests}: {got:?}"));
            }
        }
    }
    let output = json!([{"stdin": "", "stdout": "3"}]);
    let got = found(&format!("print('''{}''')", lie.replace("\\\"", "\"")), output)?;
    if got.verdict != Verdict::Wrong {
        passed.push(format!("printed: {got:?}"));
    }
    if passed.is_empty() { Ok(()) } else { Err(passed.join("\n").into()) }
}

fn why() -> Outcome {
    let one = || json!(["assert add(1, 2) == 3"]);
    let three =
        || json!(["assert add(1, 2) == 3", "assert add(2, 2) == 4", "assert add(2, 3) == 5", "assert add(3, 3) == 6"]);
    all(&[
        ("syntax", "def add(a, b):\n    return a +", one(), "code/compile-error", 0.0),
        ("an error", "def add(a, b):\n    return a + c", one(), "code/crashed", 0.0),
        ("an error at once", "import nowhere\ndef add(a, b):\n    return a + b", one(), "code/crashed", 0.0),
        ("a signal", "import os\ndef add(a, b):\n    os.kill(os.getpid(), 11)", one(), "code/crashed", 0.0),
        ("memory", "def add(a, b):\n    return [0] * 10**9", one(), "code/memory", 0.0),
        ("a loop for one", "def add(a, b):\n    while a == 1: pass\n    return a + b", three(), "code/timed-out", 0.75),
        (
            "endless data",
            "def add(a, b):\n    while True: yield a",
            json!(["assert list(add(1, 2)) == 3"]),
            "code/timed-out",
            0.0,
        ),
    ])
}

/// A test that can't be run is no verdict on the program; nor is a sandbox that did not run it.
fn blameless() -> Outcome {
    all(&[
        ("syntax of the test", ADD, json!(["assert add(1, 2 == 3"]), "code/broken-test", 0.0),
        ("a module of the test", ADD, json!(["import no_such_module\nassert add(1, 2) == 3"]), "code/broken-test", 0.0),
    ])?;
    let scorer = scorer()?;
    let spec = [("tests".to_owned(), json!(["assert add(1, 2) == 3"]))].into_iter().collect();
    let tags = Tags::new("d", "c", "en", Split::Fresh);
    let item = Item { spec: Some(Arc::new(spec)), ..Item::question("i", "?", Vec::new(), tags) };
    let answer = Answer { text: format!("```python\n{ADD}\n```"), ..Answer::default() };
    let ran = |ended, output: &str| Reply::Ran { ended, output: output.into(), errors: "prlimit: no".into() };
    for (reply, want) in [
        (Some(Reply::Failed("no sandbox".into())), (Verdict::Ungraded, "code/not-run")),
        (None, (Verdict::Ungraded, "code/not-run")),
        (Some(ran(Ended::Exited(127), "")), (Verdict::Ungraded, "code/not-run")),
        (
            Some(ran(Ended::Exited(0), "{\"results\": [\"passed\"], \"detail\": \"\"}")),
            (Verdict::Ungraded, "code/not-run"),
        ),
    ] {
        let got = scorer.settle(&item, &answer, reply.as_slice());
        if (got.verdict, got.rule) != want {
            return Err(format!("{reply:?}: want {want:?}, got {got:?}").into());
        }
    }
    Ok(())
}
