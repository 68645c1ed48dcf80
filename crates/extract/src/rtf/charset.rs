//! Which encoding a code page or a font's character set means.

use encoding_rs::Encoding;

/// The encoding of a Windows code page.
pub(crate) fn of_codepage(page: i32) -> Option<&'static Encoding> {
    let label = match page {
        437 | 850 | 819 | 1252 => "windows-1252",
        708 => "iso-8859-6",
        866 => "ibm866",
        874 => "windows-874",
        932 => "shift_jis",
        936 => "gbk",
        949 | 1361 => "euc-kr",
        950 => "big5",
        1250 => "windows-1250",
        1251 => "windows-1251",
        1253 => "windows-1253",
        1254 => "windows-1254",
        1255 => "windows-1255",
        1256 => "windows-1256",
        1257 => "windows-1257",
        1258 => "windows-1258",
        10_000 => "macintosh",
        10_007 => "x-mac-cyrillic",
        54_936 => "gb18030",
        65_001 => "utf-8",
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}

/// The code page of a font's character set; none for the document's own.
pub(super) fn codepage_of_charset(charset: i32) -> Option<i32> {
    Some(match charset {
        77 => 10_000,
        128 => 932,
        129 => 949,
        130 => 1361,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    })
}

/// The character sets of the fonts that hold signs instead of letters.
pub(super) fn is_symbol(charset: i32) -> bool {
    charset == 2
}
