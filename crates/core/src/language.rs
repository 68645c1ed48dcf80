//! The language of a document: what it says itself, or what its text tells.
//!
//! A detector always names one of the languages it knows, whatever it is given. So its word counts only where the stretch
//! itself bears it out: by its script, and by the little words that the language has and its neighbours do not. A stretch of
//! names and figures, of source code or of a language that the detector does not know tells nothing.

use unicode_segmentation::UnicodeSegmentation;
use whichlang::{Lang, detect_language};

/// Characters of a stretch that is looked at.
const STRETCH: usize = 320;
/// Stretches of a page, spread evenly over it.
const STRETCHES: usize = 4;
/// What a stretch must weigh (see [`weight`]) to tell anything.
const LEAST: u64 = 36;
/// What the stretches that tell must weigh for a document to have a language: a sentence or two.
const ENOUGH: u64 = 60;
/// What they must weigh for their word to count more than the document's own.
const PLENTY: u64 = 400;

/// A language that is told from text.
struct Known {
    lang: Lang,
    /// Its tag (BCP 47).
    tag: &'static str,
    /// Its code of three letters, and the older one, if there is one.
    codes: &'static [&'static str],
    /// Words that are frequent in it, and not in what it could be taken for.
    words: &'static str,
}

const KNOWN: [Known; 16] = [
    Known {
        lang: Lang::Ara,
        tag: "ar",
        codes: &["ara"],
        words: "",
    },
    Known {
        lang: Lang::Cmn,
        tag: "zh",
        codes: &["zho", "chi", "cmn"],
        words: "",
    },
    Known {
        lang: Lang::Deu,
        tag: "de",
        codes: &["deu", "ger"],
        words: "der die das und den von zu mit ist nicht des dem ein eine einer auf für im sich auch als wird oder bei nach durch \
            sind werden kann wir sie aus über zum zur",
    },
    Known {
        lang: Lang::Eng,
        tag: "en",
        codes: &["eng"],
        words: "the of and to is that for it with as was by not this are or from which you your have will shall be has at their",
    },
    Known {
        lang: Lang::Fra,
        tag: "fr",
        codes: &["fra", "fre"],
        words: "et une du est dans pour par sur au qui ne pas avec plus ce sont aux vous nous cette ou à être des il le peut leur",
    },
    Known {
        lang: Lang::Hin,
        tag: "hi",
        codes: &["hin"],
        words: "है में के की का से को और हैं नहीं पर यह",
    },
    Known {
        lang: Lang::Ita,
        tag: "it",
        codes: &["ita"],
        words: "di che e il per della delle dei degli nel nella non con sono da gli è alla dal come anche una più questo",
    },
    Known {
        lang: Lang::Jpn,
        tag: "ja",
        codes: &["jpn"],
        words: "",
    },
    Known {
        lang: Lang::Kor,
        tag: "ko",
        codes: &["kor"],
        words: "",
    },
    Known {
        lang: Lang::Nld,
        tag: "nl",
        codes: &["nld", "dut"],
        words: "de het een van en voor niet zijn dat worden wordt op te met aan deze bij ook naar geen",
    },
    Known {
        lang: Lang::Por,
        tag: "pt",
        codes: &["por"],
        words: "não uma em com são ou é os das dos pelo pela mais seu sua foi também até à ao no na",
    },
    Known {
        lang: Lang::Rus,
        tag: "ru",
        codes: &["rus"],
        words: "",
    },
    Known {
        lang: Lang::Spa,
        tag: "es",
        codes: &["spa"],
        words: "y los las con una como más para lo su sus fue este esta el por se del pero o",
    },
    Known {
        lang: Lang::Swe,
        tag: "sv",
        codes: &["swe"],
        words: "och att är inte ett för från på till av som eller ska kan har",
    },
    Known {
        lang: Lang::Tur,
        tag: "tr",
        codes: &["tur"],
        words: "ve bir bu için ile olarak olan daha gibi veya sonra göre kadar değil en çok her",
    },
    Known {
        lang: Lang::Vie,
        tag: "vi",
        codes: &["vie"],
        words: "của và là có các được cho trong không với một những này khi người để",
    },
];

