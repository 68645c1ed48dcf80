//! Addresses of cells as sheets write them.

use std::ops::Range;

/// Rows and columns, from 0.
pub(crate) type Area = (Range<u32>, Range<u32>);

/// The address of a cell, row and column from 0: `B2`.
pub(crate) fn address(row: u32, column: u32) -> String {
    format!("{}{}", column_name(column), u64::from(row) + 1)
}

/// The rows and columns of a range like `B2:C3`.
pub(super) fn area(range: &str) -> Option<Area> {
    let (first, last) = range.split_once(':')?;
    let ((top, left), (bottom, right)) = (place(first)?, place(last)?);
    Some((top..bottom.checked_add(1)?, left..right.checked_add(1)?))
}

/// Row and column, from 0, of an address like `B2`.
pub(super) fn place(address: &str) -> Option<(u32, u32)> {
    let (letters, row) = address.split_at(address.find(|c: char| c.is_ascii_digit())?);
    let column = letters.bytes().try_fold(0_u32, |sum, letter| {
        let digit = letter
            .is_ascii_uppercase()
            .then(|| u32::from(letter - b'A') + 1)?;
        sum.checked_mul(26)?.checked_add(digit)
    })?;
    Some((row.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

/// The letters of a column, from 0.
pub(super) fn column_name(column: u32) -> String {
    let (mut n, mut letters) = (u64::from(column) + 1, Vec::new());
    while n > 0 {
        n -= 1;
        letters.push(char::from(b'A' + u8::try_from(n % 26).unwrap_or(0)));
        n /= 26;
    }
    letters.iter().rev().collect()
}
