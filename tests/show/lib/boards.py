"""Whole boards in their original file formats, with questions made up here, and their averages worked out a second time.

The subjects are typed from the boards' own lists, so that a subject that assayd lacks or counts elsewhere shows.

usage: boards.py write FOLDER
       boards.py check LINT.txt REPORT.json SAMPLES.jsonl TRUTH.json VERDICT
"""

import csv
import json
import re
import sys
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

from claims import Claims

C_EVAL = {
    "STEM": "computer_network operating_system computer_architecture college_programming college_physics college_chemistry "
    "advanced_mathematics probability_and_statistics discrete_mathematics electrical_engineer metrology_engineer "
    "high_school_mathematics high_school_physics high_school_chemistry high_school_biology middle_school_mathematics "
    "middle_school_biology middle_school_physics middle_school_chemistry veterinary_medicine",
    "Social Science": "college_economics business_administration marxism mao_zedong_thought education_science "
    "teacher_qualification high_school_politics high_school_geography middle_school_politics middle_school_geography",
    "Humanities": "modern_chinese_history ideological_and_moral_cultivation logic law chinese_language_and_literature "
    "art_studies professional_tour_guide legal_professional high_school_chinese high_school_history middle_school_history",
    "Other": "civil_servant sports_science plant_protection basic_medicine clinical_medicine urban_and_rural_planner "
    "accountant fire_engineer environmental_impact_assessment_engineer tax_accountant physician",
}
C_EVAL_HARD = (
    "advanced_mathematics discrete_mathematics probability_and_statistics college_chemistry college_physics "
    "high_school_mathematics high_school_chemistry high_school_physics"
).split()
CMMLU = {
    "STEM": "anatomy astronomy college_actuarial_science college_engineering_hydrology college_mathematics "
    "college_medical_statistics computer_science conceptual_physics electrical_engineering elementary_mathematics genetics "
    "high_school_biology high_school_chemistry high_school_mathematics high_school_physics machine_learning virology",
    "Humanities": "arts chinese_history chinese_literature college_law global_facts international_law "
    "jurisprudence logical marxist_theory philosophy professional_law world_history world_religions",
    "Social Science": "ancient_chinese business_ethics chinese_foreign_policy chinese_teacher_qualification chinese_civil_service_exam "
    "college_education economics education high_school_geography high_school_politics journalism management marketing "
    "professional_accounting professional_psychology public_relations security_study sociology chinese_food_culture "
    "elementary_chinese ethnology modern_chinese",
    "Other": "agronomy chinese_driving_rule clinical_knowledge college_medicine computer_security "
    "construction_project_management elementary_commonsense elementary_information_and_technology food_science "
    "human_sexuality legal_and_moral_basis nutrition professional_medicine sports_science "
    "traditional_chinese_medicine",
}
MMLU = {
    "STEM": "abstract_algebra astronomy college_biology college_chemistry college_computer_science college_mathematics "
    "college_physics computer_security conceptual_physics electrical_engineering elementary_mathematics "
    "high_school_biology high_school_chemistry high_school_computer_science high_school_mathematics high_school_physics "
    "high_school_statistics machine_learning",
    "humanities": "formal_logic high_school_european_history high_school_us_history high_school_world_history "
    "international_law jurisprudence logical_fallacies moral_disputes moral_scenarios philosophy prehistory "
    "professional_law world_religions",
    "social sciences": "econometrics high_school_geography high_school_government_and_politics "
    "high_school_macroeconomics high_school_microeconomics high_school_psychology human_sexuality "
    "professional_psychology public_relations security_studies sociology us_foreign_policy",
    "other": "anatomy business_ethics clinical_knowledge college_medicine global_facts human_aging management marketing "
    "medical_genetics miscellaneous nutrition professional_accounting professional_medicine virology",
}

