//! Files whose table of objects is broken: cut short, edited by hand, mangled by mail. The objects
//! themselves mostly still stand there, so the table is written anew.

/// More objects than any real file has.
const MAX_OBJECTS: usize = 4_000_000;

/// The file with a new table at its end. None if it has no objects or no catalog to start from.
pub(super) fn rebuild(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut objects = std::collections::BTreeMap::new();
    let mut catalog = None;
    for (at, number, generation) in headers(bytes).take(MAX_OBJECTS) {
        // A later object of the same number replaces the earlier one.
        objects.insert(number, (at, generation));
        let body = &bytes[at..bytes.len().min(at + 2048)];
        let body = &body[..find(body, b"endobj").unwrap_or(body.len())];
        let is_catalog = find(body, b"/Catalog").is_some() && find(body, b"/Pages").is_some();
        if is_catalog {
            catalog = Some((number, generation));
        }
    }
    let size = objects.keys().next_back()? + 1;
    let old = trailer_entries(bytes);
    let root = match (catalog, entry(&old, b"/Root")) {
        (Some((number, generation)), _) => format!("{number} {generation} R"),
        (None, root) => root?,
    };
    if find(&old, b"/Encrypt").is_some() && entry(&old, b"/Encrypt").is_none() {
        // Without its key, what is encrypted would come out as noise.
        return None;
    }
    let mut out = bytes.to_vec();
    out.extend_from_slice(b"\n");
    let table = out.len();
    out.extend_from_slice(b"xref\n");
    for (number, (at, generation)) in &objects {
        out.extend_from_slice(format!("{number} 1\n{at:010} {generation:05} n \n").as_bytes());
    }
    out.extend_from_slice(format!("trailer\n<< /Size {size} /Root {root}").as_bytes());
    for key in ["/Info", "/Encrypt", "/ID"] {
        if let Some(value) = entry(&old, key.as_bytes()) {
            out.extend_from_slice(format!(" {key} {value}").as_bytes());
        }
    }
    out.extend_from_slice(format!(" >>\nstartxref\n{table}\n%%EOF\n").as_bytes());
    Some(out)
}

/// Every `number generation obj`: its place, number and generation.
fn headers(bytes: &[u8]) -> impl Iterator<Item = (usize, u32, u16)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let found = from + find(bytes.get(from..)?, b"obj")?;
            from = found + 3;
            if let Some(header) = header_before(bytes, found) {
                return Some(header);
            }
        }
    })
}

fn header_before(bytes: &[u8], end: usize) -> Option<(usize, u32, u16)> {
    let (after_generation, _) = skip_back(bytes, end, |b| b.is_ascii_whitespace());
    let (generation_at, generation) = skip_back(bytes, after_generation, |b| b.is_ascii_digit());
    let (after_number, gap) = skip_back(bytes, generation_at, |b| b.is_ascii_whitespace());
    let (at, number) = skip_back(bytes, after_number, |b| b.is_ascii_digit());
    if gap.is_empty() || generation.is_empty() || number.is_empty() {
        return None;
    }
    let text = |digits: &[u8]| String::from_utf8_lossy(digits).into_owned();
    Some((at, text(number).parse().ok()?, text(generation).parse().ok()?))
}

fn skip_back(bytes: &[u8], end: usize, accept: fn(u8) -> bool) -> (usize, &[u8]) {
    let mut at = end;
    while at > 0 && end - at < 12 && accept(bytes[at - 1]) {
        at -= 1;
    }
    (at, &bytes[at..end])
}

/// What the old trailers say, the last one first: they may be part of a stream's dictionary.
fn trailer_entries(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for key in [b"trailer".as_slice(), b"/XRef"] {
        let mut end = bytes.len();
        while let Some(at) = rfind(&bytes[..end], key) {
            let from = if key == b"trailer" {
                at
            } else {
                rfind(&bytes[..at], b"obj").unwrap_or(at)
            };
            let body = &bytes[from..bytes.len().min(at + 4096)];
            let stop = [b"startxref".as_slice(), b"stream"]
                .iter()
                .filter_map(|word| find(body, word))
                .min();
            out.extend_from_slice(&body[..stop.unwrap_or(body.len())]);
            end = at;
        }
    }
    out
}

/// The value behind a key: a reference, an array, or nothing usable.
fn entry(source: &[u8], key: &[u8]) -> Option<String> {
    let rest = &source[find(source, key)? + key.len()..];
    let rest = String::from_utf8_lossy(&rest[..rest.len().min(512)]).into_owned();
    let rest = rest.trim_start();
    if rest.starts_with('[') {
        return rest.find(']').map(|end| rest[..=end].to_owned());
    }
    let mut words = rest.split(|c: char| c.is_whitespace() || c == '/' || c == '>');
    let (number, generation, r) = (words.next()?, words.next()?, words.next()?);
    let numeric = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    (numeric(number) && numeric(generation) && r == "R").then(|| format!("{number} {generation} R"))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn rfind(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .rposition(|window| window == needle)
}
