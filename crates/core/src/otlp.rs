//! Traces of answers as OpenTelemetry spans, in OTLP's JSON form. Nothing is sent: what is made here is text for a file.
//!
//! The encoding is that of the OTLP specification, "JSON Protobuf Encoding": ids in hexadecimal digits, 64-bit integers
//! as strings, enumerations as numbers, names in lowerCamelCase. Spans and attributes are named by the semantic
//! conventions for generative AI as of 2026 (`gen_ai.*`; still in development there); what they have no name for is
//! `footnote.*`. A line is one answer, as the OpenTelemetry Collector's `otlp_json_file` receiver reads them.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::types::{Answer, Conversation, Turn, Verdict};

/// Who computes: there is no provider but this program.
const PROVIDER: &str = "footnote";
/// `SPAN_KIND_INTERNAL`: models run in this process.
const INTERNAL: u8 = 1;

/// How much of an answer a file gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Names, numbers and durations, and no word of a question, an answer or a document.
    Numbers,
    /// Question, passages, prompt and answer, too: the attributes that the conventions call opt-in.
    Texts,
}

/// These answers as OTLP in JSON, one a line, oldest first.
///
/// # Errors
/// A turn whose time cannot be read.
pub fn lines(turns: &[Turn], content: Content) -> Result<String> {
    let mut out = String::new();
    for turn in turns {
        out.push_str(&line(turn, content)?.to_string());
        out.push('\n');
    }
    Ok(out)
}

/// A file name for the traces of a conversation.
pub fn file_name(conversation: &Conversation) -> String {
    format!("footnote-trace-{}.jsonl", conversation.id)
}

/// A stage of an answer, in milliseconds since its question.
struct Stage {
    name: String,
    from: f64,
    to: f64,
    attributes: Vec<Value>,
}

fn line(turn: &Turn, content: Content) -> Result<Value> {
    let answer = &turn.answer;
    let end: Timestamp = turn
        .created_at
        .parse()
        .map_err(|e| Error::bug(format!("the time of turn {} cannot be read: {e}", turn.id)))?;
    // A turn is kept when its answer has ended.
    let start = end.as_nanosecond() - nanoseconds(answer.timings_ms.total);
    let trace_id = id::<16>(&[turn.id.as_str()]);
    let root = id::<8>(&[turn.id.as_str(), "answer"]);
    let span = |id: String, parent: Option<&str>, stage: Stage| {
        let mut span = json!({
            "traceId": trace_id,
            "spanId": id,
            "name": stage.name,
            "kind": INTERNAL,
            "startTimeUnixNano": (start + nanoseconds(stage.from)).to_string(),
            "endTimeUnixNano": (start + nanoseconds(stage.to)).to_string(),
            "attributes": stage.attributes,
        });
        if let Some(parent) = parent {
            span["parentSpanId"] = parent.into();
        }
        span
    };
    let mut spans = vec![span(root.clone(), None, whole(turn, content))];
    for (n, stage) in stages(turn, content).into_iter().enumerate() {
        let id = id::<8>(&[turn.id.as_str(), &n.to_string()]);
        spans.push(span(id, Some(&root), stage));
    }
    Ok(json!({
        "resourceSpans": [{
            "resource": { "attributes": [
                text("service.name", "footnote"),
                text("service.version", env!("CARGO_PKG_VERSION")),
            ] },
            "scopeSpans": [{
                "scope": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
                "spans": spans,
            }],
        }],
    }))
}

