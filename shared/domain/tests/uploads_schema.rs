//! The documents described in `uploads-schema/` are those that the types read and write.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // a test may fail

use std::{collections::BTreeSet, fs, path::PathBuf};

use jsonschema::Validator;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use smartscripts_domain::{feedback::Feedback, guide::Guide, reading::Reading, submission::limits};

fn read(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../uploads-schema").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn schema(name: &str) -> Validator {
    let schema: Value = serde_json::from_str(&read(&format!("{name}.schema.json"))).unwrap();
    jsonschema::meta::validate(&schema).expect("a schema that is one");
    jsonschema::validator_for(&schema).unwrap()
}

fn example(name: &str) -> Value {
    serde_json::from_str(&read(&format!("examples/{name}.json"))).unwrap()
}

/// The example fits its schema, and the type gives back the very bytes that it read.
fn check<T: Serialize + DeserializeOwned>(name: &str) -> T {
    check_with(name, name)
}

fn check_with<T: Serialize + DeserializeOwned>(schema_name: &str, name: &str) -> T {
    let problems: Vec<String> = schema(schema_name)
        .iter_errors(&example(name))
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(problems, [""; 0], "{name}");
    let text = read(&format!("examples/{name}.json"));
    let parsed: T = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string_pretty(&parsed).unwrap() + "\n", text, "{name}");
    parsed
}

#[test]
fn the_guide_example_fits_and_is_a_valid_guide() {
    check::<Guide>("guide").check().unwrap();
}

#[test]
fn the_example_of_every_kind_of_question_fits_and_is_a_valid_guide() {
    let guide: Guide = check_with("guide", "rubrics");
    guide.check().unwrap();
    let kinds: BTreeSet<String> = guide
        .questions
        .iter()
        .map(|question| serde_json::to_value(&question.marking).unwrap()["kind"].as_str().unwrap().to_owned())
        .collect();
    let all = ["explanation", "numeric", "short_answer", "single_choice", "steps", "true_false"];
    assert_eq!(kinds.iter().map(String::as_str).collect::<Vec<_>>(), all, "the other example has a multiple choice");
}

#[test]
fn a_broken_rubric_is_refused_by_the_schema_and_by_us() {
    let variants = [
        ("/best_of/0/count", Some(json!(0))),
        ("/best_of/0/questions", Some(json!(["8a"]))),
        ("/questions/0/marking/groups/0/rule", Some(json!("some_of"))),
        ("/questions/0/marking/groups/0/marks", None),
        ("/questions/1/marking/groups/0/marks", Some(json!(1))),
        ("/questions/0/marking/criteria/0/marks", Some(json!(0))),
        ("/questions/2/marking/criteria/0/levels", Some(json!([{ "name": "all", "description": "", "marks": 4 }]))),
        ("/questions/2/marking/criteria/0/levels/0/marks", Some(json!(-1))),
        ("/questions/2/marking/criteria/0/levels/0/name", Some(json!(""))),
        ("/questions/3/marking/significant_figures", Some(json!(0))),
        ("/questions/3/marking/significant_figures", Some(json!(16))),
        ("/questions/4/minimum", Some(json!(1))),
        ("/questions/4/marking/wrong_option_costs", Some(json!(-1))),
        ("/questions/5/marking/verdict_marks", Some(json!(0))),
        ("/questions/5/marking/is_true", Some(json!("no"))),
        ("/questions/6/marking/steps/1/id", Some(json!("1st"))),
        ("/questions/6/marking/steps/1/result/tolerance", Some(json!(-1))),
        ("/questions/6/marking/steps/2/result/formula", Some(json!(""))),
    ];
    for (path, value) in variants {
        let guide = broken(&example("rubrics"), path, value.clone());
        assert!(!schema("guide").is_valid(&guide), "the schema accepts {value:?} at {path}");
        let taken = serde_json::from_str::<Guide>(&guide.to_string()).ok();
        assert!(taken.is_none_or(|guide| guide.check().is_err()), "the API accepts {value:?} at {path}");
    }
}

#[test]
fn the_reading_example_fits_and_its_lines_are_their_words() {
    let reading: Reading = check("reading");
    for line in reading.pages.iter().flat_map(|page| &page.lines) {
        let words: Vec<&str> = line.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(words.join(" "), line.text);
    }
}

