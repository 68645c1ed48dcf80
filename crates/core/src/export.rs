//! Conversations as files, with their citations.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;

use pulldown_cmark::{Event, Parser, Tag, TagEnd, html};
use serde::{Deserialize, Serialize};

use crate::citation::marker_ranges;
use crate::error::{Error, Result};
use crate::find::Language;
use crate::ids::DocumentId;
use crate::text::one_line;
use crate::types::{Answer, Citation, Conversation, Side, Turn, Verdict};

/// Form of an exported conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// CommonMark text.
    Markdown,
    /// One page without scripts that loads nothing.
    Html,
    /// Everything that was saved, traces included.
    Json,
}

impl ExportFormat {
    /// What files of it end in.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Json => "json",
        }
    }
}

/// A whole conversation as JSON.
#[derive(Serialize)]
struct Exported<'a> {
    /// Name and version of this form.
    format: &'static str,
    conversation: &'a Conversation,
    turns: &'a [Turn],
    /// Documents that are cited and not in the library any more.
    withdrawn: BTreeSet<&'a DocumentId>,
}

/// Writes a conversation. Markdown and HTML name documents by their file names only; JSON has their paths, too. What
/// is quoted from `withdrawn` documents is marked as such.
///
/// # Errors
/// A conversation that cannot be written as JSON.
pub fn export(
    conversation: &Conversation,
    turns: &[Turn],
    withdrawn: &HashSet<DocumentId>,
    format: ExportFormat,
) -> Result<String> {
    match format {
        ExportFormat::Markdown => Ok(markdown(conversation, turns, withdrawn)),
        ExportFormat::Html => Ok(page(conversation, turns, withdrawn)),
        ExportFormat::Json => {
            let exported = Exported {
                format: "footnote.conversation.v1",
                conversation,
                turns,
                withdrawn: withdrawn.iter().collect(),
            };
            serde_json::to_string_pretty(&exported)
                .map(|json| json + "\n")
                .map_err(|e| Error::bug(format!("the conversation cannot be written: {e}")))
        }
    }
}

/// What an export says of its own, in one language.
struct Words {
    /// Before a sentence without a source.
    unsupported: &'static str,
    language: Language,
    removed: &'static str,
    /// Behind a document that was removed, and whose quotes were kept.
    withdrawn: &'static str,
    disagree: &'static str,
    quotes: (char, char),
    html: &'static str,
}

/// Above what documents say that do not agree.
pub const DISAGREE: &str = "The documents do not agree:";

const ENGLISH: Words = Words {
    unsupported: "No source carries:",
    language: Language::English,
    removed: "a document that was removed",
    withdrawn: "withdrawn: the document was removed from the library",
    disagree: DISAGREE,
    quotes: ('“', '”'),
    html: "<html>",
};

const GERMAN: Words = Words {
    unsupported: "Keine Quelle belegt:",
    language: Language::German,
    removed: "ein Dokument, das entfernt wurde",
    withdrawn: "zurückgezogen: Das Dokument wurde aus der Bibliothek entfernt",
    disagree: "Die Dokumente widersprechen sich:",
    quotes: ('„', '“'),
    html: "<html lang=\"de\">",
};

impl Words {
    /// In the language of most of the questions.
    fn of(turns: &[Turn]) -> &'static Self {
        let german = |turn: &&Turn| Language::of(&turn.question) == Language::German;
        if turns.iter().filter(german).count() * 2 > turns.len() {
            &GERMAN
        } else {
            &ENGLISH
        }
    }

    fn source(&self, citation: &Citation, withdrawn: &HashSet<DocumentId>) -> String {
        self.dated(citation, None, withdrawn)
    }

    fn dated_source(&self, side: &Side, withdrawn: &HashSet<DocumentId>) -> String {
        self.dated(&side.citation, side.day(), withdrawn)
    }

    fn dated(&self, citation: &Citation, day: Option<&str>, withdrawn: &HashSet<DocumentId>) -> String {
        let Some(name) = citation.path.file_name() else {
            return self.removed.to_owned();
        };
        let place = citation.locator.told(citation.page, self.language);
        let mut said = format!("{}, {place}", name.to_string_lossy());
        if let Some(day) = day {
            let _ = write!(said, " ({day})");
        }
        if let Some(doubt) = citation.locator.doubt(self.language) {
            let _ = write!(said, " ({doubt})");
        }
        if withdrawn.contains(&citation.document) {
            let _ = write!(said, " ({})", self.withdrawn);
        }
        said
    }

    fn quoted(&self, quote: &str) -> String {
        format!("{}{quote}{}", self.quotes.0, self.quotes.1)
    }
}

