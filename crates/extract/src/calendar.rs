//! Calendars and address cards (RFC 5545, RFC 6350; vCard 2.1): events, tasks and people as one reads them. What only
//! programs need, such as time zones, alarms and numbers of versions, is left out.

use footnote_core::Result;
use footnote_core::types::{BlockKind, ExtractSummary};

use crate::own::Lines;
use crate::page::{Piece, Sink, one_line, send_pieces};

/// Whether a text, given its beginning in small letters, is a calendar or a card.
pub(crate) fn is_one(starts: &str) -> bool {
    starts.starts_with("begin:vcalendar") || starts.starts_with("begin:vcard")
}

/// Reads a calendar or cards. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let text = crate::text::decode(bytes, None);
    let pieces = pieces(&text);
    if pieces.is_empty() {
        return crate::text::read(bytes, sink);
    }
    let mut titles = pieces
        .iter()
        .filter(|piece| matches!(piece.kind, BlockKind::Heading { .. }));
    if let (Some(only), None) = (titles.next(), titles.next()) {
        about.title = Some(one_line(&only.text));
    }
    send_pieces(&pieces, sink)
}

/// What is read of an event, a task or a person.
#[derive(Default)]
struct Entry {
    /// Its kind in small letters.
    kind: String,
    title: String,
    lines: Vec<String>,
    notes: Vec<String>,
    /// Where it begins.
    address: String,
}

fn pieces(text: &str) -> Vec<Piece> {
    let (mut pieces, mut lines) = (Vec::new(), Lines::new(text));
    // Entries that are open, and others that lie in them or around them.
    let mut open: Vec<Entry> = Vec::new();
    for (at, line) in unfolded(text) {
        let Some(property) = Property::of(&line) else {
            continue;
        };
        let kind = property.value.trim().to_ascii_lowercase();
        match property.name.as_str() {
            "BEGIN" if open.len() < MAX_DEPTH => open.push(Entry {
                kind,
                address: lines.address(at),
                ..Entry::default()
            }),
            "END" => {
                if let Some(entry) = open.pop() {
                    entry.emit(&mut pieces);
                }
            }
            _ => {
                if let Some(entry) = open.last_mut() {
                    entry.take(&property);
                }
            }
        }
    }
    while let Some(entry) = open.pop() {
        entry.emit(&mut pieces);
    }
    pieces
}

/// Entries lie in calendars and alarms in entries.
const MAX_DEPTH: usize = 8;

impl Entry {
    fn take(&mut self, property: &Property) {
        let value = match property.name.as_str() {
            "SUMMARY" | "FN" => {
                self.title = one_line(&property.text());
                return;
            }
            "N" if self.title.is_empty() => {
                self.title = one_line(&property.fields());
                return;
            }
            "DESCRIPTION" | "NOTE" | "COMMENT" => {
                self.notes.push(property.text());
                return;
            }
            "DTSTART" | "DTEND" | "DUE" | "BDAY" | "COMPLETED" | "ANNIVERSARY" => property.moment(),
            "ORGANIZER" | "ATTENDEE" => property.person(),
            "ADR" | "ORG" => property.fields(),
            _ => property.text(),
        };
        let label = LABELS.iter().find(|(name, _)| *name == property.name);
        if let Some((_, label)) = label.filter(|_| !value.trim().is_empty()) {
            self.lines
                .push(format!("{label}: {}", value.trim().replace('\n', ", ")));
        }
    }

    fn emit(self, pieces: &mut Vec<Piece>) {
        if !matches!(self.kind.as_str(), "vevent" | "vtodo" | "vjournal" | "vcard") {
            return;
        }
        let mut push = |kind, text: String| {
            if !text.trim().is_empty() {
                pieces.push(Piece::new(kind, text).at(self.address.clone()));
            }
        };
        push(BlockKind::Heading { level: 1 }, self.title);
        push(BlockKind::Paragraph, self.lines.join("\n"));
        for note in self.notes {
            push(BlockKind::Paragraph, note.trim().to_owned());
        }
    }
}

const LABELS: &[(&str, &str)] = &[
    ("DTSTART", "Start"),
    ("DTEND", "End"),
    ("DUE", "Due"),
    ("COMPLETED", "Completed"),
    ("DURATION", "Duration"),
    ("RRULE", "Repeats"),
    ("LOCATION", "Location"),
    ("ORGANIZER", "Organizer"),
    ("ATTENDEE", "Attendee"),
    ("STATUS", "Status"),
    ("PRIORITY", "Priority"),
    ("CATEGORIES", "Categories"),
    ("URL", "Link"),
    ("NICKNAME", "Nickname"),
    ("ORG", "Organisation"),
    ("TITLE", "Title"),
    ("ROLE", "Role"),
    ("TEL", "Telephone"),
    ("EMAIL", "E-mail"),
    ("ADR", "Address"),
    ("BDAY", "Birthday"),
    ("ANNIVERSARY", "Anniversary"),
];

/// The lines of the file as they were before they were folded, and where each begins.
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let (mut lines, mut at): (Vec<(usize, String)>, _) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        match lines.last_mut() {
            Some((_, last)) if bare.starts_with([' ', '\t']) => last.push_str(&bare[1..]),
            // As quoted-printable breaks its lines.
            Some((_, last)) if last.ends_with('=') && is_quoted(last) => {
                last.pop();
                last.push_str(bare);
            }
            _ => lines.push((at, bare.to_owned())),
        }
        at += line.len();
    }
    lines
}