# The boards: scenario, name, subjects by category, how many those are as the board says, what it averages over.
BOARDS = [
    ("c-eval", "C-Eval", C_EVAL, [20, 10, 11, 11], "subjects"),
    ("cmmlu", "CMMLU", CMMLU, [17, 13, 22, 15], "subjects"),
    ("mmlu", "MMLU", MMLU, [18, 13, 12, 14], "questions"),
]
# Asked as well with another average than the board's own: scenario, whose files, over what.
OTHERWISE = [("mmlu-macro", "mmlu", "subjects")]
SHOTS = 2


def rows(scenario, subject, part, count):
    """Questions that nobody else asks: a sum of numbers that are the subject's own."""
    for n in range(count):
        seed = sum(map(ord, scenario + subject + part)) * 31 + n
        right, a = seed % 4, seed % 97
        said = f"{scenario} {subject} {part} {n}: {a} + {n + 5} = ?"
        options = [str(a + n + 5 + k - right) for k in range(4)]
        yield n, said, options, "ABCD"[right]


def size(subject):
    """Subjects differ in size, so that an average over questions is another one."""
    return 1 + sum(map(ord, subject)) % 5


def subjects(groups):
    return [(category, subject) for category, names in groups.items() for subject in names.split()]


def write(folder):
    answers = []
    for scenario, _, groups, _, _ in BOARDS:
        for _, subject in subjects(groups):
            for part, count in (("val" if scenario == "c-eval" else "test", size(subject)), ("dev", SHOTS)):
                name = subject if scenario == "cmmlu" else f"{subject}_{part}"
                path = Path(folder, scenario, part, f"{name}.csv")
                path.parent.mkdir(parents=True, exist_ok=True)
                with open(path, "w", encoding="utf-8", newline="") as file:
                    out = csv.writer(file)
                    if scenario == "c-eval":
                        more = ["explanation"] if part == "dev" else []
                        out.writerow(["id", "question", "A", "B", "C", "D", "answer", *more])
                    if scenario == "cmmlu":
                        out.writerow(["", "Question", "A", "B", "C", "D", "Answer"])
                    for n, said, options, right in rows(scenario, subject, part, count):
                        number = [] if scenario == "mmlu" else [n]
                        more = ["Add them."] if scenario == "c-eval" and part == "dev" else []
                        out.writerow([*number, said, *options, right, *more])
                        answers.append({"prompt": said, "answer": right})
    path = Path(folder, "gsm8k.jsonl")
    with open(path, "w", encoding="utf-8") as out:
        for n in range(200):
            count, price = n + 3, 11 + n * 7 % 400
            said = f"Ann buys {count} pens at ${price} each. What does she pay, in dollars?"
            working = f"She pays {count} * {price} = $<<{count}*{price}={count * price}>>{count * price}.\n#### {count * price:,}"
            out.write(json.dumps({"question": said, "answer": working}) + "\n")
            answers.append({"prompt": said, "answer": f"{count * price}"})
    with open(Path(folder, "answers.jsonl"), "w", encoding="utf-8") as out:
        out.writelines(json.dumps(answer) + "\n" for answer in answers)


def mean(verdicts, over):
    """The average of graded answers by subject; none without any."""
    all_of = [v for of_subject in verdicts.values() for v in of_subject]
    if not all_of:
        return None
    if over == "questions":
        return Fraction(sum(all_of), len(all_of))
    return sum((Fraction(sum(v), len(v)) for v in verdicts.values()), Fraction(0)) / len(verdicts)


def averages(told, board, groups, verdicts):
    """Whether a report's averages of a board are those of its samples, and how many it has."""
    if told is None:
        return False, 0
    members = {("category", category): names.split() for category, names in groups.items()}
    members["all", None] = [subject for names in groups.values() for subject in names.split()]
    if board == "C-Eval":
        members["hard", None] = C_EVAL_HARD
    got = {(a["over"], a["category"]): a for a in told["averages"]}
    held = told["board"] == board and told["partial"] is False and set(got) == set(members)
    for part, group in members.items() if held else ():
        expected = mean({subject: verdicts[subject] for subject in group}, "subjects")
        estimate = got[part]["accuracy"]["estimate"]
        held = held and abs(estimate - float(expected)) < 1e-9
        held = held and got[part]["subjects"] == got[part]["of"] == len(group)
    return held, len(got)


