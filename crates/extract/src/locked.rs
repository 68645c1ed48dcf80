//! Word, Excel and PowerPoint documents of 2007 and later that are locked with a password: a compound
//! file with the encrypted package and how it was encrypted, by [MS-OFFCRYPTO] 2.3.4.
//!
//! The crate that does this (`office-crypto`) does not check the password: a wrong one would look like
//! a damaged file.

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockDecryptMut, KeyInit, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use base64::Engine as _;
use footnote_core::{Error, Password, Result};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::compound::{Compound, u16_at, u32_at};
use crate::package::{damaged, needs_password, sealed};
use crate::xml::{attribute, each_start, local};

const WHAT: &str = "document";
/// The most that the format allows ([MS-OFFCRYPTO] 2.3.4.10).
const MAX_SPINS: u32 = 10_000_000;
/// The package is encrypted in pieces of this size.
const SEGMENT: usize = 4096;

/// The package of a locked document, unlocked; none if this is no such document.
///
/// # Errors
/// There is no password, it is another one, or the encryption is broken or of an unknown kind.
pub(crate) fn open(bytes: &[u8], password: Option<&Password>) -> Option<Result<Vec<u8>>> {
    if !bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return None;
    }
    let mut file = Compound::open(bytes, WHAT).ok()?;
    let package = file.stream("EncryptedPackage")?;
    let Some(password) = password else {
        return Some(Err(needs_password(WHAT, None)));
    };
    let info = file.stream("EncryptionInfo").unwrap_or_default();
    let opened = match (u16_at(&info, 0), u16_at(&info, 2)) {
        (Some(4), Some(4)) => Agile::read(&info).and_then(|agile| agile.open(password, &package)),
        (Some(2..=4), Some(2)) => {
            Standard::read(&info).and_then(|standard| standard.open(password, &package))
        }
        _ => Err(Fault::Unknown),
    };
    Some(opened.map_err(|fault| match fault {
        Fault::Password => needs_password(WHAT, Some(password)),
        Fault::Unknown => sealed(WHAT),
        Fault::Broken => broken(),
    }))
}

enum Fault {
    Password,
    Unknown,
    Broken,
}

type Opened<T> = std::result::Result<T, Fault>;

fn broken() -> Error {
    damaged(WHAT, "how it is encrypted cannot be read")
}

#[derive(Clone, Copy)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn of(self, parts: [&[u8]; 2]) -> Vec<u8> {
        fn hash<D: Digest>(parts: [&[u8]; 2]) -> Vec<u8> {
            D::new()
                .chain_update(parts[0])
                .chain_update(parts[1])
                .finalize()
                .to_vec()
        }
        match self {
            Self::Sha1 => hash::<Sha1>(parts),
            Self::Sha256 => hash::<Sha256>(parts),
            Self::Sha384 => hash::<Sha384>(parts),
            Self::Sha512 => hash::<Sha512>(parts),
        }
    }

    /// The password with the salt, hashed so many times that guessing is slow.
    fn of_password(self, password: &Password, salt: &[u8], spins: u32) -> Vec<u8> {
        let password: Vec<u8> = password
            .expose()
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let first = self.of([salt, &password]);
        (0..spins).fold(first, |hash, n| self.of([&n.to_le_bytes(), &hash]))
    }
}

/// Decrypts whole blocks in place.
fn decrypt(key: &[u8], iv: Option<&[u8]>, data: &mut [u8]) -> Opened<()> {
    fn cbc<C: aes::cipher::BlockCipher + BlockDecryptMut + KeyInit>(
        key: &[u8],
        iv: &[u8],
        data: &mut [u8],
    ) -> Option<()> {
        let cipher = cbc::Decryptor::<C>::new_from_slices(key, iv).ok()?;
        cipher.decrypt_padded_mut::<NoPadding>(data).ok().map(drop)
    }
    fn ecb<C: aes::cipher::BlockCipher + BlockDecryptMut + KeyInit>(
        key: &[u8],
        data: &mut [u8],
    ) -> Option<()> {
        let cipher = ecb::Decryptor::<C>::new_from_slice(key).ok()?;
        cipher.decrypt_padded_mut::<NoPadding>(data).ok().map(drop)
    }
    match (key.len(), iv) {
        (16, Some(iv)) => cbc::<Aes128>(key, iv, data),
        (24, Some(iv)) => cbc::<Aes192>(key, iv, data),
        (32, Some(iv)) => cbc::<Aes256>(key, iv, data),
        (16, None) => ecb::<Aes128>(key, data),
        (24, None) => ecb::<Aes192>(key, data),
        (32, None) => ecb::<Aes256>(key, data),
        _ => None,
    }
    .ok_or(Fault::Broken)
}

/// `bytes` cut or filled up to a length, as the format does.
fn sized(mut bytes: Vec<u8>, length: usize) -> Vec<u8> {
    bytes.resize(length, 0x36);
    bytes
}

/// The package's bytes behind its length, in whole blocks, and that length.
fn body(package: &[u8]) -> Opened<(Vec<u8>, usize)> {
    let (length, body) = package.split_first_chunk().ok_or(Fault::Broken)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| Fault::Broken)?;
    let whole = body.len() / 16 * 16;
    Ok((body[..whole].to_vec(), length))
}

/// Encryption of Office 2010 and later ([MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15).
struct Agile {
    /// How the package is encrypted.
    data: Scheme,
    /// How its key is.
    key: Scheme,
    spins: u32,
    verifier: Vec<u8>,
    verifier_hash: Vec<u8>,
    key_value: Vec<u8>,
}

struct Scheme {
    hash: Hash,
    salt: Vec<u8>,
    key_bytes: usize,
}

