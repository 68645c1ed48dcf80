//! Words that are written as one and made of several: "Mietvertragskündigung" is a "Kündigung" of a "Mietvertrag".
//!
//! A word is parted only if it is made of known words throughout, with what the language puts between them. The known ones are
//! lists of basic words of our own, beside this file; a word that is on them is never parted. Parting too little costs a match,
//! parting wrongly costs trust.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::find::fold;

/// Letters of the longest word that is looked into.
const LONGEST: usize = 80;
/// Parts of a compound at most.
const PARTS: usize = 6;
/// Letters of the shortest word that may stand behind a prefix: "Vertrag" on the list does not need it, "Zuzahlung" does.
const BEHIND_PREFIX: usize = 5;

/// What a language makes its compounds of.
struct Rules {
    /// Basic words, separated by white space.
    words: &'static str,
    /// What may stand behind a word at the end of a compound.
    endings: &'static [&'static str],
    /// What may stand behind a word before another one.
    links: &'static [&'static str],
    /// A last letter that makes room for endings and links, with those that follow then.
    dropped: (&'static str, &'static [&'static str], &'static [&'static str]),
    /// What may stand before a word as part of it.
    prefixes: &'static [&'static str],
}

const GERMAN: Rules = Rules {
    words: include_str!("de.txt"),
    endings: &[
        "", "s", "es", "e", "en", "n", "er", "ern", "nen", "se", "sen", "in", "innen",
    ],
    links: &["", "s", "es", "n", "en", "er", "e", "ens"],
    // "Mietvertrag", "Schulamt"
    dropped: ("e", &[], &["", "s"]),
    prefixes: &[
        "ab", "an", "auf", "aus", "be", "bei", "durch", "ein", "ent", "er", "gegen", "hinter", "mit", "nach",
        "ruck", "uber", "um", "unter", "ver", "vor", "wider", "wieder", "weiter", "zer", "zu", "zuruck",
    ],
};

const DUTCH: Rules = Rules {
    words: include_str!("nl.txt"),
    endings: &["", "s", "en", "n", "e", "eren"],
    links: &["", "s", "e", "en", "n", "er"],
    dropped: ("e", &[], &[""]),
    prefixes: &[],
};

const SWEDISH: Rules = Rules {
    words: include_str!("sv.txt"),
    endings: &[
        "", "s", "en", "et", "n", "t", "ar", "er", "r", "na", "ens", "ets", "arna", "erna", "ernas", "arnas",
    ],
    links: &["", "s", "e"],
    dropped: ("a", &["or", "an", "orna", "ans"], &["", "e", "o", "u"]),
    prefixes: &[],
};

/// Parts the words of a language.
pub(super) struct Compounds {
    /// What may stand at the end, with the basic word it is a form of.
    heads: HashMap<String, String>,
    /// What may stand before another word, likewise.
    modifiers: HashMap<String, String>,
    prefixes: &'static [&'static str],
}

pub(super) static IN_GERMAN: LazyLock<Compounds> = LazyLock::new(|| Compounds::new(&GERMAN));
pub(super) static IN_DUTCH: LazyLock<Compounds> = LazyLock::new(|| Compounds::new(&DUTCH));
pub(super) static IN_SWEDISH: LazyLock<Compounds> = LazyLock::new(|| Compounds::new(&SWEDISH));

impl Compounds {
    fn new(rules: &Rules) -> Self {
        let words: Vec<String> = rules
            .words
            .split_whitespace()
            .map(fold)
            .filter(|word| word.len() >= 3)
            .collect();
        let forms = |endings: &[&str], of_dropped: &[&str]| {
            let mut forms: HashMap<String, String> = HashMap::new();
            for word in &words {
                for ending in endings {
                    let form = format!("{word}{ending}");
                    forms.entry(form).or_insert_with(|| word.clone());
                }
                if let Some(short) = word.strip_suffix(rules.dropped.0)
                    && short.len() >= 3
                {
                    for ending in of_dropped {
                        let form = format!("{short}{ending}");
                        forms.entry(form).or_insert_with(|| word.clone());
                    }
                }
            }
            // A word of its own is no form of another: "Leiter" is not the plural of "Leit".
            for word in &words {
                forms.insert(word.clone(), word.clone());
            }
            forms
        };
        Self {
            heads: forms(rules.endings, rules.dropped.1),
            modifiers: forms(rules.links, rules.dropped.2),
            prefixes: rules.prefixes,
        }
    }