/// The answer as a whole.
fn whole(turn: &Turn, content: Content) -> Stage {
    let Answer { trace, sentences, .. } = &turn.answer;
    let with = |verdict| {
        sentences
            .iter()
            .filter(|sentence| sentence.verdict == verdict)
            .count()
    };
    let mut attributes = vec![
        text("gen_ai.operation.name", "invoke_workflow"),
        text("gen_ai.workflow.name", "answer"),
        text("gen_ai.conversation.id", turn.conversation.as_str()),
        text("footnote.turn.id", turn.id.as_str()),
        truth("footnote.abstained", turn.answer.abstained),
        number("footnote.evidence", trace.evidence.into()),
        count("footnote.sentences.supported", with(Verdict::Supported)),
        count("footnote.sentences.partly", with(Verdict::Partly)),
        count("footnote.sentences.unsupported", with(Verdict::Unsupported)),
        count("footnote.citations", turn.answer.citations.len()),
        count("footnote.markers.added", trace.corrections.markers_added as usize),
        count("footnote.markers.moved", trace.corrections.markers_moved as usize),
        count(
            "footnote.markers.dropped",
            trace.corrections.markers_dropped as usize,
        ),
        count(
            "footnote.sentences.removed",
            trace.corrections.sentences_removed as usize,
        ),
    ];
    if !trace.prompt.is_empty() {
        attributes.push(text("footnote.prompt.id", &trace.prompt));
    }
    if let Some(index) = &trace.index {
        attributes.push(text("footnote.index.chunker", &index.chunker));
        attributes.push(count("footnote.index.schema", index.schema as usize));
    }
    if content == Content::Texts {
        attributes.push(messages("gen_ai.input.messages", "user", &turn.question));
        attributes.push(messages(
            "gen_ai.output.messages",
            "assistant",
            &turn.answer.answer,
        ));
    }
    Stage {
        name: "invoke_workflow answer".into(),
        from: 0.0,
        to: turn.answer.timings_ms.total,
        attributes,
    }
}

/// The stages, one behind the other, as far as they took place.
fn stages(turn: &Turn, content: Content) -> Vec<Stage> {
    let Answer {
        trace,
        timings_ms,
        tokens,
        ..
    } = &turn.answer;
    let model = |role: &str| {
        let of_role = trace.models.iter().find(|(known, _)| known == role);
        of_role.map_or("", |(_, id)| id.as_str())
    };
    let texts = content == Content::Texts;
    let mut stages: Vec<Stage> = Vec::new();
    let mut at = 0.0;
    let mut push = |operation: &str, of: &str, to: f64, mut attributes: Vec<Value>| {
        attributes.insert(0, text("gen_ai.operation.name", operation));
        attributes.insert(1, text("gen_ai.provider.name", PROVIDER));
        attributes.insert(2, text("gen_ai.conversation.id", turn.conversation.as_str()));
        stages.push(Stage {
            name: format!("{operation} {of}").trim_end().to_owned(),
            from: at,
            to,
            attributes,
        });
        at = to;
    };
    let mut to = timings_ms.rewrite;
    if timings_ms.rewrite > 0.0 {
        let mut attributes = vec![
            text("gen_ai.request.model", model("generator")),
            text("gen_ai.output.type", "json"),
        ];
        if let Some(prompt) = &trace.rewrite_prompt {
            attributes.push(text("footnote.prompt.id", prompt));
        }
        if texts {
            attributes.push(messages("gen_ai.output.messages", "assistant", &trace.query));
        }
        push("chat", model("generator"), to, attributes);
    }
    to += timings_ms.search;
    if let Some(table) = &trace.table {
        let mut attributes = vec![
            text("gen_ai.tool.name", "query_table"),
            text("gen_ai.tool.type", "datastore"),
            count("footnote.table.rows", table.rows as usize),
            count("footnote.table.matched", table.matched as usize),
        ];
        if texts {
            attributes.push(text("db.query.text", &table.sql));
        }
        push("execute_tool", "query_table", to, attributes);
    } else if timings_ms.search > 0.0 {
        push(
            "retrieval",
            data_source(turn),
            to,
            retrieved(turn, model("embedder"), texts),
        );
    }
    to += timings_ms.rerank;
    if timings_ms.rerank > 0.0 {
        let attributes = vec![text("gen_ai.request.model", model("reranker"))];
        push("rerank", model("reranker"), to, attributes);
    }
    if tokens.generated > 0 || tokens.prompt > 0 {
        let mut attributes = vec![
            text("gen_ai.request.model", model("generator")),
            text("gen_ai.response.model", model("generator")),
            truth("gen_ai.request.stream", true),
            text("gen_ai.output.type", "text"),
            count("gen_ai.usage.input_tokens", tokens.prompt as usize),
            count("gen_ai.usage.output_tokens", tokens.generated as usize),
            count("gen_ai.usage.cache_read.input_tokens", tokens.reused as usize),
            count("footnote.tokens.omitted", tokens.omitted as usize),
        ];
        if let Some(first) = timings_ms.first_token {
            // In seconds, from the request to the model.
            let seconds = (first - to).max(0.0) / 1e3;
            attributes.push(number("gen_ai.response.time_to_first_chunk", seconds));
        }
        if texts {
            let (system, user) = crate::prompt::split_text(&trace.prompt_text);
            if let Some(system) = system {
                attributes.push(list("gen_ai.system_instructions", vec![part(system)]));
            }
            attributes.push(messages("gen_ai.input.messages", "user", user));
            attributes.push(messages(
                "gen_ai.output.messages",
                "assistant",
                &turn.answer.answer,
            ));
        }
        push("chat", model("generator"), timings_ms.total.max(to), attributes);
    }
    stages
}

