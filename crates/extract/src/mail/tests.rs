use std::io::{Cursor, Write};
use std::path::Path;

use super::*;
use crate::testing::read_bytes as read;

const HEAD: &str = "From: Ann Lee <ann@example.org>\r\nTo: Bo <bo@example.org>, cy@example.org\r\nCc: dee@example.org\r\n\
    Date: Tue, 01 Oct 2024 12:34:56 -0500\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from\r\n the harbour\r\nMIME-Version: 1.0\r\n";

#[test]
fn a_message_shows_its_head_and_body() {
    let mail = format!("{HEAD}\r\nThe basin is shallow.\r\n\r\n> Is it?\r\n> Really\r\n");
    let (result, about, pages) = read(mail.as_bytes(), "a.eml");
    assert_eq!(result, Ok(1));
    assert_eq!(
        pages[0].text,
        "Grüße from the harbour\n\nFrom: Ann Lee <ann@example.org>\nTo: Bo <bo@example.org>, cy@example.org\n\
         Cc: dee@example.org\nDate: Tue, 01 Oct 2024 12:34:56 -0500\n\nThe basin is shallow.\n\n> Is it?\n> Really"
    );
    assert_eq!(pages[0].unit, PageUnit::Message);
    assert_eq!(pages[0].blocks[0].kind, BlockKind::Heading { level: 1 });
    assert_eq!(about.title.as_deref(), Some("Grüße from the harbour"));
    assert_eq!(about.author.as_deref(), Some("Ann Lee <ann@example.org>"));
    assert_eq!(about.date.as_deref(), Some("2024-10-01T12:34:56-05:00"));
}

fn multipart(kind: &str, parts: &[&str]) -> String {
    let mut mail = format!("{HEAD}Content-Type: multipart/{kind}; boundary=XX\r\n\r\n");
    for part in parts {
        mail.push_str(&format!("--XX\r\n{part}\r\n"));
    }
    mail + "--XX--\r\n"
}

#[test]
fn html_is_taken_where_it_says_more() {
    let plain = "Content-Type: text/plain\r\n\r\nBerth A is 4 m deep.";
    let same = multipart(
        "alternative",
        &[
            plain,
            "Content-Type: text/html\r\n\r\n<p>Berth A is <b>4 m</b> deep.</p>",
        ],
    );
    assert!(
        read(same.as_bytes(), "a.eml").2[0]
            .text
            .ends_with("\n\nBerth A is 4 m deep.")
    );
    let table = "Content-Type: text/html\r\n\r\n<table><tr><th>Berth</th><th>Depth</th></tr><tr><td>A</td><td>4 m</td></tr></table>";
    let richer = multipart(
        "alternative",
        &["Content-Type: text/plain\r\n\r\nPlease use HTML", table],
    );
    let pages = read(richer.as_bytes(), "a.eml").2;
    assert!(
        pages[0].text.ends_with("Berth | Depth\nA | 4 m"),
        "{}",
        pages[0].text
    );
}

#[test]
fn attachments_follow_as_pages_of_their_own_formats() {
    let nested = format!(
        "Content-Type: message/rfc822\r\n\r\n{}\r\nThe nested one.",
        HEAD.replace("Ann Lee", "Eve")
    );
    let mail = multipart(
        "mixed",
        &[
            "Content-Type: text/plain\r\n\r\nSee below.",
            "Content-Type: text/markdown; name=\"notes.md\"\r\nContent-Disposition: attachment\r\n\r\n# Notes\r\n\r\nmarked",
            &nested,
            "Content-Type: image/png\r\nContent-ID: <a@b>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=",
            "Content-Type: application/octet-stream; name=\"x.bin\"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAwQFBgc=",
        ],
    );
    let (result, about, pages) = read(mail.as_bytes(), "a.eml");
    assert_eq!(result, Ok(3), "{about:?}");
    let labels: Vec<_> = pages
        .iter()
        .map(|page| page.label.clone().unwrap_or_default())
        .collect();
    assert_eq!(labels[1], "notes.md · Notes");
    assert!(labels[2].starts_with("Grüße from the harbour · "), "{labels:?}");
    assert!(pages[2].text.contains("Eve") && pages[2].text.ends_with("The nested one."));
    assert_eq!(about.author.as_deref(), Some("Ann Lee <ann@example.org>"));
    assert_eq!(about.warnings, ["not read, their formats are unknown: x.bin"]);
}

