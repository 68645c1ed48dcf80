//! Whether a changed fact is noticed: sentences of documents, shortened as answers shorten them, are to be found
//! supported by the passage they come from; with one number, name or denial changed, they are not.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::ExitCode;

use footnote_core::citation::SourceText;
use footnote_core::span::{CharIndex, CharSpan};
use footnote_core::text::sentences;
use footnote_core::types::Verdict;
use footnote_core::{Error, Result};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::report::Report;
use super::{files_in, read_pages};
use crate::args::Global;
use crate::{output, progress};

/// Characters on either side of a sentence that make its passage.
const AROUND: u32 = 500;
/// Words of a sentence that is taken.
const WORDS: std::ops::RangeInclusive<usize> = 8..=40;

/// A fact that is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Number,
    Name,
    Negation,
}

const KINDS: [Kind; 3] = [Kind::Number, Kind::Name, Kind::Negation];

/// A sentence as it was judged.
#[derive(Serialize)]
struct Record {
    document: String,
    kind: Kind,
    sentence: String,
    changed: String,
    verdict: Option<Verdict>,
    changed_verdict: Option<Verdict>,
}

impl Record {
    fn is_supported(&self) -> bool {
        self.verdict == Some(Verdict::Supported)
    }

    fn is_flagged(&self) -> bool {
        self.changed_verdict != Some(Verdict::Supported)
    }
}

