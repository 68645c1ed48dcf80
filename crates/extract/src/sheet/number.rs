//! Numbers and dates as a sheet shows them.

use calamine::{DataType, ExcelDateTime};

/// A number as the format code shows it, independent of the system's language: a point before
/// decimals, commas between thousands. Codes that are not understood show the number itself.
pub(super) fn shown(value: f64, code: Option<&str>) -> String {
    code.and_then(|code| by_code(value, code))
        .unwrap_or_else(|| general(value))
}

/// A number with the fifteen digits that sheets keep.
pub(crate) fn general(value: f64) -> String {
    if !value.is_finite() {
        return "#NUM!".into();
    }
    let rounded = format!("{value:.14e}").parse().unwrap_or(value);
    if rounded != 0.0 && !(1e-9..1e15).contains(&f64::abs(rounded)) {
        return format!("{rounded:E}");
    }
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}

/// A date as `2021-03-09`, with its time if it has one; times alone and durations as `12:30:00`.
pub(super) fn date(value: &ExcelDateTime) -> String {
    let days = value.as_f64();
    if !(0.0..2_958_466.0).contains(&days) {
        return general(days);
    }
    let (year, month, day, mut hour, mut minute, mut second, milli) = value.to_ymd_hms_milli();
    if value.is_duration() {
        let seconds = (days * 86_400.0).round() as u64;
        return format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    if milli >= 500 && second < 59 {
        second += 1;
    } else if milli >= 500 && minute < 59 {
        (minute, second) = (minute + 1, 0);
    } else if milli >= 500 && hour < 23 {
        (hour, minute, second) = (hour + 1, 0, 0);
    }
    let time = if second > 0 {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else {
        format!("{hour:02}:{minute:02}")
    };
    if days < 1.0 {
        return time;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if hour == 0 && minute == 0 && second == 0 {
        date
    } else {
        format!("{date} {time}")
    }
}

/// What a cell shows.
pub(super) fn cell(data: &impl DataType, code: Option<&str>) -> String {
    if let Some(text) = data.get_string() {
        return text.to_owned();
    }
    if let Some(value) = data.get_datetime() {
        return date(&value);
    }
    if let Some(value) = data.get_float() {
        return shown(value, code);
    }
    if let Some(value) = data.get_int() {
        return shown(value as f64, code);
    }
    if let Some(value) = data.get_bool() {
        return if value { "TRUE" } else { "FALSE" }.to_owned();
    }
    if let Some(error) = data.get_error() {
        return error.to_string();
    }
    let iso = data.get_datetime_iso().or_else(|| data.get_duration_iso());
    iso.unwrap_or_default().to_owned()
}

fn by_code(value: f64, code: &str) -> Option<String> {
    let sections: Vec<&str> = sections(code);
    let (section, value) = match (sections.as_slice(), value) {
        // Sections may say themselves which numbers they are for.
        (conditional, value) if conditional.iter().any(|section| condition(section).is_some()) => {
            let fits = |section: &&&str| condition(section).is_none_or(|holds| holds.of(value));
            (*conditional.iter().find(fits)?, value)
        }
        ([_, negative, ..], value) if value < 0.0 => (*negative, -value),
        ([_, _, zero, ..], 0.0) => (*zero, value),
        ([first, ..], value) => (*first, value),
        ([], _) => return None,
    };
    let (mut before, mut pattern, mut after) = (String::new(), String::new(), String::new());
    let mut percents = 0;
    let mut chars = section.chars().peekable();
    while let Some(c) = chars.next() {
        let open = after.is_empty();
        let literal = if pattern.is_empty() {
            &mut before
        } else {
            &mut after
        };
        match c {
            '0' | '#' | '?' | '.' if open => pattern.push(c),
            ',' if open && !pattern.is_empty() => pattern.push(c),
            '"' => literal.extend(chars.by_ref().take_while(|c| *c != '"')),
            '\\' => literal.extend(chars.next()),
            '_' | '*' => {
                chars.next();
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                if let Some(currency) = inside.strip_prefix('$') {
                    literal.push_str(currency.split('-').next().unwrap_or_default());
                }
            }
            '%' => {
                percents += 1;
                literal.push('%');
            }
            // Fractions, exponents, dates, text: shown as they are stored.
            '/' | '@' => return None,
            c if c.is_ascii_alphabetic() => return None,
            '0'..='9' | '#' | '?' => return None,
            c => literal.push(c),
        }
    }
    let digits = pattern.trim_end_matches(',');
    if !digits.contains(['0', '#', '?']) {
        return (pattern.is_empty() && !before.trim().is_empty()).then(|| before.trim().to_owned());
    }
    let thousands = i32::try_from(pattern.len() - digits.len()).ok()?;
    let scaled = value * 100f64.powi(percents) / 1000f64.powi(thousands);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let number = fixed(scaled, whole, &decimals.replace([',', '.'], ""))?;
    Some(format!("{before}{number}{after}").trim().to_owned())
}

/// Which numbers a section is for: `[>=100]`.
struct Condition<'a> {
    sign: &'a str,
    bound: f64,
}

impl Condition<'_> {
    fn of(&self, value: f64) -> bool {
        match self.sign {
            "<" => value < self.bound,
            "<=" => value <= self.bound,
            ">" => value > self.bound,
            ">=" => value >= self.bound,
            "=" => value == self.bound,
            _ => value != self.bound,
        }
    }
}

fn condition(section: &str) -> Option<Condition<'_>> {
    let inside = section
        .split('[')
        .skip(1)
        .filter_map(|part| part.split(']').next());
    inside
        .filter(|inside| inside.starts_with(['<', '>', '=']))
        .find_map(|inside| {
            let (sign, bound) = inside.split_at(inside.find(|c| !matches!(c, '<' | '>' | '='))?);
            let bound = bound.trim().parse().ok()?;
            Some(Condition { sign, bound })
        })
}

