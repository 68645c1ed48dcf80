use std::ops::ControlFlow;

use super::*;
use ::tiff::encoder::{TiffEncoder, colortype};

fn pages(bytes: &[u8], kind: ImageKind) -> Result<(Vec<ExtractedPage>, ExtractSummary)> {
    let (mut pages, mut about) = (Vec::new(), ExtractSummary::default());
    read(bytes, kind, &mut about, &mut |page| {
        pages.push(page);
        ControlFlow::Continue(())
    })?;
    Ok((pages, about))
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn half() -> DynamicImage {
    GrayImage::from_fn(20, 10, |x, _| image::Luma([if x < 10 { 0 } else { 255 }])).into()
}

#[test]
fn a_picture_is_one_page_with_its_image() {
    let kinds = [
        (ImageFormat::Png, ImageKind::Png),
        (ImageFormat::Bmp, ImageKind::Bmp),
        (ImageFormat::Gif, ImageKind::Gif),
        (ImageFormat::Pnm, ImageKind::Pnm),
    ];
    for (format, kind) in kinds {
        // GIF is written from colours alone.
        let colours = half().to_rgba8().into();
        let image = if kind == ImageKind::Gif { colours } else { half() };
        let (pages, _) = pages(&encoded(&image, format), kind).unwrap();
        let [page] = pages.as_slice() else {
            panic!("{pages:?}")
        };
        assert_eq!(
            (page.page.source, page.page.text.as_str()),
            (PageSource::Empty, "")
        );
        assert_eq!(page.page.size, Some((15.0, 7.5)));
        let image = page.image.as_ref().unwrap();
        assert_eq!((image.width, image.height, image.dpi), (20, 10, 96.0));
        assert_eq!(image.grey[9..11], [0, 255]);
    }
}

#[test]
fn jpeg_2000_is_read_with_and_without_its_container() {
    let container = include_bytes!("../../tests/fixtures/pictures/half.jp2");
    let bare = include_bytes!("../../tests/fixtures/pictures/half.j2k");
    for bytes in [&container[..], bare] {
        let format = crate::sniff::Format::of_content(bytes, std::path::Path::new("scan"));
        assert_eq!(format, Some(crate::sniff::Format::Image(ImageKind::Jpeg2000)));
        let (pages, _) = pages(bytes, ImageKind::Jpeg2000).unwrap();
        let image = pages[0].image.as_ref().unwrap();
        assert_eq!((image.width, image.height), (20, 10));
        assert_eq!(image.grey[9..11], [0, 255]);
        assert_eq!(pages[0].page.size, Some((15.0, 7.5)));
    }
    let error = pages(&container[..60], ImageKind::Jpeg2000).unwrap_err();
    assert!(error.hint.is_some());
}

/// A page as it is shown.
fn shown(bytes: &[u8], kind: ImageKind, number: u32) -> DynamicImage {
    image::load_from_memory_with_format(&view(bytes, kind, number).unwrap(), ImageFormat::Png).unwrap()
}

#[test]
fn every_frame_of_a_tiff_is_shown_in_its_colours() {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    encoder.write_image::<colortype::Gray8>(2, 1, &[0, 200]).unwrap();
    encoder
        .write_image::<colortype::RGB8>(1, 2, &[255, 0, 0, 1, 2, 3])
        .unwrap();
    encoder
        .write_image::<colortype::RGBA8>(1, 1, &[10, 20, 30, 0])
        .unwrap();
    encoder
        .write_image::<colortype::CMYK8>(1, 1, &[255, 0, 0, 0])
        .unwrap();
    let bytes = bytes.into_inner();
    let colors = |number| shown(&bytes, ImageKind::Tiff, number).to_rgb8().into_raw();
    assert_eq!(colors(1), [0, 0, 0, 200, 200, 200]);
    assert_eq!(colors(2), [255, 0, 0, 1, 2, 3]);
    assert_eq!(colors(3), [255; 3]);
    assert_eq!(colors(4), [0, 255, 255]);
    for number in [0, 5, u32::MAX] {
        let error = view(&bytes, ImageKind::Tiff, number).unwrap_err();
        assert_eq!(error.code, Some(footnote_core::ErrorCode::NotFound), "{number}");
    }
}

#[test]
fn what_is_shown_has_the_proportions_of_what_is_read() {
    // Larger than a page's image may be: both are made smaller by the same measure.
    let (width, height) = (6_000, 1_500);
    let image = GrayImage::from_fn(width, height, |x, _| {
        image::Luma([if x < width / 2 { 0 } else { 255 }])
    });
    let bytes = encoded(&image.into(), ImageFormat::Pnm);
    let (read, _) = pages(&bytes, ImageKind::Pnm).unwrap();
    let read = read[0].image.as_ref().unwrap();
    let shown = shown(&bytes, ImageKind::Pnm, 1);
    assert_eq!((shown.width(), shown.height()), (read.width, read.height));
    assert!(shown.width() <= MAX_SIDE && shown.width() > MAX_SIDE / 2);
    assert_eq!(shown.to_luma8().get_pixel(shown.width() - 1, 0).0, [255]);
    let container = include_bytes!("../../tests/fixtures/pictures/half.jp2");
    let half = self::shown(container, ImageKind::Jpeg2000, 1);
    assert_eq!((half.width(), half.height()), (20, 10));
    assert_eq!(half.to_luma8().as_raw()[9..11], [0, 255]);
}

#[test]
fn a_picture_that_is_cut_off_is_not_shown_and_says_why() {
    let bytes = encoded(&half(), ImageFormat::Pnm);
    let error = view(&bytes[..bytes.len() / 2], ImageKind::Pnm, 1).unwrap_err();
    assert!(error.hint.is_some());
    assert!(view(&bytes, ImageKind::Pnm, 2).is_err());
    assert!(view(b"II*\0", ImageKind::Tiff, 1).is_err());
}

#[test]
fn colours_of_video_are_those_of_their_formula() {
    // ITU-R BT.601: white, black, and pure red as JPEG stores it.
    assert_eq!(tiff::rgb([255, 128, 128]), [255; 3]);
    assert_eq!(tiff::rgb([0, 128, 128]), [0; 3]);
    let [red, green, blue] = tiff::rgb([76, 85, 255]);
    assert!(red >= 253 && green <= 2 && blue <= 2, "{red} {green} {blue}");
}

#[test]
fn what_is_transparent_is_white() {
    let clear = image::RgbaImage::from_pixel(4, 4, image::Rgba([0, 0, 0, 0]));
    let (pages, _) = pages(&encoded(&clear.into(), ImageFormat::Png), ImageKind::Png).unwrap();
    assert_eq!(pages[0].image.as_ref().unwrap().grey, [255; 16]);
}

#[test]
fn every_frame_of_a_tiff_is_a_page() {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    encoder
        .write_image::<colortype::Gray8>(2, 2, &[0, 50, 100, 255])
        .unwrap();
    encoder
        .write_image::<colortype::RGB8>(1, 1, &[255, 0, 0])
        .unwrap();
    let (pages, about) = pages(&bytes.into_inner(), ImageKind::Tiff).unwrap();
    let greys: Vec<&[u8]> = pages
        .iter()
        .map(|p| p.image.as_ref().unwrap().grey.as_slice())
        .collect();
    assert_eq!(greys, [&[0, 50, 100, 255][..], &[76]]);
    assert_eq!(pages[1].page.number, 2);
    assert!(about.warnings.is_empty());
}

/// A TIFF file of one frame; entries by tag, type (3: two bytes, 4: four) and values.
fn frame(little: bool, entries: &[(u16, u16, &[u32])], data: &[u8]) -> Vec<u8> {
    let short = |n: u16| if little { n.to_le_bytes() } else { n.to_be_bytes() };
    let long = |n: u32| if little { n.to_le_bytes() } else { n.to_be_bytes() };
    let mut bytes = if little { b"II".to_vec() } else { b"MM".to_vec() };
    bytes.extend(short(42));
    let directory = 8 + data.len();
    bytes.extend(long(directory as u32));
    bytes.extend(data);
    bytes.extend(short(entries.len() as u16));
    // Values that do not fit lie behind the directory.
    let mut behind = Vec::new();
    let begin = directory + 2 + 12 * entries.len() + 4;
    for (tag, kind, values) in entries {
        bytes.extend([short(*tag), short(*kind)].concat());
        bytes.extend(long(values.len() as u32));
        let mut own: Vec<u8> = match kind {
            3 => values.iter().flat_map(|n| short(*n as u16)).collect(),
            _ => values.iter().flat_map(|n| long(*n)).collect(),
        };
        if own.len() > 4 {
            bytes.extend(long((begin + behind.len()) as u32));
            behind.extend(own);
        } else {
            own.resize(4, 0);
            bytes.extend(own);
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(behind);
    bytes
}

fn shades(bytes: &[u8]) -> Vec<u8> {
    let (pages, about) = pages(bytes, ImageKind::Tiff).unwrap();
    assert!(about.warnings.is_empty(), "{:?}", about.warnings);
    pages[0].image.as_ref().unwrap().grey.clone()
}

#[test]
fn bits_are_stretched_to_shades() {
    let bits = |bits, width: u32, data: &[u8]| {
        let rows = 2_u32;
        let size = [data.len() as u32];
        let entries: [(u16, u16, &[u32]); 8] = [
            (256, 3, &[width]),
            (257, 3, &[rows]),
            (258, 3, &[bits]),
            (259, 3, &[1]),
            (262, 3, &[1]),
            (273, 4, &[8]),
            (278, 3, &[rows]),
            (279, 4, &size),
        ];
        shades(&frame(true, &entries, data))
    };
    assert_eq!(
        bits(1, 3, &[0b1010_0000, 0b0111_1111]),
        [255, 0, 255, 0, 255, 255]
    );
    assert_eq!(bits(4, 2, &[0x1f, 0xf0]), [17, 255, 255, 0]);
}

#[test]
fn a_palette_says_what_its_indices_look_like() {
    // Two colours a pixel of four bits, the palette dark where the index is high.
    let mut colors: Vec<u32> = Vec::new();
    for _ in 0..3 {
        colors.extend((0..16).map(|n| 0xffff - n * 0x1111));
    }
    for little in [true, false] {
        let entries: [(u16, u16, &[u32]); 9] = [
            (256, 3, &[2]),
            (257, 3, &[2]),
            (258, 3, &[4]),
            (259, 3, &[1]),
            (262, 3, &[3]),
            (273, 4, &[8]),
            (278, 3, &[2]),
            (279, 4, &[2]),
            (320, 3, &colors),
        ];
        assert_eq!(shades(&frame(little, &entries, &[0x0f, 0xf1])), [255, 0, 0, 238]);
    }
}

#[test]
fn fax_pages_of_group_3_are_read() {
    // Half black, half white: no white, 10 black, 10 white.
    let row = "00110101000010000111";
    let end = "000000000001";
    let packed = |bits: &str, reversed: bool| -> Vec<u8> {
        let bytes = bits.as_bytes().chunks(8);
        let of = |n: usize, bit: &u8| u8::from(*bit == b'1') << if reversed { n } else { 7 - n };
        bytes
            .map(|bits| bits.iter().enumerate().map(|(n, bit)| of(n, bit)).sum())
            .collect()
    };
    let aligned = format!("{row}0000{row}");
    let lines = format!("{end}{row}{end}{row}{}", end.repeat(6));
    // The second row is the first one again: two vertical codes.
    let related = format!("{end}1{row}{end}011{}", format!("{end}1").repeat(6));
    let mut expected = [0; 40];
    expected[10..20].fill(255);
    expected[30..].fill(255);
    for (compression, options, order, bits) in [
        (2, 0, 1, aligned.as_str()),
        (3, 0, 1, &lines),
        (3, 0, 2, &lines),
        (3, 1, 1, &related),
    ] {
        let data = packed(bits, order == 2);
        let size = [data.len() as u32];
        let entries: [(u16, u16, &[u32]); 10] = [
            (256, 3, &[20]),
            (257, 3, &[2]),
            (258, 3, &[1]),
            (259, 3, &[compression]),
            (262, 3, &[0]),
            (266, 3, &[order]),
            (273, 4, &[8]),
            (278, 3, &[2]),
            (279, 4, &size),
            (292, 4, &[options]),
        ];
        assert_eq!(
            shades(&frame(true, &entries, &data)),
            expected,
            "{compression} {options} {order}"
        );
    }
}

#[test]
fn pixels_that_are_not_square_are_made_so_and_pages_stand_upright() {
    // A black row above a white one; resolutions as fractions behind the pixels.
    let told = |across: u32, down: u32, orientation: u32| {
        let mut data = vec![0, 0, 255, 255];
        for n in [across, 1, down, 1] {
            data.extend(n.to_le_bytes());
        }
        let entries: [(u16, u16, &[u32]); 11] = [
            (256, 3, &[2]),
            (257, 3, &[2]),
            (258, 3, &[8]),
            (259, 3, &[1]),
            (262, 3, &[1]),
            (273, 4, &[8]),
            (274, 3, &[orientation]),
            (278, 3, &[2]),
            (279, 4, &[4]),
            (282, 5, &[12]),
            (283, 5, &[20]),
        ];
        frame(true, &entries, &data)
    };
    let size = |bytes: &[u8]| {
        let (pages, _) = pages(bytes, ImageKind::Tiff).unwrap();
        let image = pages[0].image.clone().unwrap();
        let shown = shown(bytes, ImageKind::Tiff, 1);
        assert_eq!((shown.width(), shown.height()), (image.width, image.height));
        (image.width, image.height, image.grey)
    };
    assert_eq!(size(&told(200, 200, 1)), (2, 2, vec![0, 0, 255, 255]));
    assert_eq!(size(&told(204, 196, 1)).1, 2);
    let (width, height, grey) = size(&told(204, 98, 1));
    assert_eq!((width, height), (2, 4));
    assert!(grey[0] < 64 && grey[7] > 191, "{grey:?}");
    assert_eq!(size(&told(100, 300, 1)).0, 6);
    // What no pixel is like, and what says nothing.
    for (across, down) in [(1000, 1), (0, 200), (200, 0)] {
        assert_eq!(size(&told(across, down, 1)).1, 2, "{across} {down}");
    }
    // Upside down; lying on its side, and stretched before it is turned.
    assert_eq!(size(&told(200, 200, 3)).2, [255, 255, 0, 0]);
    assert_eq!(size(&told(200, 200, 6)).2, [255, 0, 255, 0]);
    assert_eq!(size(&told(204, 98, 6)).0, 4);
}

#[test]
fn large_pictures_are_made_to_fit() {
    let large = GrayImage::from_pixel(9_000, 1_000, image::Luma([200]));
    let (pages, _) = pages(&encoded(&large.into(), ImageFormat::Png), ImageKind::Png).unwrap();
    let image = pages[0].image.as_ref().unwrap();
    assert!(image.width <= MAX_SIDE && image.width * image.height <= MAX_PIXELS);
    let shown = image.width as f32 * 72.0 / image.dpi;
    assert!(
        (shown - pages[0].page.size.unwrap().0).abs() < 1.0,
        "rectangles fit the page"
    );
}

#[test]
fn a_broken_picture_is_an_error_with_a_remedy() {
    let png = encoded(&half(), ImageFormat::Png);
    for (bytes, kind) in [(&png[..30], ImageKind::Png), (b"II*\0garbage", ImageKind::Tiff)] {
        let error = pages(bytes, kind).unwrap_err();
        assert!(error.message.starts_with("The image cannot be read: "), "{error}");
        assert!(error.hint.is_some());
    }
}
