//! Files that nobody should have to look at: refused, or made harmless, in bounded time and memory.

use std::time::{Duration, Instant};

use image::{GenericImageView as _, Rgba};
use tests::{Mall, Owner};

use super::files::*;
use super::{bytes_at, product, upload, urls};

/// What is to become of a file.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    /// 422, with this code.
    Refused(&'static str),
    /// 201, and nothing of it but its pixels is served.
    Harmless,
    /// Either; a decoder may be lenient.
    Either,
}

const NO_PICTURE: Fate = Fate::Refused("images.no_picture");
const BROKEN: Fate = Fate::Refused("images.broken");
const TOO_LARGE: Fate = Fate::Refused("images.too_large");

fn files() -> Vec<(String, Vec<u8>, Fate)> {
    use Fate::{Either, Harmless};
    let (plain, photo, moving) = (png(64, 48, Draw::Opaque), jpeg(64, 48), gif(5));
    let with = |start: &[u8], end: &[u8]| [start, end].concat();
    let html = format!("<!doctype html><script>alert('{SECRET}')</script>");
    let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>{SECRET}</script></svg>");
    let zip = with(b"PK\x03\x04\x14\0\0\0", SECRET.as_bytes());
    let text = |kind, size| chunk(kind, &[b"Comment\0".as_slice(), &SECRET.as_bytes().repeat(size)].concat());
    let mut corrupt = plain.clone();
    corrupt[45] ^= 0x55;
    let mut odd_method = plain.clone();
    odd_method[28] = 7;
    let mut files = vec![
        ("no bytes but zeros", vec![0; 5_000], NO_PICTURE),
        ("HTML named .png", html.clone().into_bytes(), NO_PICTURE),
        ("SVG with a script", svg.clone().into_bytes(), NO_PICTURE),
        ("SVG behind an XML head", with(b"<?xml version=\"1.0\"?>", svg.as_bytes()), NO_PICTURE),
        ("SVG behind a byte order mark", with(b"\xef\xbb\xbf", svg.as_bytes()), NO_PICTURE),
        ("BMP", with(b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0", &[0; 60]), NO_PICTURE),
        ("TIFF", with(b"II\x2a\0\x08\0\0\0", &[0; 60]), NO_PICTURE),
        ("big-endian TIFF", with(b"MM\0\x2a\0\0\0\x08", &[0; 60]), NO_PICTURE),
        ("ICO", with(b"\0\0\x01\0\x01\0", &plain), NO_PICTURE),
        ("AVIF", with(b"\0\0\0\x1cftypavif\0\0\0\0", &[0; 60]), NO_PICTURE),
        ("HEIC", with(b"\0\0\0\x18ftypheic\0\0\0\0", &[0; 60]), NO_PICTURE),
        ("JPEG XL", with(b"\xff\x0a", &[0; 60]), NO_PICTURE),
        ("PSD", with(b"8BPS\0\x01", &[0; 60]), NO_PICTURE),
        ("PDF", with(b"%PDF-1.7\n", SECRET.as_bytes()), NO_PICTURE),
        ("ZIP", zip.clone(), NO_PICTURE),
        ("PostScript", with(b"%!PS-Adobe-3.0\n", SECRET.as_bytes()), NO_PICTURE),
        (
            "ImageMagick script",
            format!("push graphic-context\nimage over 0,0 0,0 'ephemeral:{SECRET}'").into_bytes(),
            NO_PICTURE,
        ),
        ("RIFF that is a sound", with(b"RIFF\x24\0\0\0WAVEfmt ", &[0; 60]), NO_PICTURE),
        ("JPEG signature alone", b"\xff\xd8\xff".to_vec(), BROKEN),
        ("PNG signature alone", plain[..8].to_vec(), BROKEN),
        ("WebP signature alone", b"RIFF\x04\0\0\0WEBP".to_vec(), BROKEN),
        ("GIF signature alone", b"GIF89a".to_vec(), BROKEN),
        ("JPEG signature before a script", with(b"\xff\xd8\xff", html.as_bytes()), BROKEN),
        ("GIF signature before a script", format!("GIF89a=1;alert('{SECRET}')//").into_bytes(), TOO_LARGE),
        ("PNG with no width", claiming(&plain, 0, 48), BROKEN),
        ("PNG with no height", claiming(&plain, 64, 0), BROKEN),
        ("JPEG with no width", jpeg_claiming(0, 16), BROKEN),
        ("JPEG with no height", jpeg_claiming(16, 0), BROKEN),
        ("GIF of nothing", gif_claiming(0, 0), BROKEN),
        ("PNG of 2³¹ × 2³¹", claiming(&plain, 0x7fff_ffff, 0x7fff_ffff), TOO_LARGE),
        ("PNG one pixel too wide", claiming(&plain, 10_001, 1), TOO_LARGE),
        ("PNG of 9,000 × 9,000", claiming(&plain, 9_000, 9_000), TOO_LARGE),
        ("JPEG of 65,500 × 65,500", jpeg_claiming(65_500, 65_500), TOO_LARGE),
        ("JPEG of 9,999 × 9,999", jpeg_claiming(9_999, 9_999), TOO_LARGE),
        ("WebP of 16,383 × 16,383", webp_claiming(16_383, 16_383), TOO_LARGE),
        ("GIF of 65,535 × 65,535", gif_claiming(65_535, 65_535), TOO_LARGE),
        ("GIF of 5,000 × 5,000 with 16 × 16 in it", gif_claiming(5_000, 5_000), Harmless),
        ("PNG with fewer rows than it says", claiming(&plain, 64, 4_000), BROKEN),
        ("JPEG with fewer rows than it says", jpeg_claiming(4_000, 4_000), Either),
        ("PNG with a corrupt chunk", corrupt, BROKEN),
        ("PNG with a method that is none", odd_method, BROKEN),
        ("JPEG and ZIP", with(&photo, &zip), Harmless),
        ("PNG and ZIP", with(&plain, &zip), Harmless),
        ("GIF and script", with(&moving, html.as_bytes()), Harmless),
        ("JPEG with HTML in a comment", with_segment(&photo, 0xfe, html.as_bytes()), Harmless),
        ("JPEG with a place", with_segment(&photo, 0xe1, &exif(1)), Harmless),
        (
            "JPEG with XMP",
            with_segment(&photo, 0xe1, format!("http://ns.adobe.com/xap/1.0/\0{SECRET}").as_bytes()),
            Harmless,
        ),
        (
            "JPEG with a profile of junk",
            with_segment(&photo, 0xe2, format!("ICC_PROFILE\0\x01\x01{SECRET}").as_bytes()),
            Harmless,
        ),
        (
            "JPEG with a thousand comments",
            (0..1_000).fold(photo.clone(), |file, _| with_segment(&file, 0xfe, SECRET.as_bytes())),
            Harmless,
        ),
        (
            "JPEG with EXIF that goes in circles",
            with_segment(&photo, 0xe1, b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x08\0\0\0\x08"),
            Harmless,
        ),
        ("JPEG of four colours", cmyk(), Harmless),
        ("PNG of 16 bits", png_of_16_bits(), Harmless),
        ("PNG in passes", interlaced(), Harmless),
        ("PNG with text", with_chunks(&plain, &text(b"tEXt", 1)), Harmless),
        ("PNG with a megabyte of text", with_chunks(&plain, &text(b"tEXt", 70_000)), Harmless),
        ("PNG with EXIF", with_chunks(&plain, &chunk(b"eXIf", &exif(1)[6..])), Harmless),
        (
            "PNG with a profile of junk",
            with_chunks(&plain, &chunk(b"iCCP", format!("{SECRET}\0\0junk").as_bytes())),
            Either,
        ),
        ("PNG with 20,000 chunks", with_chunks(&plain, &text(b"tEXt", 1).repeat(20_000)), Harmless),
        ("PNG that moves", with_chunks(&plain, &chunk(b"acTL", &[0, 0, 0, 99, 0, 0, 0, 0])), Either),
        ("GIF that moves", moving.clone(), Harmless),
        ("GIF that moves for long", gif(200), Harmless),
        ("WebP that moves", moving_webp(), Harmless),
        ("a transparent PNG", png(64, 48, Draw::Transparent), Harmless),
        ("one pixel", png(1, 1, Draw::Opaque), Harmless),
    ]
    .into_iter()
    .map(|(name, bytes, fate)| (name.to_owned(), bytes, fate))
    .collect::<Vec<_>>();
    let whole = [
        ("JPEG", with_segment(&photo, 0xe1, &exif(6))),
        ("PNG", plain),
        ("WebP", webp(64, 48)),
        ("moving WebP", moving_webp()),
        ("GIF", moving),
    ];
    for (name, whole) in whole {
        for eighth in 1..8 {
            files.push((format!("{eighth}/8 of a {name}"), whole[..whole.len() * eighth / 8].to_vec(), Either));
        }
        files.push((format!("a {name} without its last byte"), whole[..whole.len() - 1].to_vec(), Either));
    }
    files
}

/// Looks at everything that is served of an image.
async fn look(mall: &Mall, name: &str, image: &serde_json::Value) {
    let found = |bytes: &[u8], what: &str| bytes.windows(what.len()).any(|window| window == what.as_bytes());
    for (path, source) in urls(image).iter().zip(image["sources"].as_array().unwrap()) {
        let (status, headers, bytes) = bytes_at(mall, path).await;
        assert_eq!(status, 200, "{name}");
        assert_eq!(headers["content-type"], source["type"].as_str().unwrap(), "{name}");
        for what in [SECRET, "Exif", "EXIF", "XMP", "xap", "ICC", "<script", "PK\x03\x04", "ANIM", "Adobe"] {
            assert!(!found(&bytes, what), "{name}: {what} is still there");
        }
        let jpeg = bytes.starts_with(b"\xff\xd8\xff\xe0\0\x10JFIF\0");
        assert!(jpeg || (bytes.starts_with(b"RIFF") && &bytes[8..12] == b"WEBP"), "{name}");
        assert_eq!(jpeg, bytes.ends_with(b"\xff\xd9"), "{name}");
        image::load_from_memory(&bytes).unwrap();
    }
}

/// What was not as it must be.
async fn try_all(mall: &Mall, owner: &Owner<'_>, product: &str, files: Vec<(String, Vec<u8>, Fate)>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, bytes, fate) in files {
        let began = Instant::now();
        let answer = upload(owner, product, "image/png", bytes).await;
        let (took, code) = (began.elapsed(), answer.json["code"].as_str().unwrap_or(""));
        let is_right = match (fate, answer.status.as_u16()) {
            (Fate::Refused(wanted), 422) => code == wanted,
            (Fate::Either, 422) => code == "images.broken",
            (Fate::Harmless | Fate::Either, 201) => {
                look(mall, &name, &answer.json).await;
                let path = format!("/products/{product}/images/{}", answer.text_at("/id"));
                owner.delete(&path, "*").await.expect(204);
                true
            }
            _ => false,
        };
        if !is_right || took > Duration::from_secs(20) {
            wrong.push(format!("{name} should be {fate:?}, and took {took:?}: {}", answer.text));
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_files_are_refused_or_made_harmless() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (owner, lamp) = (shop.owner(), product(&shop, "Lamp").await);
    let files = files();
    assert!(files.len() > 100, "{}", files.len());
    let wrong = try_all(&mall, &owner, &lamp, files).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let left = owner.get(&format!("/products/{lamp}/images")).await.json;
    assert_eq!(left["items"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_shown_upright_and_a_transparent_one_on_white_where_it_must() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (owner, lamp) = (shop.owner(), product(&shop, "Lamp").await);
    // Red left and blue right, to be turned clockwise: red above and blue below.
    let photo = with_segment(&jpeg(80, 40), 0xe1, &exif(6));
    let made = upload(&owner, &lamp, "image/jpeg", photo).await.expect(201);
    assert_eq!((made.json["width"].as_u64(), made.json["height"].as_u64()), (Some(40), Some(80)));
    let is = |pixel: Rgba<u8>, wanted: [u8; 4]| pixel.0.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) < 40);
    for path in urls(&made.json) {
        let picture = image::load_from_memory(&bytes_at(&mall, &path).await.2).unwrap();
        assert_eq!(picture.dimensions(), (40, 80));
        let (above, below) = (picture.get_pixel(20, 8), picture.get_pixel(20, 72));
        assert!(is(above, [220, 0, 0, 255]) && is(below, [0, 0, 220, 255]), "{path}: {above:?} {below:?}");
    }
    let made = upload(&owner, &lamp, "image/png", png(64, 48, Draw::Transparent)).await.expect(201);
    for path in urls(&made.json) {
        let picture = image::load_from_memory(&bytes_at(&mall, &path).await.2).unwrap();
        let left = picture.get_pixel(4, 20);
        assert!(
            if path.ends_with(".webp") { left.0[3] == 0 } else { is(left, [255, 255, 255, 255]) },
            "{path}: {left:?}"
        );
        assert!(is(picture.get_pixel(60, 20), [200, 30, 30, 255]), "{path}");
    }
}

/// Kilobytes of memory that this process has had at most.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_pictures_at_once_take_bounded_memory() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (owner, lamp) = (shop.owner(), product(&shop, "Lamp").await);
    let bomb = bomb();
    assert!(bomb.len() < 2_000_000, "{}", bomb.len());
    let bombs: Vec<_> = (0..8).map(|i| [bomb.as_slice(), &[i]].concat()).collect();
    let before = peak();
    let answers =
        futures_util::future::join_all(bombs.into_iter().map(|bomb| upload(&owner, &lamp, "image/png", bomb))).await;
    for answer in answers {
        assert!([201, 503].contains(&answer.status.as_u16()), "{}", answer.text);
    }
    // Other stories run beside this one; eight at once would take 1.6 GB.
    let grown = peak().saturating_sub(before) / 1024;
    assert!(grown < 900, "{grown} MB more");
}
