//! Words that say where text goes, and what happens when it went there.

use footnote_core::types::BlockKind;

use super::{Aside, Destination, LINKED, Reader, hyperlink};
use crate::page::{Piece, collapse};
use crate::rtf::output::Properties;
use crate::script::Script;

impl Reader<'_> {
    /// Words that say where the group's text goes. Says whether this is one.
    pub(super) fn destination(&mut self, word: &str) -> bool {
        if self.state.destination == Destination::Skip {
            // The Unicode half of `\upr` stands inside the half that is skipped... beside it.
            return false;
        }
        let depth = self.stack.len();
        let destination = match word {
            "fonttbl" => Destination::Fonts,
            "stylesheet" => Destination::Styles,
            "info" => Destination::Info(""),
            "title" | "author" | "creatim" | "revtim" | "operator" | "subject" | "doccomm" | "keywords"
            | "company" | "manager" | "category" | "printim" | "buptim" | "hlinkbase"
                if matches!(self.state.destination, Destination::Info(_)) =>
            {
                self.side.clear();
                self.date = [0; 3];
                Destination::Info(match word {
                    "title" => "title",
                    "author" => "author",
                    "creatim" => "creatim",
                    "revtim" => "revtim",
                    _ => "",
                })
            }
            "fldinst" => Destination::Instruction,
            "fldrslt" => {
                if let Some(target) = self.fields.last().and_then(|(_, text)| hyperlink(text)) {
                    let begin = self.output.paragraph.text.len();
                    self.output.paragraph.links.push((target, begin));
                    // The link ends with the field.
                    if let Some((_, text)) = self.fields.last_mut() {
                        *text = LINKED.into();
                    }
                }
                Destination::Body
            }
            "field" => {
                self.fields.push((depth, String::new()));
                self.state.destination
            }
            "listtext" | "pntext" => {
                self.output.paragraph.label.clear();
                Destination::Label
            }
            "footnote" | "annotation" | "header" | "headerl" | "headerr" | "headerf" | "footer"
            | "footerl" | "footerr" | "footerf" => {
                let running = word.starts_with("header") || word.starts_with("footer");
                self.begin_aside(running, word.starts_with("footer"));
                Destination::Body
            }
            "shptxt" | "ud" | "shpinst" => Destination::Body,
            "colortbl" | "listtable" | "listoverridetable" | "rsidtbl" | "generator" | "xmlnstbl"
            | "filetbl" | "revtbl" | "pict" | "objdata" | "objclass" | "objname" | "nonshppict"
            | "shppict" | "bkmkstart" | "bkmkend" | "tc" | "xe" | "sp" | "do" | "atnid" | "atnauthor"
            | "atntime" | "atndate" | "atnref" | "atnicn" | "atrfstart" | "atrfend" | "themedata"
            | "colorschememapping" | "datastore" | "latentstyles" | "pgptbl" | "mmathPr" | "pn"
            | "pnseclvl" | "ftnsep" | "ftnsepc" | "ftncn" | "aftnsep" | "aftnsepc" | "aftncn"
            | "template" | "userprops" | "docvar" | "passwordhash" | "wgrffmtfilter" | "nesttableprops"
            | "nonesttables" | "shprslt" | "private" | "falt" | "panose" | "listpicture" | "datafield"
            | "formfield" | "ffdeftext" | "ffname" | "revtim" | "creatim" | "macc" => Destination::Skip,
            "nestrow" => {
                self.output.paragraph.text.push('\n');
                return true;
            }
            _ => return false,
        };
        // The row of a table in a cell ends in the group that holds its properties.
        if word == "nesttableprops" {
            self.output.end_inner_cell();
        }
        self.state.destination = destination;
        true
    }

    pub(super) fn begin_aside(&mut self, running: bool, is_footer: bool) {
        if !running && self.asides.is_empty() {
            self.note_count += 1;
        }
        self.asides.push(Aside {
            depth: self.stack.len(),
            kind: if running {
                BlockKind::Furniture
            } else {
                BlockKind::Footnote
            },
            is_footer,
            output: std::mem::take(&mut self.output),
        });
        self.state.properties = Properties::default();
        // A note stands in the group that raises its mark.
        self.state.script = Script::Line;
    }

    pub(super) fn end_aside(&mut self) {
        let Some(aside) = self.asides.pop() else { return };
        let output = std::mem::replace(&mut self.output, aside.output);
        let pieces = output.finish(self.state.properties);
        let texts: Vec<&str> = pieces.iter().map(|piece| piece.text.trim()).collect();
        let text = texts.join("\n");
        if aside.kind == BlockKind::Footnote {
            let mark = crate::script::superscript(self.note_count);
            self.output.note(format!("{mark} {text}"));
            return;
        }
        let list = if aside.is_footer {
            &mut self.running.1
        } else {
            &mut self.running.0
        };
        if !text.is_empty() && !list.iter().any(|piece| piece.text == text) {
            list.push(Piece::new(BlockKind::Furniture, text));
        }
    }

    pub(super) fn end_info(&mut self, what: &str) {
        let text = collapse(&std::mem::take(&mut self.side));
        match what {
            "title" if !text.is_empty() => self.about.title = Some(text),
            "author" if !text.is_empty() => self.about.author = Some(text),
            "creatim" | "revtim" => {
                let [year, month, day] = self.date;
                let later = what == "revtim" || self.about.date.is_none();
                if later
                    && (1000..10_000).contains(&year)
                    && (1..13).contains(&month)
                    && (1..32).contains(&day)
                {
                    self.about.date = Some(format!("{year:04}-{month:02}-{day:02}"));
                }
            }
            _ => {}
        }
    }

    pub(super) fn end_style(&mut self) {
        let name = std::mem::take(&mut self.side)
            .trim_end_matches(';')
            .trim()
            .to_ascii_lowercase();
        let named = match name.as_str() {
            "title" => Some(1),
            "subtitle" => Some(2),
            name => name
                .strip_prefix("heading ")
                .and_then(|rest| rest.trim().parse::<u8>().ok()),
        };
        let outline = self.state.properties.outline.or(named).filter(|level| *level > 0);
        let style = (outline.map(|level| level.min(6)), name == "caption");
        self.styles.insert(self.state.style, style);
    }
}