/// The number with as many digits as the pattern has places.
fn fixed(value: f64, whole: &str, decimals: &str) -> Option<String> {
    if value.abs() >= 1e15 || decimals.len() > 15 {
        return None;
    }
    // Halves go up, as sheets round, although most of them lie a little below in binary.
    let nudged = value * (1.0 + f64::EPSILON);
    let mut text = format!("{:.*}", decimals.len(), nudged.abs());
    let needed = decimals.trim_end_matches('#').len();
    while decimals.len() > needed && text.ends_with('0') {
        let kept = text.split_once('.').map_or(0, |(_, kept)| kept.len());
        if kept <= needed {
            break;
        }
        text.pop();
    }
    let text = text.trim_end_matches('.');
    let (integer, rest) = text.split_once('.').unwrap_or((text, ""));
    let least = whole.matches('0').count();
    let integer = format!("{integer:0>least$}");
    let mut out = String::new();
    if value < 0.0 && text.contains(|c: char| ('1'..='9').contains(&c)) {
        out.push('-');
    }
    for (n, digit) in integer.chars().enumerate() {
        if n > 0 && whole.contains(',') && (integer.len() - n) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    Some(out)
}

/// The parts of a code between semicolons that are not quoted.
fn sections(code: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in code.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                parts.push(&code[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&code[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_their_formats_say() {
        for (value, code, expected) in [
            (0.125, "0%", "13%"),
            (0.125, "0.0%", "12.5%"),
            (1234.5, "#,##0.00", "1,234.50"),
            (1234567.0, "#,##0", "1,234,567"),
            (-5.0, "#,##0;(#,##0)", "(5)"),
            (9.5, "[$€-407] #,##0.00", "€ 9.50"),
            (9.5, "\"CHF\" 0.00", "CHF 9.50"),
            (9.5, "0.00\\ \"kg\"", "9.50 kg"),
            (7.0, "000", "007"),
            (3.5, "General", "3.5"),
            (3.25, "0.##", "3.25"),
            (3.0, "0.##", "3"),
            (0.1 + 0.2, "General", "0.3"),
            (2_500_000.0, "0.0,,", "2.5"),
            (1.005, "0.00", "1.01"),
            (-0.001, "0.00", "0.00"),
            (2.0, "# ?/?", "2"),
            (5.0, "[>=100]\"many\";[<100]0 \"few\"", "5 few"),
            (500.0, "[Red][>=100]\"many\";0", "many"),
        ] {
            assert_eq!(shown(value, Some(code)), expected, "{value} as {code}");
        }
        assert_eq!(general(1e300), "1E300");
        assert_eq!(general(-0.0), "0");
    }
}