/// Where was searched: a collection, or all of the library.
fn data_source(turn: &Turn) -> &str {
    turn.answer.trace.scope.collection.as_deref().unwrap_or("library")
}

fn retrieved(turn: &Turn, embedder: &str, texts: bool) -> Vec<Value> {
    let trace = &turn.answer.trace;
    let mut attributes = vec![
        text("gen_ai.data_source.id", data_source(turn)),
        text("gen_ai.request.model", embedder),
        count("footnote.candidates", trace.candidates.len()),
        count("footnote.passages", turn.answer.passages.len()),
        count("footnote.acronyms", trace.acronyms.len()),
        count("footnote.sub_questions", trace.sub_questions.len()),
    ];
    if let Some(filtered) = &trace.filtered {
        attributes.push(count("footnote.filters", filtered.filters.len()));
        attributes.push(count("footnote.filters.documents", filtered.documents as usize));
    }
    if let Some(scan) = &trace.scan {
        attributes.push(count("footnote.scan.mentions", scan.mentions as usize));
        attributes.push(count(
            "footnote.scan.documents_with",
            scan.documents_with as usize,
        ));
        attributes.push(count("footnote.scan.documents", scan.documents as usize));
        attributes.push(count("footnote.scan.pages", scan.pages as usize));
    }
    if texts {
        attributes.push(text("gen_ai.retrieval.query.text", &trace.query));
        let acronyms = trace.acronyms.iter();
        attributes.push(texts_of(
            "footnote.acronyms.text",
            acronyms.map(|acronym| format!("{} ({})", acronym.long, acronym.short)),
        ));
        attributes.push(texts_of(
            "footnote.sub_questions.text",
            trace.sub_questions.iter().cloned(),
        ));
        let filters = trace.filtered.iter().flat_map(|filtered| &filtered.filters);
        attributes.push(texts_of("footnote.filters.text", filters.cloned()));
        let terms = trace.scan.iter().flat_map(|scan| &scan.terms);
        attributes.push(texts_of("footnote.scan.terms", terms.cloned()));
        let documents = turn.answer.passages.iter().map(|passage| {
            json!({ "kvlistValue": { "values": [
                text("id", passage.document.as_str()),
                number("score", passage.score.into()),
                text("title", &passage.title),
                count("page", passage.page as usize),
            ] } })
        });
        attributes.push(list("gen_ai.retrieval.documents", documents.collect()));
    }
    attributes
}

/// One message by the conventions' schema: a role, and parts with a type.
fn messages(key: &str, role: &str, content: &str) -> Value {
    let parts = json!({ "key": "parts", "value": { "arrayValue": { "values": [part(content)] } } });
    list(
        key,
        vec![json!({ "kvlistValue": { "values": [text("role", role), parts] } })],
    )
}

fn part(content: &str) -> Value {
    json!({ "kvlistValue": { "values": [text("type", "text"), text("content", content)] } })
}

fn texts_of(key: &str, texts: impl Iterator<Item = String>) -> Value {
    list(key, texts.map(|text| json!({ "stringValue": text })).collect())
}