#[test]
fn encrypted_mails_say_so() {
    let sealed = format!(
        "{HEAD}Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nMIAG"
    );
    let pgp = multipart(
        "encrypted; protocol=\"application/pgp-encrypted\"",
        &["Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1"],
    );
    let armored =
        format!("{HEAD}\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n");
    for mail in [sealed, pgp, armored] {
        let error = read(mail.as_bytes(), "a.eml").0.unwrap_err();
        assert_eq!(error.message, "The message is encrypted");
        assert!(error.hint.is_some());
    }
}

#[test]
fn messages_inside_their_signature_are_read() {
    let mut mail =
        format!("{HEAD}Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\n").into_bytes();
    let inner = b"Content-Type: text/plain\r\n\r\nSigned words.";
    mail.extend([
        0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01, 0xa0, 0x80, 0x04,
    ]);
    mail.push(u8::try_from(inner.len()).unwrap());
    mail.extend(inner);
    let (result, about, pages) = read(&mail, "a.eml");
    assert_eq!(result, Ok(1));
    assert!(pages[0].text.ends_with("Signed words."), "{}", pages[0].text);
    assert_eq!(about.author.as_deref(), Some("Ann Lee <ann@example.org>"));
}

#[test]
fn a_mail_that_is_nothing_but_cipher_says_so() {
    let sealed = multipart(
        "mixed",
        &["Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nMIAG"],
    );
    let error = read(sealed.as_bytes(), "a.eml").0.unwrap_err();
    assert!(error.message.ends_with("The message is encrypted"), "{error}");
}

#[test]
fn every_message_of_a_mailbox_is_read() {
    let separator = "From ann@example.org Tue Oct  1 12:34:56 2024\r\n";
    let mbox = format!(
        "{separator}{HEAD}\r\nFirst.\r\n>From here on.\r\n\r\n{separator}{HEAD}\r\nSecond.\r\nFrom time to time at 10:00 in 2024 it rains.\r\n"
    );
    let (result, _, pages) = read(mbox.as_bytes(), "inbox");
    assert_eq!(result, Ok(2));
    assert!(
        pages[0].text.ends_with("First.\nFrom here on."),
        "{}",
        pages[0].text
    );
    assert!(pages[1].text.ends_with("it rains."));
    assert_eq!(pages[1].number, 2);
    assert_eq!(pages[1].label.as_deref(), Some("Grüße from the harbour"));
}

#[test]
fn web_archives_show_their_page() {
    let archive = "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/\r\nSubject: Tides\r\n\
        Date: Tue, 01 Oct 2024 12:34:56 -0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=XX\r\n\r\n\
        --XX\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<html><h1>Tid=\r\nes</h1><p>High =C3=A0 noon</p></html>\r\n\
        --XX\r\nContent-Type: text/css\r\n\r\nbody {}\r\n--XX--\r\n";
    let (result, about, pages) = read(archive.as_bytes(), "a.mhtml");
    assert_eq!(result, Ok(1));
    assert_eq!(pages[0].text, "Tides\n\nHigh à noon");
    assert_eq!(about.title.as_deref(), Some("Tides"));
    assert_eq!(about.date.as_deref(), Some("2024-10-01T12:34:56Z"));
}

