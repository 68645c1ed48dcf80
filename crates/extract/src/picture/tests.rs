use std::ops::ControlFlow;

use super::*;
use tiff::encoder::{TiffEncoder, colortype};

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
    ];
    for (format, kind) in kinds {
        let (pages, _) = pages(&encoded(&half(), format), kind).unwrap();
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

#[test]
fn bits_become_black_and_white() {
    assert_eq!(
        unpack(&[0b1010_0000, 0b0111_1111], 3, 1),
        [255, 0, 255, 0, 255, 255]
    );
    assert_eq!(unpack(&[0x1f], 2, 4), [17, 255]);
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