impl Agile {
    fn read(info: &[u8]) -> Opened<Self> {
        let xml = std::str::from_utf8(info.get(8..).ok_or(Fault::Broken)?).map_err(|_| Fault::Broken)?;
        let (mut data, mut key) = (None, None);
        each_start(xml, |element| {
            let scheme = || {
                let hash = match attribute(element, "hashAlgorithm")?.as_str() {
                    "SHA1" | "SHA-1" => Hash::Sha1,
                    "SHA256" => Hash::Sha256,
                    "SHA384" => Hash::Sha384,
                    "SHA512" => Hash::Sha512,
                    _ => return None,
                };
                let is = |name, value: &str| attribute(element, name).is_some_and(|found| found == value);
                let known = is("cipherAlgorithm", "AES") && is("cipherChaining", "ChainingModeCBC");
                let bits: usize = attribute(element, "keyBits")?.parse().ok()?;
                let salt = binary(&attribute(element, "saltValue")?)?;
                known.then_some(Scheme {
                    hash,
                    salt,
                    key_bytes: bits / 8,
                })
            };
            match local(element.name().as_ref()) {
                "keyData" => data = scheme(),
                "encryptedKey" if key.is_none() => {
                    key = scheme().and_then(|scheme| {
                        let value = |name| binary(&attribute(element, name)?);
                        Some((
                            scheme,
                            attribute(element, "spinCount")?.parse().ok()?,
                            value("encryptedVerifierHashInput")?,
                            value("encryptedVerifierHashValue")?,
                            value("encryptedKeyValue")?,
                        ))
                    });
                }
                _ => {}
            }
        })
        .map_err(|_| Fault::Broken)?;
        let (Some(data), Some((key, spins, verifier, verifier_hash, key_value))) = (data, key) else {
            return Err(Fault::Unknown);
        };
        if spins > MAX_SPINS {
            return Err(Fault::Broken);
        }
        Ok(Self {
            data,
            key,
            spins,
            verifier,
            verifier_hash,
            key_value,
        })
    }

    fn open(mut self, password: &Password, package: &[u8]) -> Opened<Vec<u8>> {
        let hash = self.key.hash;
        let secret = hash.of_password(password, &self.key.salt, self.spins);
        let iv = sized(self.key.salt.clone(), 16);
        let with = |purpose: [u8; 8], value: &mut [u8]| {
            let key = sized(hash.of([&secret, &purpose]), self.key.key_bytes);
            decrypt(&key, Some(&iv), value)
        };
        with(
            [0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79],
            &mut self.verifier,
        )?;
        with(
            [0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e],
            &mut self.verifier_hash,
        )?;
        self.verifier.truncate(self.key.salt.len());
        if !self.verifier_hash.starts_with(&hash.of([&self.verifier, &[]])) {
            return Err(Fault::Password);
        }
        with(
            [0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6],
            &mut self.key_value,
        )?;
        self.key_value.truncate(self.data.key_bytes);
        let (mut body, length) = body(package)?;
        for (n, segment) in (0_u32..).zip(body.chunks_mut(SEGMENT)) {
            let iv = sized(self.data.hash.of([&self.data.salt, &n.to_le_bytes()]), 16);
            decrypt(&self.key_value, Some(&iv), segment)?;
        }
        body.truncate(length);
        Ok(body)
    }
}

fn binary(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// Encryption of Office 2007 ([MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9).
struct Standard {
    key_bytes: usize,
    salt: Vec<u8>,
    verifier: Vec<u8>,
    verifier_hash: Vec<u8>,
}

impl Standard {
    const SPINS: u32 = 50_000;

    fn read(info: &[u8]) -> Opened<Self> {
        let read = || {
            let header_length = u32_at(info, 8)? as usize;
            let header = info.get(12..12_usize.checked_add(header_length)?)?;
            let verifier = info.get(12 + header_length..)?;
            let algorithm = u32_at(header, 8)?;
            let salt = verifier.get(4..20)?.to_vec();
            Some((
                algorithm,
                Self {
                    key_bytes: u32_at(header, 16)? as usize / 8,
                    salt,
                    verifier: verifier.get(20..36)?.to_vec(),
                    verifier_hash: verifier.get(40..72)?.to_vec(),
                },
            ))
        };
        let (algorithm, standard) = read().ok_or(Fault::Broken)?;
        // AES of three lengths; the other one is RC4.
        if matches!(algorithm, 0x660e..=0x6610) {
            Ok(standard)
        } else {
            Err(Fault::Unknown)
        }
    }

    fn key(&self, password: &Password) -> Vec<u8> {
        let secret = Hash::Sha1.of_password(password, &self.salt, Self::SPINS);
        let last = Hash::Sha1.of([&secret, &0_u32.to_le_bytes()]);
        let half = |filler: u8| {
            let mut block = [filler; 64];
            block.iter_mut().zip(&last).for_each(|(to, from)| *to ^= from);
            Hash::Sha1.of([&block, &[]])
        };
        let mut key = [half(0x36), half(0x5c)].concat();
        key.truncate(self.key_bytes);
        key
    }

    fn open(mut self, password: &Password, package: &[u8]) -> Opened<Vec<u8>> {
        let key = self.key(password);
        decrypt(&key, None, &mut self.verifier)?;
        decrypt(&key, None, &mut self.verifier_hash)?;
        if !self
            .verifier_hash
            .starts_with(&Hash::Sha1.of([&self.verifier, &[]]))
        {
            return Err(Fault::Password);
        }
        let (mut body, length) = body(package)?;
        decrypt(&key, None, &mut body)?;
        body.truncate(length);
        Ok(body)
    }
}

#[cfg(test)]
mod tests;