/// A file name for a conversation: its title as far as file systems bear it.
pub fn file_name(conversation: &Conversation, format: ExportFormat) -> String {
    let title: String = conversation
        .title
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_') {
                c
            } else {
                ' '
            }
        })
        .take(60)
        .collect();
    let title = one_line(&title);
    let title = if title.is_empty() { "conversation" } else { &title };
    format!("{title}.{}", format.extension())
}

fn markdown(conversation: &Conversation, turns: &[Turn], withdrawn: &HashSet<DocumentId>) -> String {
    let words = Words::of(turns);
    let mut out = format!("# {}\n", escaped_markdown(&one_line(&conversation.title)));
    for turn in turns {
        let _ = write!(
            out,
            "\n## {}\n\n*{}*\n\n{}\n",
            escaped_markdown(&one_line(&turn.question)),
            turn.created_at,
            turn.answer.answer.trim()
        );
        for sentence in unsupported(&turn.answer) {
            let _ = write!(
                out,
                "\n*{}* {}\n",
                words.unsupported,
                escaped_markdown(&one_line(sentence))
            );
        }
        for citation in listed(&turn.answer) {
            let _ = write!(
                out,
                "\n**\\[{}\\]** {}\n\n",
                citation.n,
                escaped_markdown(&words.source(citation, withdrawn))
            );
            for line in citation.quote.lines() {
                let _ = writeln!(out, "> {}", escaped_markdown(line));
            }
        }
        for disagreement in &turn.answer.disagreements {
            let _ = write!(out, "\n*{}*\n", words.disagree);
            for side in &disagreement.sides {
                let _ = write!(
                    out,
                    "\n- {}: {}",
                    escaped_markdown(&words.dated_source(side, withdrawn)),
                    words.quoted(&escaped_markdown(&one_line(&side.citation.quote)))
                );
            }
            out.push('\n');
        }
    }
    out
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}\
h2{margin-top:2.5rem}time{color:#666}blockquote{margin:.3rem 0 1rem;padding-left:1rem;border-left:3px solid #999;white-space:pre-wrap}\
a.marker{text-decoration:none}@media(prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#8bf}}";

fn page(conversation: &Conversation, turns: &[Turn], withdrawn: &HashSet<DocumentId>) -> String {
    let words = Words::of(turns);
    let (title, html) = (escaped_html(&conversation.title), words.html);
    let mut out = format!(
        "<!doctype html>\n{html}\n<head>\n<meta charset=\"utf-8\">\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
<meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    for (turn, t) in turns.iter().zip(1..) {
        let _ = write!(
            out,
            "<section>\n<h2>{}</h2>\n<p><time>{}</time></p>\n{}",
            escaped_html(&turn.question),
            escaped_html(&turn.created_at),
            rendered(&turn.answer, t)
        );
        for sentence in unsupported(&turn.answer) {
            let _ = writeln!(
                out,
                "<p><em>{}</em> {}</p>",
                words.unsupported,
                escaped_html(sentence)
            );
        }
        let mut last = 0;
        for citation in listed(&turn.answer) {
            // A number that has several quotes is an anchor once.
            let id = if citation.n == last {
                String::new()
            } else {
                format!(" id=\"t{t}-{}\"", citation.n)
            };
            last = citation.n;
            let _ = write!(
                out,
                "<p{id}><strong>[{}]</strong> {}</p>\n<blockquote>{}</blockquote>\n",
                citation.n,
                escaped_html(&words.source(citation, withdrawn)),
                escaped_html(&citation.quote)
            );
        }
        for disagreement in &turn.answer.disagreements {
            let _ = writeln!(out, "<p><em>{}</em></p>\n<ul>", words.disagree);
            for side in &disagreement.sides {
                let _ = writeln!(
                    out,
                    "<li>{}: {}</li>",
                    escaped_html(&words.dated_source(side, withdrawn)),
                    words.quoted(&escaped_html(&side.citation.quote))
                );
            }
            out.push_str("</ul>\n");
        }
        out.push_str("</section>\n");
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// The answer's Markdown as HTML, its markers as links to the sources of turn `t`. What the answer has of HTML, links
/// and images is shown as text: a document may have put it there.
fn rendered(answer: &Answer, t: usize) -> String {
    let events = Parser::new(&answer.answer).filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock)
        | Event::End(TagEnd::Link | TagEnd::Image | TagEnd::HtmlBlock) => None,
        other => Some(other),
    });
    let mut plain = String::new();
    html::push_html(&mut plain, events);
    let mut out = String::with_capacity(plain.len());
    let mut at = 0;
    for (range, numbers) in marker_ranges(&plain) {
        out.push_str(&plain[at..range.start]);
        let links = numbers.iter().map(|n| {
            let known = answer.citations.iter().any(|citation| citation.n == *n);
            if known {
                format!("<a class=\"marker\" href=\"#t{t}-{n}\">{n}</a>")
            } else {
                n.to_string()
            }
        });
        let _ = write!(out, "[{}]", links.collect::<Vec<_>>().join(", "));
        at = range.end;
    }
    out.push_str(&plain[at..]);
    out
}

fn unsupported(answer: &Answer) -> impl Iterator<Item = &str> {
    let sentences = answer.sentences.iter();
    sentences
        .filter(|sentence| sentence.verdict == Verdict::Unsupported)
        .map(|sentence| sentence.text.as_str())
}

/// The citations by number, each quote once.
fn listed(answer: &Answer) -> Vec<&Citation> {
    let mut listed: Vec<&Citation> = Vec::new();
    for citation in &answer.citations {
        if !listed
            .iter()
            .any(|c| c.n == citation.n && c.span == citation.span)
        {
            listed.push(citation);
        }
    }
    listed.sort_by_key(|citation| citation.n);
    listed
}

/// Text that no Markdown reader takes for anything else.
fn escaped_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let begins = text[..at].trim_start().is_empty() && matches!(c, '-' | '+' | '=');
        let numbers =
            matches!(c, '.' | ')') && at > 0 && text[..at].trim_start().bytes().all(|b| b.is_ascii_digit());
        if begins
            || numbers
            || matches!(
                c,
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&'
            )
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn escaped_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::CharSpan;
    use crate::types::{Disagreement, Sentence, Timings, TokenCounts, Trace};

    const EVIL: &str = "<script>alert(1)</script> *14* days & [2] # x";

    fn conversation() -> (Conversation, Vec<Turn>) {
        let citation = |n, start, quote: &str| Citation {
            n,
            document: "d".into(),
            revision: "r".into(),
            path: "/home/ada/my <lease>.md".into(),
            title: "Lease".into(),
            page: 3,
            span: CharSpan::new(start, start + 5),
            locator: Default::default(),
            quote: quote.into(),
            score: 1.0,
        };
        let answer = Answer {
            answer: "It is **cleaned** [1, 2]. <img src=x onerror=alert(1)> ![x](http://x.org/y)\n\nDolphins sing.".into(),
            abstained: false,
            sentences: vec![Sentence {
                text: "Dolphins sing.".into(),
                verdict: Verdict::Unsupported,
                citations: vec![],
            }],
            citations: vec![citation(2, 9, "second"), citation(1, 0, EVIL), citation(1, 0, EVIL)],
            disagreements: vec![Disagreement {
                sides: vec![
                    Side {
                        citation: citation(1, 0, "14 days"),
                        date: Some("2024-05-01T10:00:00Z".into()),
                    },
                    Side {
                        citation: citation(3, 0, "10 <days>"),
                        date: None,
                    },
                ],
            }],
            passages: vec![],
            trace: Trace::default(),
            timings_ms: Timings::default(),
            tokens: TokenCounts::default(),
            conversation: "k".into(),
            turn: "t".into(),
        };
        let conversation = Conversation {
            id: "k".into(),
            title: "How often? <b>/..".into(),
            created_at: "2026-01-01T00:00:00Z".into(),
            updated_at: "2026-01-01T00:00:00Z".into(),
            turns: 1,
            pinned: false,
        };
        let turn = Turn {
            id: "t".into(),
            conversation: "k".into(),
            question: "How often?".into(),
            answer,
            feedback: None,
            created_at: "2026-01-01T00:00:00Z".into(),
        };
        (conversation, vec![turn])
    }

    #[test]
    fn every_form_keeps_the_citations() {
        let (conversation, turns) = conversation();
        let of = |format| export(&conversation, &turns, &HashSet::new(), format).unwrap();
        let markdown = of(ExportFormat::Markdown);
        assert!(
            markdown.contains("**\\[1\\]** my \\<lease\\>.md, page 3\n\n> \\<script\\>alert(1)\\</script\\>"),
            "{markdown}"
        );
        assert_eq!(markdown.matches("page 3").count(), 4);
        assert!(
            markdown.contains(
                "- my \\<lease\\>.md, page 3 (2024-05-01): “14 days”\n- my \\<lease\\>.md, page 3: “10"
            ),
            "{markdown}"
        );
        assert!(markdown.contains("No source carries:* Dolphins sing.") && !markdown.contains("/home/ada"));
        let page = of(ExportFormat::Html);
        assert!(
            page.contains("<strong>cleaned</strong> [<a class=\"marker\" href=\"#t1-1\">1</a>, <a"),
            "{page}"
        );
        assert!(page.contains("<p id=\"t1-1\"><strong>[1]</strong> my &lt;lease&gt;.md, page 3</p>"));
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; *14* days &amp; [2] # x</blockquote>"));
        assert!(page.contains("<li>my &lt;lease&gt;.md, page 3: “10 &lt;days&gt;”</li>"));
        let json: serde_json::Value = serde_json::from_str(&of(ExportFormat::Json)).unwrap();
        assert_eq!(json["turns"][0]["answer"]["citations"][1]["quote"], EVIL);
    }

    #[test]
    fn what_is_quoted_from_a_removed_document_is_marked() {
        let (conversation, mut turns) = conversation();
        let gone = HashSet::from([turns[0].answer.citations[0].document.clone()]);
        let of = |turns: &[Turn], format| export(&conversation, turns, &gone, format).unwrap();
        let markdown = of(&turns, ExportFormat::Markdown);
        let said = "lease\\>.md, page 3 (withdrawn: the document was removed from the library)\n\n> ";
        assert!(markdown.contains(said), "{markdown}");
        let page = of(&turns, ExportFormat::Html);
        assert!(page.contains("(2024-05-01) (withdrawn: the document"), "{page}");
        let json: serde_json::Value = serde_json::from_str(&of(&turns, ExportFormat::Json)).unwrap();
        let listed: Vec<_> = gone.iter().map(|id| id.as_str()).collect();
        assert_eq!(json["withdrawn"], serde_json::json!(listed));
        for id in &gone {
            turns[0].answer.withdraw(id, crate::removal::Quotes::Go);
        }
        let markdown = of(&turns, ExportFormat::Markdown);
        assert!(
            markdown.contains("a document that was removed\n\n") && !markdown.contains("lease"),
            "{markdown}"
        );
    }

    #[test]
    fn an_export_is_in_the_language_of_its_questions() {
        let (conversation, mut turns) = conversation();
        turns[0].question = "Wie oft wird die Lampe geputzt?".into();
        let of = |format| export(&conversation, &turns, &HashSet::new(), format).unwrap();
        let markdown = of(ExportFormat::Markdown);
        for said in [
            "*Keine Quelle belegt:* Dolphins",
            "lease\\>.md, Seite 3",
            "*Die Dokumente widersprechen sich:*",
            "„14 days“",
        ] {
            assert!(markdown.contains(said), "{said} in {markdown}");
        }
        let page = of(ExportFormat::Html);
        assert!(
            page.contains("<html lang=\"de\">") && page.contains("<em>Keine Quelle belegt:</em> Dolphins")
        );
        assert!(!page.contains("page 3") && !markdown.contains("page 3"));
    }

    #[test]
    fn nothing_in_an_exported_page_is_run_or_loaded() {
        let (conversation, turns) = conversation();
        let page = export(&conversation, &turns, &HashSet::new(), ExportFormat::Html).unwrap();
        for never in ["<script", "<img", "http://x.org", "<b>"] {
            assert!(!page.contains(never), "{never} in {page}");
        }
        assert_eq!(file_name(&conversation, ExportFormat::Html), "How often b.html");
    }
}