pub(super) async fn run(
    global: &Global,
    dir: &Path,
    count: usize,
    html: Option<&Path>,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let folder = dir.join("documents");
    let files = files_in(&folder).map_err(|error| {
        Error::from(error)
            .at(folder.display())
            .hint("The folder has files in documents/")
    })?;
    let bar = progress::count_bar(files.len() as u64, "reading");
    let mut of_kind: HashMap<Kind, Vec<Record>> = HashMap::new();
    for file in &files {
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for page in read_pages(file, cancel).await? {
            judge(&name, &page.text, &mut of_kind);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    // As many of each kind, spread over all documents.
    let mut records = Vec::new();
    for kind in KINDS {
        let all = of_kind.remove(&kind).unwrap_or_default();
        let (wanted, have) = (count.div_ceil(KINDS.len()), all.len().max(1));
        let step = (have as f64 / wanted as f64).max(1.0);
        let taken: HashSet<usize> = (0..wanted).map(|n| (n as f64 * step) as usize).collect();
        records.extend(
            all.into_iter()
                .enumerate()
                .filter(|(n, _)| taken.contains(n))
                .map(|(_, record)| record),
        );
    }
    report(global, dir, &records, html)
}

fn report(global: &Global, dir: &Path, records: &[Record], html: Option<&Path>) -> Result<ExitCode> {
    let share = |of: &[&Record], is: fn(&Record) -> bool| {
        of.iter().filter(|record| is(record)).count() as f64 / of.len().max(1) as f64
    };
    let all: Vec<&Record> = records.iter().collect();
    let false_alarms = 1.0 - share(&all, Record::is_supported);
    let flagged = share(&all, Record::is_flagged);
    let kinds: Vec<_> = KINDS
        .iter()
        .map(|kind| {
            let of: Vec<&Record> = records.iter().filter(|record| record.kind == *kind).collect();
            (
                *kind,
                of.len(),
                share(&of, Record::is_flagged),
                1.0 - share(&of, Record::is_supported),
            )
        })
        .collect();
    if let Some(path) = html {
        let measures = |sentences: usize, flagged: f64, alarms: f64| serde_json::json!({ "sentences": sentences, "flagged": flagged, "false_alarms": alarms });
        let mut report = Report::new("Grounding", dir);
        report.measures("all", &measures(records.len(), flagged, false_alarms))?;
        for (kind, count, flagged, alarms) in &kinds {
            let name = format!("{kind:?}").to_lowercase();
            report.measures(&name, &measures(*count, *flagged, *alarms))?;
        }
        report.records(records, |record| {
            (f64::from(u8::from(record.is_supported())) + f64::from(u8::from(record.is_flagged()))) / 2.0
        })?;
        report.write(path)?;
    }
    if global.json {
        for record in records {
            output::json(record)?;
        }
        let kinds: Vec<_> = kinds
            .iter()
            .map(|(kind, count, flagged, alarms)| {
                serde_json::json!({ "kind": kind, "sentences": count, "flagged": flagged, "false_alarms": alarms })
            })
            .collect();
        output::json(&serde_json::json!({
            "dataset": dir, "sentences": records.len(), "flagged": flagged, "false_alarms": false_alarms, "kinds": kinds,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line("changed    sentences  flagged  false alarms")?;
    for (kind, count, flagged, alarms) in kinds {
        let name = format!("{kind:?}").to_lowercase();
        output::line(format!("{name:<9}  {count:>9}  {flagged:>7.3}  {alarms:>12.3}"))?;
    }
    output::line(format!(
        "all        {:>9}  {flagged:>7.3}  {false_alarms:>12.3}",
        records.len()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Adds what a page's sentences give.
fn judge(document: &str, text: &str, of_kind: &mut HashMap<Kind, Vec<Record>>) {
    let index = CharIndex::new(text);
    let names = names(text);
    for (n, range) in sentences(text).into_iter().enumerate() {
        let sentence = &text[range.clone()];
        if !WORDS.contains(&sentence.split_whitespace().count())
            || !sentence.ends_with('.')
            || sentence.contains('\n')
        {
            continue;
        }
        let right = shortened(sentence);
        let own = index.span(range);
        let passage = CharSpan::new(own.start.saturating_sub(AROUND), own.end + AROUND);
        let source = SourceText::new(text, passage, document);
        let verdict = |sentence: &str| {
            source
                .align(sentence, &HashSet::new())
                .map(|alignment| alignment.verdict())
        };
        let kind = KINDS[n % KINDS.len()];
        let changed = match kind {
            Kind::Number => with_other_number(&right),
            Kind::Name => with_other_name(&right, sentence, &names, n),
            Kind::Negation => with_other_negation(&right),
        };
        if let Some(changed) = changed {
            of_kind.entry(kind).or_default().push(Record {
                document: document.to_owned(),
                kind,
                verdict: verdict(&right),
                changed_verdict: verdict(&changed),
                sentence: right,
                changed,
            });
        }
    }
}

/// Less what stands in brackets, and less a last clause, if enough is left.
fn shortened(sentence: &str) -> String {
    let mut plain = sentence.to_owned();
    if let (Some(open), Some(close)) = (plain.find(" ("), plain.find(')'))
        && open < close
    {
        plain.replace_range(open..=close, "");
    }
    match plain.rfind(", ") {
        Some(at) if plain[..at].split_whitespace().count() >= *WORDS.start() => format!("{}.", &plain[..at]),
        _ => plain,
    }
}

/// One number becomes another of as many digits.
fn with_other_number(sentence: &str) -> Option<String> {
    let start = sentence.find(|c: char| c.is_ascii_digit())?;
    let length = sentence[start..]
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(sentence.len() - start);
    let digits = &sentence[start..start + length];
    let last = digits.chars().last()?.to_digit(10)?;
    let other = format!("{}{}", &digits[..length - 1], (last + 3) % 10);
    Some(format!(
        "{}{other}{}",
        &sentence[..start],
        &sentence[start + length..]
    ))
}

/// Capitalised words inside sentences, as often as they stand there.
fn names(text: &str) -> Vec<&str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .windows(2)
        .filter(|pair| !pair[0].ends_with(['.', '!', '?', ':']) && is_name(pair[1]))
        .map(|pair| pair[1])
        .collect()
}

fn is_name(word: &str) -> bool {
    let plain = word.chars().all(char::is_alphabetic);
    plain && word.chars().count() > 3 && word.starts_with(char::is_uppercase)
}

/// One name becomes another of the document.
fn with_other_name(right: &str, sentence: &str, names: &[&str], n: usize) -> Option<String> {
    let own = right.split_whitespace().skip(1).find(|word| is_name(word))?;
    let others: Vec<&&str> = names.iter().filter(|name| !sentence.contains(**name)).collect();
    let other = others.get(n * 7 % others.len().max(1))?;
    Some(right.replacen(own, other, 1))
}

/// What is denied is stated, and the other way round.
fn with_other_negation(sentence: &str) -> Option<String> {
    const VERBS: &[&str] = &[
        " is ", " was ", " are ", " were ", " has ", " had ", " can ", " will ", " would ", " could ",
        " should ", " may ",
    ];
    if sentence.contains(" not ") {
        return Some(sentence.replacen(" not ", " ", 1));
    }
    let (at, verb) = VERBS
        .iter()
        .filter_map(|verb| Some((sentence.find(verb)?, verb)))
        .min()?;
    let behind = at + verb.len();
    Some(format!("{}not {}", &sentence[..behind], &sentence[behind..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fact_is_changed() {
        let sentence = "The tower was built in 1874 by Robert Keeper of Saltmere (a port), and is high.";
        let right = shortened(sentence);
        assert_eq!(right, "The tower was built in 1874 by Robert Keeper of Saltmere.");
        let number = with_other_number(&right).unwrap();
        assert_eq!(
            number,
            "The tower was built in 1877 by Robert Keeper of Saltmere."
        );
        let name = with_other_name(&right, sentence, &["Gannet"], 5).unwrap();
        assert_eq!(name, "The tower was built in 1874 by Gannet Keeper of Saltmere.");
        let denied = with_other_negation(&right).unwrap();
        assert!(denied.starts_with("The tower was not built"));
        assert_eq!(with_other_negation(&denied).unwrap(), right);
    }
}