    /// The basic words that `word`, folded, is made of; none if it is none of them, one of them, or not made of them throughout.
    /// Of several ways to part it, that with the fewest parts counts, and then that with the longest word at the end.
    pub(super) fn parts(&self, word: &str) -> Vec<String> {
        let length = word.len();
        if !(7..=LONGEST).contains(&length) || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Vec::new();
        }
        if self.form(&self.heads, word).is_some() {
            return Vec::new();
        }
        // Per place: the parts before it, where the last of them begins, and which word that is.
        let mut before: Vec<Option<(usize, usize, String)>> = vec![None; length + 1];
        for from in 0..length - 2 {
            let parts = match &before[from] {
                Some((parts, ..)) if *parts < PARTS => *parts,
                None if from == 0 => 0,
                _ => continue,
            };
            for to in from + 3..=length {
                let forms = if to == length {
                    &self.heads
                } else {
                    &self.modifiers
                };
                // Earlier beginnings come first, so that of as many parts the longest last one stays.
                if before[to].as_ref().is_none_or(|(known, ..)| *known > parts + 1)
                    && let Some(base) = self.form(forms, &word[from..to])
                {
                    before[to] = Some((parts + 1, from, base));
                }
            }
        }
        let mut found = Vec::new();
        let mut at = length;
        while let Some((_, from, base)) = before[at].take() {
            found.push(base);
            at = from;
        }
        found.reverse();
        found
    }

    /// The basic word that `piece` is a form of, with the prefix it has.
    fn form(&self, forms: &HashMap<String, String>, piece: &str) -> Option<String> {
        if let Some(base) = forms.get(piece) {
            return Some(base.clone());
        }
        self.prefixes.iter().find_map(|prefix| {
            let base = forms.get(piece.strip_prefix(prefix)?)?;
            (base.len() >= BEHIND_PREFIX).then(|| format!("{prefix}{base}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn german_compounds_are_made_of_their_words() {
        for (word, parts) in [
            ("kundigungsfrist", "kundigung frist"),
            ("kundigungsfristen", "kundigung frist"),
            ("mietvertragskundigung", "miete vertrag kundigung"),
            ("betriebskostenabrechnungen", "betrieb kosten abrechnung"),
            ("mieterhohung", "miete erhohung"),
            ("hausordnung", "haus ordnung"),
            ("wohnungsubergabeprotokoll", "wohnung ubergabe protokoll"),
            ("stichtag", ""),
            ("krankenversicherungsbeitrag", "kranke versicherung beitrag"),
            ("haftpflichtversicherung", "haft pflicht versicherung"),
            ("arbeitszeit", "arbeit zeit"),
            ("waschmaschinenanschluss", "waschmaschine anschluss"),
        ] {
            assert_eq!(IN_GERMAN.parts(word).join(" "), parts, "{word}");
        }
    }

    #[test]
    fn words_that_only_look_like_compounds_stay_whole() {
        for word in [
            "vertrag",
            "versicherung",
            "abrechnung",
            "vermieterin",
            "donnerstag",
            "ergebnisse",
            "gesellschaften",
            "transparent",
            "kalender",
            "apparat",
            "verantwortung",
            "reisender",
            "konstanten",
            "beinhalten",
            "personalien",
            "kandidaten",
            "unterlagen",
            "verhaltnisse",
            "universitat",
            "vorgestern",
            "zusammen",
            "irgendwann",
        ] {
            assert_eq!(IN_GERMAN.parts(word).join(" "), "", "{word}");
        }
    }

    #[test]
    fn dutch_and_swedish_compounds_are_made_of_their_words() {
        for (word, parts) in [
            ("opzegtermijn", "opzeg termijn"),
            ("huurovereenkomst", "huur overeenkomst"),
            ("arbeidsovereenkomsten", "arbeid overeenkomst"),
            ("overeenkomst", ""),
        ] {
            assert_eq!(IN_DUTCH.parts(word).join(" "), parts, "{word}");
        }
        for (word, parts) in [
            ("uppsagningstid", "uppsagning tid"),
            ("uppsagningstiden", "uppsagning tid"),
            ("hyresavtalet", "hyres avtal"),
            ("arbetsgivare", ""),
        ] {
            assert_eq!(IN_SWEDISH.parts(word).join(" "), parts, "{word}");
        }
    }
}