fn is_quoted(line: &str) -> bool {
    let head = line.split(':').next().unwrap_or_default();
    head.to_ascii_uppercase().contains("QUOTED-PRINTABLE")
}

/// A line: a name, parameters, a value.
struct Property {
    name: String,
    /// Names in capital letters, and values.
    parameters: Vec<(String, String)>,
    value: String,
}

impl Property {
    fn of(line: &str) -> Option<Self> {
        let mut quoted = false;
        let colon = line.find(|c| {
            quoted ^= c == '"';
            c == ':' && !quoted
        })?;
        let (head, value) = (&line[..colon], &line[colon + 1..]);
        let mut parts = head.split(';');
        // Cards group their lines: "item1.TEL".
        let name = parts.next()?.rsplit('.').next()?.trim().to_ascii_uppercase();
        let parameters: Vec<(String, String)> = parts
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.to_ascii_uppercase(), value.trim_matches('"').to_owned()))
            .collect();
        let value = if is_quoted(line) {
            let bytes = mail_parser::decoders::quoted_printable::quoted_printable_decode(value.as_bytes());
            bytes.map_or_else(|| value.to_owned(), |bytes| crate::text::decode(&bytes, None))
        } else {
            value.to_owned()
        };
        Some(Self {
            name,
            parameters,
            value,
        })
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The value as text.
    fn text(&self) -> String {
        unescaped(&self.value)
    }

    /// A value of several fields.
    fn fields(&self) -> String {
        let (mut fields, mut escaped) = (vec![String::new()], false);
        for c in self.value.chars() {
            match fields.last_mut() {
                Some(field) if c != ';' || escaped => field.push(c),
                _ => fields.push(String::new()),
            }
            escaped = c == '\\' && !escaped;
        }
        let fields = fields.iter().map(|field| unescaped(field).trim().to_owned());
        let fields: Vec<String> = fields.filter(|field| !field.is_empty()).collect();
        fields.join(", ")
    }

    /// Somebody's name and address.
    fn person(&self) -> String {
        let at = self.value.trim();
        let at = match at.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &at[7..],
            _ => at,
        };
        match self.parameter("CN").filter(|name| *name != at) {
            Some(name) => format!("{name} <{at}>"),
            None => at.to_owned(),
        }
    }

    /// A day, or a time of one.
    fn moment(&self) -> String {
        let value = self.value.trim();
        let digits = |range: std::ops::Range<usize>| {
            let part = value.get(range)?;
            part.bytes().all(|byte| byte.is_ascii_digit()).then_some(part)
        };
        let (Some(year), Some(month), Some(day)) = (digits(0..4), digits(4..6), digits(6..8)) else {
            return self.text();
        };
        let date = format!("{year}-{month}-{day}");
        let (Some(hour), Some(minute)) = (digits(9..11), digits(11..13)) else {
            return date;
        };
        let zone = match self.parameter("TZID") {
            _ if value.ends_with('Z') => " UTC".to_owned(),
            Some(zone) => format!(" ({zone})"),
            None => String::new(),
        };
        format!("{date} {hour}:{minute}{zone}")
    }
}

/// A text without its escapes.
fn unescaped(text: &str) -> String {
    let (mut out, mut chars) = (String::with_capacity(text.len()), text.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(c) => out.push(c),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::testing::{read, read_file};

    #[test]
    fn events_and_people_are_read_as_one_sees_them() {
        let calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\n\
            BEGIN:VEVENT\r\nUID:1@x\r\nSUMMARY:Harbour mee\r\n ting\\, urgent\r\nDTSTART;TZID=Europe/Berlin:20240510T140000\r\n\
            DTEND;VALUE=DATE:20240511\r\nORGANIZER;CN=\"Ada: keeper\":mailto:ada@example.org\r\nLOCATION:Room 5\r\n\
            DESCRIPTION:Line one\\nLine two\r\nBEGIN:VALARM\r\nDESCRIPTION:Reminder\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let event = read_file("invite", calendar.as_bytes()).unwrap();
        assert_eq!(
            event.texts(),
            [
                "Harbour meeting, urgent\n\nStart: 2024-05-10 14:00 (Europe/Berlin)\nEnd: 2024-05-11\n\
              Organizer: Ada: keeper <ada@example.org>\nLocation: Room 5\n\nLine one\nLine two"
            ]
        );
        assert_eq!(event.about.title.as_deref(), Some("Harbour meeting, urgent"));
        assert_eq!(event.about.media_type, "text/calendar");
        assert_eq!(event.pages[0].places[0].address, "6:1");
        let cards = "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:K=C3=A4fer;J=\n=C3=B6rg\nEND:VCARD\n\
            BEGIN:VCARD\nFN:Ada Keeper\nitem1.TEL;TYPE=work:+49 30 1234\nADR:;;Quay 5;Port;;12345;\nPHOTO:/9j/4AAQ\nEND:VCARD\n";
        assert_eq!(
            read_file("people.vcf", cards.as_bytes()).unwrap().texts(),
            ["Käfer, Jörg\n\nAda Keeper\n\nTelephone: +49 30 1234\nAddress: Quay 5, Port, 12345"]
        );
    }

    proptest::proptest! {
        #[test]
        fn no_lines_make_it_panic(lines in "(BEGIN:V(CARD|EVENT)|END:V|(N|DTSTART|ORGANIZER|ADR)(;CN=\"?[ a:é]{0,3})?:(mailto:)?[0-9T;é\\\\=]{0,16}| é|\n|=){0,40}") {
            let _ = read(|about, sink| super::read(lines.as_bytes(), about, sink)).unwrap();
        }
    }
}