#[test]
fn undeclared_encodings_of_bodies_are_recognised() {
    let mut mail = format!("{HEAD}Content-Type: text/plain\r\n\r\n").into_bytes();
    mail.extend(b"Der K\xe4ufer sch\xe4tzt die Gr\xf6\xdfe f\xfcr \xfcberm\xe4\xdfig gro\xdf.\r\n");
    assert!(
        read(&mail, "a.eml").2[0]
            .text
            .ends_with("Größe für übermäßig groß.")
    );
    let quoted = multipart(
        "related",
        &[
            "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
           <html><meta charset=3Diso-8859-2><p>=B3=F3d=BC na wodzie</p></html>",
        ],
    );
    assert!(
        read(quoted.as_bytes(), "a.eml").2[0]
            .text
            .ends_with("łódź na wodzie")
    );
}

#[test]
fn mails_nested_deep_end_in_a_warning() {
    let mut mail = format!("{HEAD}\r\nbottom");
    for n in 0..8 {
        mail = format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=B{n}\r\n\r\n--B{n}\r\nContent-Type: text/plain\r\n\r\nlevel {n}\r\n\
            --B{n}\r\nContent-Type: message/rfc822\r\n\r\n{mail}\r\n--B{n}--\r\n"
        );
    }
    let (result, about, pages) = read(mail.as_bytes(), "a.eml");
    assert_eq!((result, pages.len()), (Ok(4), 4));
    assert!(
        about
            .warnings
            .iter()
            .any(|warning| warning.contains("3 files deep")),
        "{:?}",
        about.warnings
    );
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn outlook(streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (path, bytes) in streams {
        if let Some(folder) = Path::new(path)
            .parent()
            .filter(|folder| folder.as_os_str().len() > 1)
        {
            file.create_storage_all(folder).unwrap();
        }
        file.create_stream(path).unwrap().write_all(bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// A property stream: so many bytes of header, then a time when the mail was submitted.
fn sent(header: usize) -> Vec<u8> {
    let mut bytes = vec![0; header];
    bytes.extend([0x40, 0, 0x39, 0, 6, 0, 0, 0]);
    bytes.extend((13_372_277_696_u64 * 10_000_000).to_le_bytes());
    bytes
}

#[test]
fn outlook_messages_are_read_with_what_is_attached() {
    let inner = "/__attach_version1.0_#00000001/__substg1.0_3701000D";
    let file = outlook(&[
        ("/__properties_version1.0", sent(32)),
        ("/__substg1.0_0037001F", wide("Depths")),
        ("/__substg1.0_0C1A001F", wide("Ann Lee")),
        ("/__substg1.0_5D01001F", wide("ann@example.org")),
        ("/__substg1.0_0E04001F", wide("Bo")),
        ("/__substg1.0_1000001F", wide("Berth A is shallow.\r\n")),
        (
            "/__attach_version1.0_#00000000/__properties_version1.0",
            vec![0; 8],
        ),
        (
            "/__attach_version1.0_#00000000/__substg1.0_3707001F",
            wide("notes.txt"),
        ),
        (
            "/__attach_version1.0_#00000000/__substg1.0_37010102",
            b"noted".to_vec(),
        ),
        (
            "/__attach_version1.0_#00000001/__properties_version1.0",
            vec![0; 8],
        ),
        (
            "/__attach_version1.0_#00000001/__substg1.0_3001001F",
            wide("Inner"),
        ),
        (&format!("{inner}/__properties_version1.0"), sent(24)),
        (&format!("{inner}/__substg1.0_0037001F"), wide("Inner")),
        (
            &format!("{inner}/__substg1.0_10130102"),
            b"<p>From <b>within</b></p>".to_vec(),
        ),
    ]);
    let (result, about, pages) = read(&file, "a.msg");
    assert_eq!(result, Ok(3), "{about:?}");
    assert_eq!(
        pages[0].text,
        "Depths\n\nFrom: Ann Lee <ann@example.org>\nTo: Bo\nDate: 2024-10-01T17:34:56Z\nAttachments: notes.txt, Inner\n\nBerth A is shallow."
    );
    assert_eq!(about.date.as_deref(), Some("2024-10-01T17:34:56Z"));
    assert_eq!(pages[1].label.as_deref(), Some("notes.txt"));
    assert!(pages[2].text.ends_with("From within"));
}

/// An attribute of Outlook's packing, with a checksum that nobody checks.
fn packed(kind: u32, data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u32).to_le_bytes();
    [&[1], &kind.to_le_bytes()[..], &length, data, &[0, 0]].concat()
}

/// A property with a value of variable length.
fn property(kind: u16, id: u16, value: &[u8]) -> Vec<u8> {
    let mut out = [kind.to_le_bytes(), id.to_le_bytes()].concat();
    out.extend(1_u32.to_le_bytes());
    out.extend((value.len() as u32).to_le_bytes());
    out.extend(value);
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

#[test]
fn what_outlook_packs_as_winmail_dat_is_read_with_its_attachments() {
    let message = [
        4_u32.to_le_bytes().to_vec(),
        // A number, a property with a name, and a value whose length is odd.
        [&[3, 0, 0x17, 0][..], &[1, 0, 0, 0]].concat(),
        [
            &[3, 0, 1, 0x80][..],
            &[7; 16],
            &[0; 4],
            &[5, 0, 0, 0],
            &[9, 0, 0, 0],
        ]
        .concat(),
        property(0x1e, 0x0037, b"Tides\0"),
        property(0x102, 0x1013, b"<p>High at <b>nine</b></p>"),
    ]
    .concat();
    let name = [
        1_u32.to_le_bytes().to_vec(),
        property(0x1f, 0x3707, &wide("Table of tides.csv")),
    ]
    .concat();
    let file = [
        b"\x78\x9f\x3e\x22\0\0".to_vec(),
        packed(0x0006_9003, &message),
        packed(0x0006_9002, &[0; 14]),
        packed(0x0001_8010, b"TABLEO~1.CSV\0"),
        packed(0x0006_800f, b"Low,3\nHigh,9\n"),
        packed(0x0006_9005, &name),
    ]
    .concat();
    let (sent, about, pages) = read(&file, "winmail.dat");
    assert_eq!(sent.unwrap(), 2);
    assert_eq!(about.title.as_deref(), Some("Tides"));
    assert!(pages[0].text.ends_with("High at nine"), "{}", pages[0].text);
    assert_eq!(pages[1].label.as_deref(), Some("Table of tides.csv · 1"));
    assert_eq!(pages[1].text, "Low | 3\nHigh | 9");
    assert!(read(&file[..40], "winmail.dat").0.is_err());
}

#[test]
fn encrypted_and_broken_outlook_messages_say_so() {
    let sealed = outlook(&[
        ("/__properties_version1.0", sent(32)),
        ("/__substg1.0_001A001F", wide("IPM.Note.SMIME")),
    ]);
    let error = read(&sealed, "a.msg").0.unwrap_err();
    assert_eq!(error.message, "The message is encrypted");
    let mut broken = sealed;
    broken.truncate(1500);
    assert!(read(&broken, "a.msg").0.is_err_and(|error| error.hint.is_some()));
}

proptest::proptest! {
    #[test]
    fn damage_to_outlook_messages_makes_no_panic(at in 0_usize..8_000, byte: u8, length in 1_usize..64) {
        let mut file = outlook(&[
            ("/__properties_version1.0", sent(32)),
            ("/__substg1.0_0037001F", wide("Depths")),
            ("/__substg1.0_10090102", vec![7; 600]),
            ("/__recip_version1.0_#00000000/__substg1.0_3001001F", wide("Bo")),
            ("/__attach_version1.0_#00000000/__substg1.0_37010102", b"noted".to_vec()),
        ]);
        let end = file.len();
        file[at.min(end)..(at + length).min(end)].fill(byte);
        let _ = read(&file, "a.msg");
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in "(From |>|[A-Z][a-z-]{0,8}: |\r?\n|--XX|=[0-9A-F]{2}|[ -~]){0,80}") {
        let _ = read(text.as_bytes(), "a.eml");
        let _ = read(text.as_bytes(), "a.mbox");
        let _ = read(text.as_bytes(), "a.mhtml");
    }
}
