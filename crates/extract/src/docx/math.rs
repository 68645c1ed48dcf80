//! Formulas on one line, as they would be typed: `(a+b)/2`, `x^2`, `√(b^2-4ac)`.

use quick_xml::events::BytesStart;

use crate::xml::attribute;

/// The parts of formulas that are open, with where they began in the text.
#[derive(Debug, Default)]
pub(super) struct Math {
    open: Vec<(&'static str, usize)>,
    /// Signs of the operators and brackets that are open.
    signs: Vec<Signs>,
}

#[derive(Debug)]
struct Signs {
    operator: Option<String>,
    left: Option<String>,
    right: Option<String>,
}

impl Math {
    /// A part begins; returns what stands before it.
    pub(super) fn start(&mut self, name: &str, element: &BytesStart<'_>, at: usize) -> Option<String> {
        let value = || Some(attribute(element, "val").unwrap_or_default());
        let part = match name {
            "den" => "den",
            "num" => "num",
            "sup" => "sup",
            "sub" => "sub",
            "deg" => "deg",
            "rad" => "rad",
            "e" => "e",
            "nary" | "d" => {
                self.signs.push(Signs {
                    operator: None,
                    left: None,
                    right: None,
                });
                if name == "d" { "d" } else { "nary" }
            }
            "chr" | "begChr" | "endChr" => {
                if let Some(signs) = self.signs.last_mut() {
                    match name {
                        "chr" => signs.operator = value(),
                        "begChr" => signs.left = value(),
                        _ => signs.right = value(),
                    }
                }
                return None;
            }
            // The properties of an operator end before its parts begin.
            _ => return None,
        };
        let within = self.open.last().map(|(part, _)| *part);
        let before = match (part, within) {
            ("den", _) => "/".to_owned(),
            ("sup", _) => "^".to_owned(),
            ("sub", Some("nary")) => {
                let sign = self.signs.last().and_then(|signs| signs.operator.clone());
                format!("{}_", sign.unwrap_or_else(|| "∫".into()))
            }
            ("sub", _) => "_".to_owned(),
            ("e", Some("rad")) => "√".to_owned(),
            ("e", Some("nary")) => " ".to_owned(),
            ("e", Some("d")) => {
                let sign = self.signs.last().and_then(|signs| signs.left.clone());
                sign.unwrap_or_else(|| "(".into())
            }
            _ => String::new(),
        };
        self.open.push((part, at + before.len()));
        Some(before)
    }

    /// A part ends; wraps what it added to the text where it needs brackets.
    pub(super) fn end(&mut self, name: &str, text: &mut String) {
        if self.open.last().is_none_or(|(part, _)| *part != name) {
            return;
        }
        let Some((part, begin)) = self.open.pop() else {
            return;
        };
        let within = self.open.last().map(|(part, _)| *part);
        let inside = text.get(begin..).unwrap_or_default();
        if inside.is_empty() {
            // An exponent or index that is not there leaves no sign.
            if matches!(part, "sup" | "sub") && text.ends_with(['^', '_']) {
                text.pop();
            }
        } else if (matches!(part, "num" | "den" | "sup" | "sub") || (part == "e" && within == Some("rad")))
            && inside.chars().count() > 1
        {
            text.insert(begin, '(');
            text.push(')');
        }
        match (part, within) {
            ("e", Some("d")) => {
                let sign = self.signs.last().and_then(|signs| signs.right.clone());
                text.push_str(sign.as_deref().unwrap_or(")"));
            }
            ("nary" | "d", _) => {
                self.signs.pop();
            }
            _ => {}
        }
    }
}
