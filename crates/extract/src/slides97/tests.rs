use footnote_core::types::BlockKind;
use proptest::prelude::*;

use crate::testing::{assert_sealed, compound, fault, read_file};

fn record(kind: u16, instance: u16, is_container: bool, body: &[u8]) -> Vec<u8> {
    let mut bytes = (instance << 4 | if is_container { 0xf } else { 0 })
        .to_le_bytes()
        .to_vec();
    bytes.extend(kind.to_le_bytes());
    bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend(body);
    bytes
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn text(role: u32, text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [
        record(0x0f9f, 0, false, &numbers(&[role])),
        record(0x0fa0, 0, false, &units),
    ]
    .concat()
}

/// A presentation of one slide; its title stands in the list of slides.
fn presentation() -> (Vec<u8>, Vec<u8>) {
    let slide_list = [
        record(0x03f3, 0, false, &numbers(&[2, 0, 1, 256, 0])),
        text(0, "Tides\u{b}and tables"),
    ]
    .concat();
    let note_list = record(0x03f3, 0, false, &numbers(&[3, 0, 0, 7, 0]));
    let document = record(
        0x03e8,
        0,
        true,
        &[
            record(0x0ff0, 0, true, &slide_list),
            record(0x0ff0, 2, true, &note_list),
        ]
        .concat(),
    );
    let drawing = [
        text(1, "first\rsecond"),
        record(0x0f9e, 0, false, &numbers(&[0])),
        record(0x0f9f, 0, false, &numbers(&[4])),
        record(0x0fa8, 0, false, b"caf\xe9"),
    ]
    .concat();
    let atom = record(0x03ef, 2, false, &numbers(&[0, 0, 0, 0, 7, 0]));
    let slide = record(
        0x03ee,
        0,
        true,
        &[atom, record(0x040c, 0, true, &drawing)].concat(),
    );
    let notes = record(0x03f0, 0, true, &text(2, "say hello"));
    let places = [0, document.len(), document.len() + slide.len()].map(|n| u32::try_from(n).unwrap());
    let mut stream = [document, slide, notes].concat();
    let directory = u32::try_from(stream.len()).unwrap();
    stream.extend(record(
        0x1772,
        0,
        false,
        &[numbers(&[3 << 20 | 1]), numbers(&places)].concat(),
    ));
    let edit = u32::try_from(stream.len()).unwrap();
    stream.extend(record(0x0ff5, 0, false, &numbers(&[0, 0, 0, directory, 1, 3, 0])));
    let user = [numbers(&[0, 0, 0, 0xe391_c05f, edit]), vec![0; 8]].concat();
    (stream, user)
}

fn file(stream: &[u8], user: &[u8]) -> Vec<u8> {
    compound(&[("PowerPoint Document", stream), ("Current User", user)])
}

#[test]
fn slides_have_their_titles_texts_and_notes() {
    let (stream, user) = presentation();
    let read = read_file("a.ppt", &file(&stream, &user)).unwrap();
    assert_eq!(
        read.texts(),
        ["Tides\nand tables\n\n- first\n- second\n\ncafé\n\nsay hello"]
    );
    assert_eq!(read.pages[0].label.as_deref(), Some("Tides and tables"));
    assert_eq!(read.pages[0].blocks[0].kind, BlockKind::Heading { level: 1 });
    assert_eq!(read.pages[0].blocks[4].kind, BlockKind::Footnote);
}

#[test]
fn without_its_list_the_slides_are_still_found() {
    let (stream, _) = presentation();
    let read = read_file("a.ppt", &file(&stream, b"")).unwrap();
    assert_eq!(read.texts(), ["- first\n- second\n\ncafé"]);
    assert!(read.about.warnings[0].contains("list of slides"));
}

#[test]
fn locked_and_damaged_presentations_are_told_apart() {
    let (stream, mut user) = presentation();
    user[12..16].copy_from_slice(&0xf3d1_c4df_u32.to_le_bytes());
    assert_sealed(read_file("a.ppt", &file(&stream, &user)));
    let error = fault(read_file("a.ppt", &file(b"nothing", b"")));
    assert!(error.message.contains("no slides"), "{}", error.message);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn damage_anywhere_ends_in_order(at in 0usize..2000, byte in any::<u8>(), cut in 0usize..2000) {
        let (mut stream, user) = presentation();
        let at = at % stream.len();
        stream[at] = byte;
        stream.truncate(cut.max(stream.len() / 2));
        let _ = read_file("a.ppt", &file(&stream, &user));
    }
}
