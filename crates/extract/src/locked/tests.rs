//! Documents that other programs locked (`tests/fixtures/locked/make.py`), and how they are unlocked.

use footnote_core::ErrorCode;

use super::*;
use crate::testing::{assert_locked, assert_sealed, compound, fault, package, read_file, read_file_with};

/// The folder's files that are locked.
const FILES: [(&str, &[u8]); 6] = [
    (
        "rc4-40.pdf",
        include_bytes!("../../tests/fixtures/locked/rc4-40.pdf"),
    ),
    (
        "rc4-128.pdf",
        include_bytes!("../../tests/fixtures/locked/rc4-128.pdf"),
    ),
    (
        "aes-128.pdf",
        include_bytes!("../../tests/fixtures/locked/aes-128.pdf"),
    ),
    (
        "aes-256.pdf",
        include_bytes!("../../tests/fixtures/locked/aes-256.pdf"),
    ),
    (
        "agile.docx",
        include_bytes!("../../tests/fixtures/locked/agile.docx"),
    ),
    (
        "zipcrypto.zip",
        include_bytes!("../../tests/fixtures/locked/zipcrypto.zip"),
    ),
];

#[test]
fn the_password_opens_and_nothing_else_does() {
    for (name, bytes) in FILES {
        let read = read_file_with(Some("lantern"), name, bytes).unwrap();
        assert_eq!(read.texts(), ["The lamp is locked"], "{name}");
        assert_locked(read_file(name, bytes));
        let error = fault(read_file_with(Some("Lantern"), name, bytes));
        assert_eq!(error.code, Some(ErrorCode::PasswordNeeded), "{name}");
        assert!(error.message.contains("was given does not open"), "{error}");
        assert!(!error.message.contains("Lantern"));
    }
}

#[test]
fn an_owners_password_opens_a_pdf_or_is_refused_and_never_reads_noise() {
    for (name, bytes) in &FILES[..3] {
        let error = fault(read_file_with(Some("wick"), name, bytes));
        assert!(error.message.contains("is the owner's"), "{name}: {error}");
        assert_eq!(error.code, Some(ErrorCode::PasswordNeeded));
    }
    let (name, bytes) = FILES[3];
    let read = read_file_with(Some("wick"), name, bytes).unwrap();
    assert_eq!(read.texts(), ["The lamp is locked"]);
}

#[test]
fn rights_to_print_need_no_password() {
    let print = include_bytes!("../../tests/fixtures/locked/print.pdf");
    for password in [None, Some("another")] {
        let read = read_file_with(password, "print.pdf", print).unwrap();
        assert_eq!(read.texts(), ["The lamp is locked"]);
        assert_eq!(read.about.title.as_deref(), Some("Locked"));
    }
}

#[test]
fn the_password_reaches_a_locked_file_inside_another() {
    let outer = crate::testing::zip_of(&[FILES[3], FILES[4]]);
    let read = read_file_with(Some("lantern"), "outer.zip", &outer).unwrap();
    assert_eq!(read.texts(), ["The lamp is locked"; 2]);
}

/// A document locked the way of Office 2007, by the rules of the format read forwards.
fn standard(password: &str, plain: &[u8]) -> Vec<u8> {
    use aes::cipher::BlockEncryptMut;
    let lock = Standard {
        key_bytes: 16,
        salt: (1..=16).collect(),
        verifier: Vec::new(),
        verifier_hash: Vec::new(),
    };
    let key = lock.key(&Password::new(password).unwrap());
    let encrypted = |plain: &[u8]| {
        let mut data = plain.to_vec();
        data.resize(plain.len().next_multiple_of(16), 0);
        let length = data.len();
        ecb::Encryptor::<Aes128>::new_from_slice(&key)
            .unwrap()
            .encrypt_padded_mut::<NoPadding>(&mut data, length)
            .unwrap();
        data
    };
    let verifier = [7; 16];
    let numbers = |numbers: &[u32]| -> Vec<u8> { numbers.iter().flat_map(|n| n.to_le_bytes()).collect() };
    let info = [
        numbers(&[
            0x0002_0003,
            0x24,
            32,
            0x24,
            0,
            0x660e,
            0x8004,
            128,
            0x18,
            0,
            0,
            16,
        ]),
        lock.salt.clone(),
        encrypted(&verifier),
        numbers(&[20]),
        encrypted(&Hash::Sha1.of([&verifier, &[]])),
    ]
    .concat();
    let body = [&(plain.len() as u64).to_le_bytes()[..], &encrypted(plain)].concat();
    compound(&[("EncryptionInfo", &info), ("EncryptedPackage", &body)])
}

#[test]
fn the_way_of_office_2007_is_opened() {
    let plain = package(&[("word/document.xml", "<w:p><w:t>Old lamps</w:t></w:p>")]);
    let locked = standard("lantern", &plain);
    let read = read_file_with(Some("lantern"), "old.docx", &locked).unwrap();
    assert_eq!(read.texts(), ["Old lamps"]);
    assert_locked(read_file_with(Some("wick"), "old.docx", &locked));
}

#[test]
fn broken_and_unknown_locks_are_told_apart() {
    let with = |info: &[u8]| {
        let file = compound(&[("EncryptionInfo", info), ("EncryptedPackage", &[0; 24])]);
        read_file_with(Some("lantern"), "a.docx", &file)
    };
    // The extensible kind, which programs bring their own code for.
    assert_sealed(with(&[4, 0, 3, 0, 0x10, 0, 0, 0]));
    assert_sealed(with(b"\x04\0\x04\0\x40\0\0\0<encryption/>"));
    for info in [&[4, 0, 4, 0][..], &[3, 0, 2, 0, 0, 0, 0, 0, 255, 255, 255, 255]] {
        let error = fault(with(info));
        assert!(error.message.contains("damaged"), "{error}");
    }
    let endless = b"\x04\0\x04\0\x40\0\0\0<e><keyData hashAlgorithm='SHA512' cipherAlgorithm='AES' \
        cipherChaining='ChainingModeCBC' keyBits='256' saltValue='AA=='/><encryptedKey spinCount='4000000000' \
        hashAlgorithm='SHA512' cipherAlgorithm='AES' cipherChaining='ChainingModeCBC' keyBits='256' saltValue='AA==' \
        encryptedVerifierHashInput='AA==' encryptedVerifierHashValue='AA==' encryptedKeyValue='AA=='/></e>";
    assert!(fault(with(endless)).message.contains("damaged"));
}