def check(lint_path, report_path, samples_path, truth_path, verdict_path):
    claims = Claims()
    lint = Path(lint_path).read_text(encoding="utf-8")
    loaded = {name: int(items) for name, items in re.findall(r"^scenario (\S+) .*\n +items +(\d+)", lint, re.MULTILINE)}
    wanted = {s: sum(size(subject) for _, subject in subjects(groups)) for s, _, groups, _, _ in BOARDS} | {"gsm8k": 200}
    claims.hold("bad row" not in lint and "no reference" not in lint, "no row is bad, each has a reference")

    wanted |= {name: wanted[of] for name, of, _ in OTHERWISE}
    claims.hold(loaded == wanted, f"rows loaded: {loaded}")
    right, counted = defaultdict(dict), defaultdict(dict)
    for line in Path(samples_path).read_text(encoding="utf-8").splitlines():
        sample = json.loads(line)
        if sample["purpose"] == "measure":
            verdicts = right[sample["scenario"]].setdefault(sample["domain"], [])
            verdicts.append(sample["verdict"] == "correct")
            counted[sample["scenario"]][sample["domain"]] = sample["capability"]
            assert sample["verdict"] in ("correct", "wrong"), sample
    (report,) = json.loads(Path(report_path).read_text(encoding="utf-8"))["reports"]
    told = {average["scenario"]: average for average in report["board_averages"]}
    whole = [row for row in report["rows"] if row["domain"] is None and row["split"] is None]
    plain = {row["scenario"]: row["accuracy"]["estimate"] for row in whole}
    files, said = 1, []
    for scenario, name, groups, sizes, _ in BOARDS:
        files += 2 * sum(sizes)
        members = {category: set(names.split()) for category, names in groups.items()}
        everything = {subject: category for category, group in members.items() for subject in group}
        claims.hold(
            [len(group) for group in members.values()] == sizes and counted[scenario] == everything,
            f"{name}: {len(everything)} subjects, each counted under its category, {' + '.join(map(str, sizes))}",
        )
    for scenario, of, over in [(b[0], b[0], b[4]) for b in BOARDS] + OTHERWISE:
        _, name, groups, sizes, _ = next(b for b in BOARDS if b[0] == of)
        verdicts = right[scenario]
        figure = mean(verdicts, over)
        other = mean(verdicts, "questions" if over == "subjects" else "subjects")
        claims.hold(figure != other, f"{scenario}: over {over} it is {float(figure):.4f}, else {float(other):.4f}")
        if over == "questions":
            # No average of averages: it is the accuracy itself.
            same = abs(plain[scenario] - float(figure)) < 1e-9 and scenario not in told
            claims.hold(same, f"{scenario}: the accuracy is that of its samples")
        else:
            held, count = averages(told.get(scenario), name, groups, verdicts)
            claims.hold(held, f"{scenario}: {count} averages over subjects are those of its samples")
        said.append(f"{name} over {sum(sizes)} subjects ({'/'.join(map(str, sizes))}) by {over} {float(figure):.4f}")
    gsm8k = [verdict for verdicts in right["gsm8k"].values() for verdict in verdicts]
    claims.hold(len(gsm8k) == 200 and 0 < sum(gsm8k) < 200, f"GSM8K: {sum(gsm8k)} of {len(gsm8k)} right")
    totals = json.loads(Path(truth_path).read_text(encoding="utf-8"))["totals"]
    known = sum(total["right"] for total in totals)
    found = sum(sum(v) for by_subject in right.values() for v in by_subject.values())
    claims.hold(known == found, f"right answers: {found} graded so, {known} given by the endpoint's own record")
    claims.write(
        verdict_path,
        f"{sum(loaded.values())} rows of {files} files; {', '.join(said)}: averages over all, by category and over C-Eval's "
        f"{len(C_EVAL_HARD)} hard ones as worked out again; GSM8K {sum(gsm8k)} of {len(gsm8k)}; the endpoint's record has as "
        f"many right",
    )


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]](*sys.argv[2:])