/// What the pages of a document tell of its language; takes a page at a time and keeps no text.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// What the stretches of each language weigh, in the order of `KNOWN`.
    weights: [u64; KNOWN.len()],
    /// What all stretches weigh that are long enough to tell something.
    all: u64,
}

impl Told {
    /// Looks at a page: at four stretches of it, however long it is.
    pub fn page(&mut self, text: &str) {
        for stretch in stretches(text) {
            let weight = weight(stretch);
            if weight < LEAST {
                continue;
            }
            self.all += weight;
            if let Some(known) = judge(stretch) {
                self.weights[known] += weight;
            }
        }
    }

    /// The language (BCP 47), if the pages tell one: four fifths of the stretches that tell any, and a quarter of all.
    #[must_use]
    pub fn language(&self) -> Option<&'static str> {
        let (best, weight) = self.best()?;
        let (told, all) = (self.weights.iter().sum::<u64>(), self.all);
        (weight >= ENOUGH && weight * 5 >= told * 4 && weight * 4 >= all).then_some(KNOWN[best].tag)
    }

    /// The document's language, given what it says itself. That counts, with its region ("de-CH"), unless the text is plainly in another
    /// language: templates and page builders declare a language that nobody chose.
    #[must_use]
    pub fn settle(&self, declared: Option<&str>) -> Option<String> {
        let Some(declared) = declared.and_then(tag) else {
            return self.language().map(str::to_owned);
        };
        let of_known = KNOWN.iter().any(|known| known.tag == primary(&declared));
        let plain = self.best().filter(|(_, weight)| {
            let told = self.weights.iter().sum::<u64>();
            *weight >= PLENTY && weight * 10 >= told * 9 && weight * 2 >= self.all
        });
        match plain {
            Some((best, _)) if of_known && KNOWN[best].tag != primary(&declared) => {
                Some(KNOWN[best].tag.to_owned())
            }
            _ => Some(declared),
        }
    }

    fn best(&self) -> Option<(usize, u64)> {
        self.weights
            .iter()
            .copied()
            .enumerate()
            .max_by_key(|(_, weight)| *weight)
    }
}

/// A declared language as a tag in its usual form ("de", "pt-BR"), of language and region alone; none if it names none.
#[must_use]
pub fn tag(declared: &str) -> Option<String> {
    // Several may be given; the first is the main one.
    let first = declared.split([',', ';']).next()?.trim();
    let mut parts = first.split(['-', '_']);
    let language = parts.next()?.to_ascii_lowercase();
    let letters = (2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_lowercase());
    // Undetermined, none, several, and one that has no code.
    if !letters || matches!(language.as_str(), "und" | "zxx" | "mul" | "mis") {
        return None;
    }
    let known = KNOWN
        .iter()
        .find(|known| known.codes.contains(&language.as_str()));
    let language = known.map_or(language.as_str(), |known| known.tag);
    // What stands behind an "x" is private.
    let mut parts = parts.take_while(|part| part.len() > 1);
    let region = parts.find(|part| {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic()))
            || (part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit()))
    });
    Some(match region {
        Some(region) => format!("{language}-{}", region.to_ascii_uppercase()),
        None => language.to_owned(),
    })
}

/// Whether a document in `language` is one in `wanted`, both tags: "de" takes "de-CH" in, not the other way round.
#[must_use]
pub fn within(language: &str, wanted: &str) -> bool {
    language == wanted || primary(language) == wanted
}

/// Words that are frequent in a language (its primary tag) and not in what it could be taken for; none if it is not told.
pub(crate) fn frequent_words(language: &str) -> &'static str {
    KNOWN
        .iter()
        .find(|known| known.tag == language)
        .map_or("", |known| known.words)
}

/// A tag without its region.
pub(crate) fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