fn list(key: &str, values: Vec<Value>) -> Value {
    json!({ "key": key, "value": { "arrayValue": { "values": values } } })
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn count(key: &str, value: usize) -> Value {
    json!({ "key": key, "value": { "intValue": value.to_string() } })
}

fn number(key: &str, value: f64) -> Value {
    json!({ "key": key, "value": { "doubleValue": value } })
}

fn truth(key: &str, value: bool) -> Value {
    json!({ "key": key, "value": { "boolValue": value } })
}

/// `N` bytes in hexadecimal digits that follow from these words alone: the same answer has the same ids in every file.
fn id<const N: usize>(words: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for word in words {
        hasher.update(word.as_bytes()).update(&[0]);
    }
    hasher.finalize().to_hex()[..2 * N].to_owned()
}

fn nanoseconds(milliseconds: f64) -> i128 {
    (milliseconds * 1e6).round() as i128
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;
    use crate::question::acronyms::Acronym;
    use crate::sieve::Filtered;
    use crate::span::CharSpan;
    use crate::types::{Passage, Scan, Scores, TableQuery, Timings, TokenCounts, Trace};

    fn turn() -> Turn {
        Turn {
            id: "t1".into(),
            conversation: "c1".into(),
            question: "Who pays for Ada's boat?".into(),
            answer: Answer {
                answer: "The club pays [1].".into(),
                abstained: false,
                sentences: Vec::new(),
                citations: Vec::new(),
                disagreements: vec![],
                passages: vec![Passage {
                    rank: 1,
                    document: "d1".into(),
                    revision: "r".into(),
                    path: "/home/ada/boats.md".into(),
                    title: "Boats of Ada".into(),
                    page: 3,
                    span: CharSpan::new(0, 4),
                    locator: Default::default(),
                    headings: Vec::new(),
                    text: "Ada's boat is paid for by the club.".into(),
                    score: 0.5,
                    scores: Scores::default(),
                    injections: Vec::new(),
                }],
                trace: Trace {
                    query: "Who pays for Ada's boat?".into(),
                    prompt: "answer.v1".into(),
                    rewrite_prompt: Some("rewrite.v2+1".into()),
                    prompt_text: "Passages:\n\nAda's boat".into(),
                    models: vec![
                        ("embedder".into(), "e5".into()),
                        ("generator".into(), "qwen".into()),
                    ],
                    ..Trace::default()
                },
                timings_ms: Timings {
                    rewrite: 200.0,
                    search: 50.0,
                    rerank: 0.0,
                    first_token: Some(1250.0),
                    total: 3000.0,
                },
                tokens: TokenCounts {
                    prompt: 900,
                    generated: 12,
                    reused: 400,
                    ..TokenCounts::default()
                },
                conversation: "c1".into(),
                turn: "t1".into(),
            },
            feedback: None,
            created_at: "2026-03-01T10:00:03.000000001Z".into(),
        }
    }

    fn spans(turn: &Turn, content: Content) -> Vec<Value> {
        let text = lines(std::slice::from_ref(turn), content).unwrap();
        assert_eq!(text.matches('\n').count(), 1);
        let line: Value = serde_json::from_str(&text).unwrap();
        let resource = &line["resourceSpans"][0];
        assert_eq!(
            resource["resource"]["attributes"][0]["value"]["stringValue"],
            "footnote"
        );
        resource["scopeSpans"][0]["spans"].as_array().unwrap().clone()
    }

    /// Attributes by key; each is unique, and its value is of exactly one of OTLP's types, written as its JSON form asks.
    fn attributes(values: &Value) -> BTreeMap<String, Value> {
        let mut all = BTreeMap::new();
        for attribute in values.as_array().unwrap() {
            let value = attribute["value"].as_object().unwrap();
            let (kind, inner) = value.iter().next().unwrap();
            assert_eq!(value.len(), 1, "{attribute}");
            match kind.as_str() {
                "stringValue" => assert!(inner.is_string()),
                "intValue" => assert!(inner.as_str().unwrap().parse::<i64>().is_ok()),
                "doubleValue" => assert!(inner.is_f64()),
                "boolValue" => assert!(inner.is_boolean()),
                "arrayValue" => {
                    for element in inner["values"].as_array().unwrap() {
                        attributes(&element["kvlistValue"]["values"]);
                    }
                }
                other => panic!("{other} is no type of a value"),
            }
            let key = attribute["key"].as_str().unwrap().to_owned();
            assert!(all.insert(key, inner.clone()).is_none(), "{attribute} twice");
        }
        all
    }

    #[test]
    fn spans_are_as_otlp_writes_them_in_json() {
        let spans = spans(&turn(), Content::Texts);
        let names: Vec<&str> = spans.iter().map(|span| span["name"].as_str().unwrap()).collect();
        assert_eq!(
            names,
            [
                "invoke_workflow answer",
                "chat qwen",
                "retrieval library",
                "chat qwen"
            ]
        );
        let hex = |value: &Value, digits: usize| {
            let id = value.as_str().unwrap();
            id.len() == digits
                && id
                    .bytes()
                    .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        let mut ids = HashSet::new();
        for span in &spans {
            assert!(hex(&span["traceId"], 32) && hex(&span["spanId"], 16), "{span}");
            assert_eq!(span["traceId"], spans[0]["traceId"]);
            assert!(ids.insert(span["spanId"].clone()));
            attributes(&span["attributes"]);
            let at = |key: &str| span[key].as_str().unwrap().parse::<u64>().unwrap();
            assert!(at("startTimeUnixNano") <= at("endTimeUnixNano"));
        }
        assert_eq!(spans[0].get("parentSpanId"), None);
        assert!(
            spans[1..]
                .iter()
                .all(|span| span["parentSpanId"] == spans[0]["spanId"])
        );
        // Ends when the turn was kept, to the nanosecond, and begins as long before as it took.
        assert_eq!(spans[0]["endTimeUnixNano"], "1772359203000000001");
        assert_eq!(spans[0]["startTimeUnixNano"], "1772359200000000001");
        assert_eq!(spans[3]["startTimeUnixNano"], "1772359200250000001");
    }

    #[test]
    fn the_models_call_is_named_by_the_conventions() {
        let spans = spans(&turn(), Content::Numbers);
        let call = attributes(&spans[3]["attributes"]);
        for (key, value) in [
            ("gen_ai.operation.name", json!("chat")),
            ("gen_ai.provider.name", json!("footnote")),
            ("gen_ai.conversation.id", json!("c1")),
            ("gen_ai.request.model", json!("qwen")),
            ("gen_ai.usage.input_tokens", json!("900")),
            ("gen_ai.usage.output_tokens", json!("12")),
            ("gen_ai.usage.cache_read.input_tokens", json!("400")),
            ("gen_ai.response.time_to_first_chunk", json!(1.0)),
        ] {
            assert_eq!(call.get(key), Some(&value), "{key}");
        }
    }

    #[test]
    fn without_texts_no_word_of_question_answer_or_document_is_written() {
        let mut turn = turn();
        turn.answer.trace.table = Some(TableQuery {
            sql: "SELECT \"boat\" FROM \"Ada\"".into(),
            tables: Vec::new(),
            matched: 2,
            rows: 9,
            totals: 0,
        });
        let with_table = turn.clone();
        turn.answer.trace.table = None;
        turn.answer.trace.acronyms = vec![Acronym {
            short: "BCA".into(),
            long: "Boat Club of Ada".into(),
        }];
        turn.answer.trace.sub_questions = vec!["Who pays for the oars?".into()];
        turn.answer.trace.filtered = Some(Filtered {
            filters: vec!["file:boats".into()],
            ..Filtered::default()
        });
        turn.answer.trace.scan = Some(Scan {
            terms: vec!["rudder".into()],
            mentions: 4,
            ..Scan::default()
        });
        let words = ["BCA", "oars", "file:boats", "rudder"];
        let with = lines(std::slice::from_ref(&turn), Content::Texts).unwrap();
        let without = lines(std::slice::from_ref(&turn), Content::Numbers).unwrap();
        for word in words {
            assert!(
                with.contains(word) && !without.contains(word),
                "{word} in {without}"
            );
        }
        assert!(without.contains("footnote.scan.mentions") && without.contains("footnote.sub_questions"));
        let turn = with_table;
        let with = lines(std::slice::from_ref(&turn), Content::Texts).unwrap();
        let without = lines(std::slice::from_ref(&turn), Content::Numbers).unwrap();
        for word in ["Ada", "boat", "club"] {
            assert!(
                with.contains(word) && !without.contains(word),
                "{word} in {without}"
            );
        }
        assert!(without.contains("execute_tool query_table"));
    }

    #[test]
    fn the_same_answer_has_the_same_ids_in_every_file() {
        assert_eq!(
            spans(&turn(), Content::Numbers)[2]["spanId"],
            spans(&turn(), Content::Texts)[2]["spanId"]
        );
        let mut other = turn();
        other.id = "t2".into();
        assert_ne!(
            spans(&other, Content::Numbers)[0]["traceId"],
            spans(&turn(), Content::Numbers)[0]["traceId"]
        );
    }
}
