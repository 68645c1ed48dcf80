//! Connectionist temporal classification (Graves et al., 2006): a character a column, blanks between
//! repeats, decoded greedily.

/// The characters that the recogniser knows, by class; class 0 is the blank.
#[derive(Debug)]
pub(super) struct Alphabet(Vec<String>);

impl Alphabet {
    /// From the model's list, one a line, the blank first. None if it is no such list.
    pub(super) fn new(text: &str) -> Option<Self> {
        let keys: Vec<String> = text
            .strip_suffix('\n')
            .unwrap_or(text)
            .split('\n')
            .map(|line| line.trim_end_matches('\r').to_owned())
            .collect();
        (keys.len() > 2 && keys[0] == "blank").then_some(Self(keys))
    }

    /// Number of classes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// What a line says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Decoded {
    pub text: String,
    /// Mean probability of the characters.
    pub confidence: f32,
    /// The column in whose middle each character stands.
    pub columns: Vec<f32>,
}

/// Decodes one line's probabilities: a row of `alphabet.len()` classes a column.
pub(super) fn decode(probabilities: &[f32], alphabet: &Alphabet) -> Decoded {
    let mut decoded = Decoded::default();
    let (mut last, mut run, mut sum, mut count) = (0, 0.0, 0.0, 0.0);
    for (column, classes) in probabilities.chunks_exact(alphabet.len()).enumerate() {
        let (class, probability) = most_probable(classes);
        if class != 0 && class == last {
            // The same character is still being crossed.
            run += 1.0;
            let chars = alphabet.0[class].chars().count();
            let from = decoded.columns.len().saturating_sub(chars);
            for at in &mut decoded.columns[from..] {
                *at = column as f32 + 0.5 - run / 2.0;
            }
        } else if class != 0 {
            run = 0.0;
            decoded.text.push_str(&alphabet.0[class]);
            let chars = alphabet.0[class].chars().count();
            decoded
                .columns
                .extend(std::iter::repeat_n(column as f32 + 0.5, chars));
            sum += probability;
            count += 1.0;
        }
        last = class;
    }
    decoded.confidence = if count > 0.0 { sum / count } else { 0.0 };
    trim(decoded)
}

/// Without the blanks around the text.
fn trim(decoded: Decoded) -> Decoded {
    let lead = decoded.text.chars().take_while(|c| c.is_whitespace()).count();
    let text = decoded.text.trim().to_owned();
    let columns = decoded
        .columns
        .into_iter()
        .skip(lead)
        .take(text.chars().count())
        .collect();
    Decoded {
        text,
        columns,
        ..decoded
    }
}

/// The greatest of the values and its place. In two passes, which the compiler turns into vector
/// instructions: there are 18 thousand classes a column.
fn most_probable(values: &[f32]) -> (usize, f32) {
    let mut lanes = [f32::MIN; 16];
    let chunks = values.chunks_exact(16);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = if *value > *lane { *value } else { *lane };
        }
    }
    let most = lanes.iter().chain(rest).copied().fold(f32::MIN, f32::max);
    let place = values.iter().position(|value| *value == most).unwrap_or(0);
    (place, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alphabet() -> Alphabet {
        Alphabet::new("blank\na\nb\n\u{3042}\n \n").unwrap()
    }

    fn probabilities(classes: &[usize]) -> Vec<f32> {
        classes
            .iter()
            .flat_map(|class| (0..5).map(move |at| if at == *class { 0.8 } else { 0.05 }))
            .collect()
    }

    #[test]
    fn repeats_are_one_character_unless_a_blank_parts_them() {
        let decoded = decode(&probabilities(&[0, 1, 1, 0, 1, 2, 2, 2, 0, 4, 3]), &alphabet());
        assert_eq!(decoded.text, "aab \u{3042}");
        assert!((decoded.confidence - 0.8).abs() < 1e-6);
        assert_eq!(decoded.columns, [2.0, 4.5, 6.5, 9.5, 10.5]);
    }

    #[test]
    fn blanks_around_the_text_are_left_out_with_their_places() {
        let decoded = decode(&probabilities(&[4, 0, 1, 4, 4]), &alphabet());
        assert_eq!((decoded.text.as_str(), decoded.columns), ("a", vec![2.5]));
        let nothing = decode(&probabilities(&[0, 0]), &alphabet());
        assert_eq!((nothing.text.as_str(), nothing.confidence), ("", 0.0));
    }

    #[test]
    fn the_greatest_is_found_wherever_it_stands() {
        for at in [0, 15, 16, 36] {
            let mut values = vec![0.1; 37];
            values[at] = 0.9;
            assert_eq!(most_probable(&values), (at, 0.9));
        }
    }

    #[test]
    fn a_list_that_does_not_begin_with_the_blank_is_refused() {
        assert!(Alphabet::new("a\nb\nc\n").is_none());
        assert!(Alphabet::new("").is_none());
    }
}