/// Up to [`STRETCHES`] stretches of `text`, all of it if it is short.
fn stretches(text: &str) -> impl Iterator<Item = &str> {
    // In bytes, since a page may be long; a stretch takes up to three bytes a letter.
    let length = text.len();
    let count = (length / STRETCH).clamp(1, STRETCHES);
    (0..count).map(move |nth| {
        let from = text.floor_char_boundary(length / count * nth);
        let end = if nth + 1 == count {
            length
        } else {
            length / count * (nth + 1)
        };
        let rest = &text[from..text.floor_char_boundary(end)];
        let cut = rest.char_indices().nth(STRETCH).map_or(rest.len(), |(at, _)| at);
        &rest[..cut]
    })
}

/// How much a stretch has to say: its letters, those of scripts that write syllables or words thrice.
fn weight(stretch: &str) -> u64 {
    stretch
        .chars()
        .map(|c| {
            if c.is_alphabetic() {
                1 + 2 * u64::from(is_east_asian(c))
            } else {
                0
            }
        })
        .sum()
}

/// The language of a stretch, if what the detector says is borne out.
fn judge(stretch: &str) -> Option<usize> {
    let lang = detect_language(&words_alone(stretch));
    let at = KNOWN.iter().position(|known| known.lang == lang)?;
    borne_out(stretch, &KNOWN[at]).then_some(at)
}

/// Words with single blanks between them: figures and signs have features of languages for the detector.
fn words_alone(stretch: &str) -> String {
    let mut words = String::with_capacity(stretch.len());
    for c in stretch.chars() {
        // Vowel signs are no letters of their own.
        if c.is_alphabetic() || is_devanagari(c) || is_arabic(c) {
            words.push(c);
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words
}

fn borne_out(stretch: &str, known: &Known) -> bool {
    let mostly = |script: fn(char) -> bool| {
        let letters = stretch.chars().filter(|c| c.is_alphabetic());
        let (all, fit) = letters.fold((0, 0), |(all, fit), c| (all + 1, fit + usize::from(script(c))));
        fit * 10 >= all * 7
    };
    let has = |chars: &str| {
        stretch
            .chars()
            .any(|c| chars.contains(c.to_lowercase().next().unwrap_or(c)))
    };
    match known.lang {
        Lang::Cmn => mostly(is_han) && !stretch.contains(is_kana),
        Lang::Jpn => mostly(|c| is_han(c) || is_kana(c)) && stretch.contains(is_kana),
        Lang::Kor => mostly(is_hangul),
        // Ukrainian, Bulgarian and Serbian have neither of the first; Belarusian has some of the second.
        Lang::Rus => mostly(is_cyrillic) && has("ыэ") && !has("іїєґўјћђ"),
        // Persian and Urdu write some letters with signs of their own.
        Lang::Ara => mostly(is_arabic) && !has("پچژگکیٹڈڑںےہ"),
        Lang::Hin => mostly(is_devanagari) && has_words(stretch, known.words),
        // Azerbaijani has all the little words of Turkish but for this letter.
        Lang::Tur => mostly(is_latin) && !has("ə") && has_words(stretch, known.words),
        _ => mostly(is_latin) && has_words(stretch, known.words),
    }
}

/// Whether every tenth of the words of a stretch is among `list`, and at least two different ones are.
fn has_words(stretch: &str, list: &str) -> bool {
    let (mut words, mut among) = (0, Vec::new());
    for word in stretch
        .unicode_words()
        .filter(|word| word.contains(char::is_alphabetic))
    {
        words += 1;
        // "l'arrêt", "qu'il": the little word is what stands before.
        let small = word.split(['\'', '’']).next().unwrap_or(word).to_lowercase();
        among.extend(list.split_whitespace().find(|other| *other == small));
    }
    let share = among.len() * 10 >= words;
    among.sort_unstable();
    among.dedup();
    share && among.len() >= 2
}

fn is_latin(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{fb00}'..='\u{fb06}')
}

fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{52f}')
}

fn is_arabic(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

fn is_devanagari(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{97f}')
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '々')
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}')
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}')
}

fn is_east_asian(c: char) -> bool {
    is_han(c) || is_kana(c) || is_hangul(c)
}

#[cfg(test)]
mod tests;
