//! Pictures, and files that only look like them, made by code.

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, Frame, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

/// What nobody may find in what is served.
pub(super) const SECRET: &str = "HOSTILE-PAYLOAD";

/// What a picture shows.
#[derive(Clone, Copy)]
pub(super) enum Draw {
    Opaque,
    Transparent,
    Shade(u8),
}

fn drawn(width: u32, height: u32, draw: Draw) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| match draw {
        Draw::Opaque => Rgba([(x * 255 / width) as u8, (y * 255 / height) as u8, 99, 255]),
        Draw::Transparent => Rgba([200, 30, 30, if x < width / 2 { 0 } else { 255 }]),
        Draw::Shade(shade) => Rgba([shade, shade.wrapping_mul(37), (x * 7 + y * 3) as u8, 255]),
    })
}

fn written(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(super) fn png(width: u32, height: u32, draw: Draw) -> Vec<u8> {
    written(drawn(width, height, draw), ImageFormat::Png)
}

/// A small file that unfolds into 100 MB of pixels.
pub(super) fn bomb() -> Vec<u8> {
    written(RgbaImage::new(5_000, 5_000), ImageFormat::Png)
}

pub(super) fn webp(width: u32, height: u32) -> Vec<u8> {
    written(drawn(width, height, Draw::Opaque), ImageFormat::WebP)
}

/// A JPEG that is red on the left and blue on the right.
pub(super) fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, _| Rgb(if x < width / 2 { [220, 0, 0] } else { [0, 0, 220] }));
    written(picture, ImageFormat::Jpeg)
}

/// A GIF that moves.
pub(super) fn gif(frames: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    encoder.encode_frames((0..frames).map(|shade| Frame::new(drawn(16, 16, Draw::Shade(shade))))).unwrap();
    drop(encoder);
    bytes
}

/// A PNG of 16 bits a channel.
pub(super) fn png_of_16_bits() -> Vec<u8> {
    written(DynamicImage::ImageRgba8(drawn(40, 40, Draw::Transparent)).into_rgba16(), ImageFormat::Png)
}

/// A JPEG with a segment of metadata behind its first marker.
pub(super) fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, content, &jpeg[2..]].concat()
}

/// EXIF (JEITA CP-3451) with an orientation, and a place.
pub(super) fn exif(orientation: u8) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value.to_be_bytes()].concat()
    };
    let text = format!("{SECRET} N 48.8583 E 2.2945\0");
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    tiff.extend(entry(0x010f, 2, text.len() as u32, 8 + 2 + 24 + 4));
    tiff.extend(entry(0x0112, 3, 1, u32::from(orientation) << 16));
    tiff.extend([0; 4]);
    tiff.extend(text.bytes());
    [b"Exif\0\0", tiff.as_slice()].concat()
}

/// The checksum of a chunk (ISO 15948, annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & 0u32.wrapping_sub(crc & 1)))
    })
}

/// A chunk of a PNG.
pub(super) fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let body = [kind, content].concat();
    [&(content.len() as u32).to_be_bytes()[..], &body, &crc(&body).to_be_bytes()].concat()
}

/// A PNG with chunks behind its head.
pub(super) fn with_chunks(png: &[u8], chunks: &[u8]) -> Vec<u8> {
    [&png[..33], chunks, &png[33..]].concat()
}

/// The same PNG that says to have another size.
pub(super) fn claiming(png: &[u8], width: u32, height: u32) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &png[24..29]].concat();
    [&png[..8], &chunk(b"IHDR", &head), &png[33..]].concat()
}

/// The same JPEG that says to have another size.
pub(super) fn jpeg_claiming(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = jpeg(16, 16);
    let frame = bytes.windows(2).position(|pair| matches!(pair, [0xff, 0xc0])).unwrap();
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

/// A JPEG of four colours, as printers have them.
pub(super) fn cmyk() -> Vec<u8> {
    // One component more than RGB needs another frame and scan; the Huffman tables of the luminance do for all.
    let grey = {
        let mut bytes = Vec::new();
        JpegEncoder::new(&mut bytes).encode(&[128; 64], 8, 8, image::ExtendedColorType::L8).unwrap();
        bytes
    };
    let frame = grey.windows(2).position(|pair| matches!(pair, [0xff, 0xc0])).unwrap();
    let scan = grey.windows(2).position(|pair| matches!(pair, [0xff, 0xda])).unwrap();
    let frame_end = frame + 2 + usize::from(grey[frame + 3]);
    let parts: Vec<u8> = (1..=4).flat_map(|id| [id, 0x11, 0]).collect();
    let picture = [&[0xff, 0xc0, 0, 20, 8, 0, 8, 0, 8, 4][..], &parts].concat();
    let start = [&[0xff, 0xda, 0, 14, 4][..], &[1, 0, 2, 0, 3, 0, 4, 0], &[0, 63, 0]].concat();
    // "No difference, end of block", by the tables of annex K.3: 00 1010, four times.
    let data = [0b0010_1000, 0b1010_0010, 0b1000_1010];
    let adobe = [&[0xff, 0xee, 0, 14][..], b"Adobe", &[0, 100, 0, 0, 0, 0, 0]].concat();
    [&grey[..2], &adobe, &grey[2..frame], &picture, &grey[frame_end..scan], &start, &data, &[0xff, 0xd9]].concat()
}

/// A PNG in seven passes (Adam7) of one grey pixel.
pub(super) fn interlaced() -> Vec<u8> {
    let stored = [&[0x78, 0x01, 0x01, 2, 0, 0xfd, 0xff, 0, 0x80][..], &0x0082_0081_u32.to_be_bytes()].concat();
    let head = [&1u32.to_be_bytes()[..], &1u32.to_be_bytes(), &[8, 0, 0, 0, 1]].concat();
    [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", &head).as_slice(), &chunk(b"IDAT", &stored), &chunk(b"IEND", &[])].concat()
}

/// A WebP that moves: a container (RFC 9649) around frames, and metadata.
pub(super) fn moving_webp() -> Vec<u8> {
    let still = webp(16, 16);
    let part = |kind: &[u8; 4], content: &[u8]| {
        let padding = vec![0; content.len() % 2];
        [kind, &(content.len() as u32).to_le_bytes()[..], content, &padding].concat()
    };
    let frame = part(b"ANMF", &[&[0, 0, 0, 0, 0, 0, 15, 0, 0, 15, 0, 0, 100, 0, 0, 0][..], &still[12..]].concat());
    let body = [
        b"WEBP".to_vec(),
        part(b"VP8X", &[0b0010_1110, 0, 0, 0, 15, 0, 0, 15, 0, 0]),
        part(b"ANIM", &[0; 6]),
        frame.repeat(3),
        part(b"EXIF", &exif(1)[6..]),
        part(b"XMP ", SECRET.as_bytes()),
    ]
    .concat();
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}

/// A WebP that says to have another size.
pub(super) fn webp_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = webp(16, 16);
    // Lossless: 14 bits each, less one, behind the signature.
    let size = (width - 1) | ((height - 1) << 14) | (1 << 28);
    bytes[21..25].copy_from_slice(&size.to_le_bytes());
    bytes
}

/// A GIF that says to have another size.
pub(super) fn gif_claiming(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = gif(1);
    bytes[6..8].copy_from_slice(&width.to_le_bytes());
    bytes[8..10].copy_from_slice(&height.to_le_bytes());
    bytes
}