#[test]
fn the_feedback_example_fits_adds_up_and_answers_the_guide() {
    let (feedback, guide): (Feedback, Guide) = (check("feedback"), check("guide"));
    assert_eq!(feedback.marks, feedback.questions.iter().map(|question| question.marks).sum());
    assert_eq!(feedback.max_marks, guide.total_marks);
    for (grade, question) in feedback.questions.iter().zip(&guide.questions) {
        assert_eq!((&grade.question, grade.max_marks), (&question.label, question.marks));
        assert_eq!(grade.marks, grade.criteria.iter().map(|criterion| criterion.marks).sum());
        let asked: Vec<_> = question.criteria().into_iter().map(|c| (c.id, c.description, c.marks)).collect();
        let graded: Vec<_> =
            grade.criteria.iter().map(|c| (c.criterion.clone(), c.description.clone(), c.max_marks)).collect();
        assert_eq!(graded, asked);
        for evidence in grade.criteria.iter().filter_map(|criterion| criterion.evidence.as_ref()) {
            assert_eq!(&grade.answer[evidence.start..evidence.end], evidence.text);
        }
    }
}

/// Puts a value at a path of a document, or removes what is there.
fn broken(document: &Value, path: &str, value: Option<Value>) -> Value {
    let mut document = document.clone();
    let (parent, last) = path.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("{path} is not in the example"));
    match (parent, value) {
        (Value::Object(object), Some(value)) => drop(object.insert(last.to_owned(), value)),
        (Value::Object(object), None) => drop(object.remove(last).unwrap()),
        (Value::Array(array), Some(value)) => array[last.parse::<usize>().unwrap()] = value,
        (Value::Array(array), None) => drop(array.remove(last.parse().unwrap())),
        (other, _) => panic!("{path}: {other}"),
    }
    document
}

fn refuses(name: &str, variants: &[(&str, Option<Value>)]) {
    let (schema, example) = (schema(name), example(name));
    for (path, value) in variants {
        assert!(!schema.is_valid(&broken(&example, path, value.clone())), "{name} accepts {value:?} at {path}");
    }
}

#[test]
fn a_broken_guide_is_refused_by_the_schema_and_by_us() {
    let long = |length| "x".repeat(length);
    let variants = [
        ("/schema_version", Some(json!(2))),
        ("/title", None),
        ("/title", Some(json!(""))),
        ("/title", Some(json!(long(201)))),
        ("/total_marks", Some(json!("7.5"))),
        ("/total_marks", Some(json!(0))),
        ("/total_marks", Some(json!(10001))),
        ("/teacher", Some(json!("me"))),
        ("/questions", Some(json!([]))),
        ("/questions/0/label", Some(json!("1.a"))),
        ("/questions/0/label", Some(json!("12345678901"))),
        ("/questions/0/text", Some(json!(long(4001)))),
        ("/questions/0/marks", Some(json!(-1))),
        ("/questions/0/marks", Some(json!(0.3333))),
        ("/questions/0/hint", Some(json!("think"))),
        ("/questions/0/marking/kind", Some(json!("essay"))),
        ("/questions/1/marking/criteria", Some(json!([]))),
        ("/questions/0/marking/options", Some(json!([]))),
        ("/questions/0/marking/criteria/0/id", Some(json!(long(41)))),
        ("/questions/0/marking/criteria/0/id", Some(json!(""))),
        ("/questions/0/marking/criteria/0/description", None),
        ("/questions/0/marking/criteria/0/description", Some(json!(long(1001)))),
        ("/questions/0/marking/criteria/0/accepted_phrasings", Some(json!(vec!["x"; 51]))),
        ("/questions/0/marking/reference_answers", Some(json!(vec!["x"; 21]))),
        ("/questions/0/marking/criteria/0/weight", Some(json!(1))),
        ("/questions/2/marking/tolerance", Some(json!(-0.1))),
        ("/questions/2/marking/value", Some(json!("12.5"))),
        ("/questions/3/marking/correct", Some(json!(["A", "B"]))),
        ("/questions/3/marking/options/0/key", Some(json!("a"))),
        ("/questions/4/marking/correct", Some(json!([]))),
        ("/questions/4/marking/correct", Some(json!(["B", "B"]))),
    ];
    refuses("guide", &variants);
    for (path, value) in variants {
        let guide = broken(&example("guide"), path, value.clone());
        // As the API takes it: text into the type, which refuses what it doesn't know, and then the check.
        let taken = serde_json::from_str::<Guide>(&guide.to_string()).ok();
        assert!(taken.is_none_or(|guide| guide.check().is_err()), "the API accepts {value:?} at {path}");
    }
}

