//! Stop strings, found in a stream of pieces without ever letting part of one through.

/// Holds text back while it could be the beginning of a stop string.
pub(crate) struct StopStrings {
    stops: Vec<String>,
    held: String,
}

impl StopStrings {
    pub(crate) fn new(stops: &[String]) -> Self {
        Self {
            stops: stops.iter().filter(|stop| !stop.is_empty()).cloned().collect(),
            held: String::new(),
        }
    }

    /// Takes a piece; returns the text that is free to go, and whether a stop string came up.
    pub(crate) fn push(&mut self, piece: &str) -> (String, bool) {
        self.held.push_str(piece);
        let first = self
            .stops
            .iter()
            .filter_map(|stop| self.held.find(stop.as_str()))
            .min();
        if let Some(at) = first {
            self.held.truncate(at);
            return (std::mem::take(&mut self.held), true);
        }
        let keep = self.undecided();
        let rest = self.held.split_off(self.held.len() - keep);
        (std::mem::replace(&mut self.held, rest), false)
    }

    /// What was held back, when nothing can follow any more.
    pub(crate) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// Bytes at the end that begin a stop string.
    fn undecided(&self) -> usize {
        let longest = self.stops.iter().map(|stop| stop.len() - 1).max().unwrap_or(0);
        (1..=longest.min(self.held.len()))
            .rev()
            .find(|&length| {
                let start = self.held.len() - length;
                self.held.is_char_boundary(start)
                    && self
                        .stops
                        .iter()
                        .any(|stop| stop.starts_with(&self.held[start..]))
            })
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stops: &[&str], pieces: &[&str]) -> (String, bool) {
        let mut strings = StopStrings::new(&stops.iter().map(|stop| (*stop).into()).collect::<Vec<_>>());
        let mut text = String::new();
        for piece in pieces {
            let (free, stopped) = strings.push(piece);
            text += &free;
            if stopped {
                return (text, true);
            }
        }
        (text + &strings.finish(), false)
    }

    #[test]
    fn a_stop_string_across_pieces_ends_the_text_before_it() {
        assert_eq!(
            run(&["\nQuestion:"], &["Paris", ".\nQue", "stion", ": next"]),
            ("Paris.".into(), true)
        );
        assert_eq!(run(&["END"], &["no E", "N", "E"]), ("no ENE".into(), false));
    }

    #[test]
    fn the_earliest_of_several_wins() {
        assert_eq!(run(&["bb", "a"], &["xabb"]), ("x".into(), true));
    }

    #[test]
    fn nothing_of_a_possible_stop_is_sent_early() {
        let mut strings = StopStrings::new(&["»Ende".into()]);
        assert_eq!(strings.push("Text »"), ("Text ".into(), false));
        assert_eq!(strings.push("En"), (String::new(), false));
        assert_eq!(strings.push("gland"), ("»England".into(), false));
    }

    #[test]
    fn no_stop_strings_hold_nothing() {
        assert_eq!(run(&[], &["a", "é"]), ("aé".into(), false));
    }
}