#[test]
fn a_broken_reading_is_refused() {
    refuses(
        "reading",
        &[
            ("/engine", None),
            ("/note", Some(json!("x"))),
            ("/pages/0/page", Some(json!(0))),
            ("/pages/0/width", Some(json!(12.5))),
            ("/pages/0/source", Some(json!("guessed"))),
            ("/pages/0/lines/0/confidence", Some(json!(1.1))),
            ("/pages/0/lines/0/confidence", Some(Value::Null)),
            ("/pages/0/lines/0/language", Some(json!("en"))),
            ("/pages/0/lines/0/words/0/text", None),
            ("/pages/0/lines/0/words/0/quad", Some(json!([[0, 0], [1, 0], [1, 1]]))),
            ("/pages/0/lines/0/words/0/quad/0", Some(json!([0.5, 0]))),
        ],
    );
}

#[test]
fn a_broken_feedback_is_refused() {
    refuses(
        "feedback",
        &[
            ("/assessment", Some(json!("sub_01JD0N8Q2V3W4X5Y6Z7A8B9C0D"))),
            ("/submission", Some(json!("sub_01jd0n8q2v3w4x5y6z7a8b9c0e"))),
            ("/marks", Some(json!(-1))),
            ("/confidence", Some(json!(2))),
            ("/review_reasons", Some(json!([""]))),
            ("/questions", Some(json!([]))),
            ("/student", Some(json!("Ada"))),
            ("/questions/0/review_reason", Some(Value::Null)),
            ("/questions/0/decided", Some(json!({ "decisions": [] }))),
            ("/questions/0/criteria/0/reason", Some(json!(""))),
            ("/questions/0/criteria/0/awarded", Some(json!(true))),
            ("/questions/0/criteria/0/evidence/boxes/0/page", Some(json!(0))),
            ("/questions/0/criteria/0/evidence/start", Some(json!(-1))),
            ("/questions/4/decided/machine", None),
            ("/questions/4/decided/decisions", Some(json!([]))),
            ("/questions/4/decided/decisions/0/by", Some(json!("Ada"))),
            ("/questions/4/decided/decisions/0/comment", Some(json!(""))),
            ("/questions/4/decided/decisions/0/kind", Some(json!("undone"))),
            ("/tray/0/text", None),
        ],
    );
}

#[test]
fn marks_of_a_thousandth_are_accepted() {
    let (schema, example) = (schema("guide"), example("guide"));
    for marks in [0.001, 0.1, 0.333, 0.667, 1.005, 2.675, 4.35, 12.345, 9999.999] {
        assert!(schema.is_valid(&broken(&example, "/questions/0/marks", Some(json!(marks)))), "{marks}");
    }
}

#[test]
fn the_readme_states_the_limits() {
    let readme = read("README.md");
    let stated: Vec<(&str, u64)> = readme
        .lines()
        .skip_while(|line| *line != "| Limit | Value |")
        .skip(2)
        .map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.rsplit_once(" | "))
        .map(|(name, value)| (name, value.parse().expect("a number")))
        .collect();
    assert_eq!(
        stated,
        [
            ("Bytes of one file", limits::FILE_BYTES),
            ("Files of one submission", limits::FILES as u64),
            ("Pages of one submission", limits::PAGES as u64),
            ("Pages of the scan of a class", limits::SCAN_PAGES as u64),
            ("Pixels along a side", u64::from(limits::SIDE)),
            ("Pixels of a page", limits::PIXELS),
            ("Bytes of a page, decoded; also what a PDF may unfold to", limits::DECODED_BYTES),
            ("Characters of a typed answer script", limits::TEXT_CHARACTERS as u64),
        ]
    );
}
