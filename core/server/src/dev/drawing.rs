//! Pictures for the demo products, drawn line by line: a sky, and something simple before it.

use std::io::Cursor;

use anyhow::Result;
use image::{ImageFormat, RgbImage};

/// Pixels of a side.
const SIDE: i32 = 480;
/// Parts of a pixel, so that slanted edges are smooth.
const PARTS: i32 = 256;

type Colour = [u8; 3];

/// Sky above, sky below, what stands before it, and its shade.
const PALETTES: [[Colour; 4]; 8] = [
    [[253, 230, 205], [246, 178, 151], [184, 84, 80], [122, 52, 66]],
    [[214, 236, 241], [142, 193, 205], [46, 110, 126], [28, 66, 84]],
    [[233, 241, 214], [178, 205, 152], [88, 129, 87], [52, 78, 65]],
    [[247, 232, 240], [214, 176, 205], [131, 84, 141], [82, 51, 99]],
    [[255, 243, 205], [246, 205, 112], [211, 129, 37], [140, 77, 26]],
    [[226, 229, 246], [163, 171, 219], [79, 91, 166], [46, 53, 110]],
    [[240, 235, 227], [204, 190, 170], [133, 111, 92], [84, 67, 56]],
    [[216, 243, 232], [149, 213, 190], [45, 138, 111], [24, 84, 71]],
];

/// A stretch of a line: from and to in parts of a pixel, and which of the two colours.
type Stretch = (i32, i32, usize);

/// A picture of a product, the same each time: its shape by `kind`, its colours by `name`.
pub(super) fn picture(kind: usize, name: &str) -> Result<Vec<u8>> {
    let number = name.bytes().fold(5_381_usize, |hash, byte| hash.wrapping_mul(33) ^ usize::from(byte));
    let [above, below, front, shade] = PALETTES[number % PALETTES.len()];
    let shift = i32::try_from(number / 8 % 60).unwrap_or(0) - 30;
    let mut pixels = RgbImage::new(SIDE.unsigned_abs(), SIDE.unsigned_abs());
    for (y, line) in (0..SIDE).zip(pixels.chunks_exact_mut(3 * SIDE.unsigned_abs() as usize)) {
        let sky = mixed(above, below, y, SIDE);
        line.chunks_exact_mut(3).for_each(|pixel| pixel.copy_from_slice(&sky));
        for (from, to, colour) in stretches(kind % 6, y, shift) {
            paint(line, from, to, [front, shade][colour]);
        }
    }
    let mut bytes = Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

/// `part` of `whole` of the way from one colour to another.
fn mixed(from: Colour, to: Colour, part: i32, whole: i32) -> Colour {
    let mix = |a: u8, b: u8| u8::try_from((i32::from(a) * (whole - part) + i32::from(b) * part) / whole).unwrap_or(b);
    [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])]
}

/// Colours a stretch of a line, its first and last pixel in part.
fn paint(line: &mut [u8], from: i32, to: i32, colour: Colour) {
    let (from, to) = (from.max(0), to.min(SIDE * PARTS));
    for x in from / PARTS..(to + PARTS - 1) / PARTS {
        let covered = (to.min((x + 1) * PARTS) - from.max(x * PARTS)).clamp(0, PARTS);
        let start = x.unsigned_abs() as usize * 3;
        if let Some(pixel) = line.get_mut(start..start + 3) {
            let under = [pixel[0], pixel[1], pixel[2]];
            pixel.copy_from_slice(&mixed(under, colour, covered, PARTS));
        }
    }
}

/// What stands before the sky in line `y`.
fn stretches(kind: usize, y: i32, shift: i32) -> Vec<Stretch> {
    let middle = SIDE / 2;
    match kind {
        // A sun over water.
        0 => vec![disc(middle + shift, 210, 110, y, 0), block(0, SIDE, 330, SIDE, y, 1)],
        // Two mountains.
        1 => vec![
            peak(150 - shift, 190, 380, 230, y, 1),
            peak(300 + shift, 110, 380, 250, y, 0),
            block(0, SIDE, 380, SIDE, y, 1),
        ],
        // A tent with its door.
        2 => vec![
            peak(middle, 130, 390, 190, y, 0),
            peak(middle + shift / 2, 230, 390, 60, y, 1),
            block(0, SIDE, 390, SIDE, y, 1),
        ],
        // A ring around a stone.
        3 => vec![
            disc(middle, middle, 150, y, 0),
            disc(middle, middle, 104, y, 1),
            disc(middle + shift / 2, middle - 6, 60, y, 0),
        ],
        // A stack of folded things.
        4 => (0..4)
            .map(|i: i32| {
                block(
                    100 + shift / 2 * (i % 2),
                    380 + shift / 2 * (i % 2),
                    130 + i * 60,
                    180 + i * 60,
                    y,
                    usize::from(i % 2 == 1),
                )
            })
            .collect(),
        // A bowl, and what rises from it.
        _ => {
            let mut bowl = vec![disc(middle + shift, 170, 46, y, 1)];
            if y >= 240 {
                bowl.push(disc(middle, 240, 150, y, 0));
            }
            bowl.push(block(180, 300, 386, 404, y, 1));
            bowl
        }
    }
    .into_iter()
    .filter(|(from, to, _)| from < to)
    .collect()
}

fn disc(x: i32, y: i32, radius: i32, line: i32, colour: usize) -> Stretch {
    let up = (line - y).abs();
    let square = i64::from(radius * radius - up * up).max(0) * i64::from(PARTS * PARTS);
    let half = i32::try_from(square.isqrt()).unwrap_or(0);
    (x * PARTS - half, x * PARTS + half, colour)
}

/// A triangle from its tip to its foot, where it is `half` wide to each side.
fn peak(x: i32, tip: i32, foot: i32, half: i32, line: i32, colour: usize) -> Stretch {
    let half = if (tip..foot).contains(&line) { half * PARTS * (line - tip) / (foot - tip) } else { 0 };
    (x * PARTS - half, x * PARTS + half, colour)
}

fn block(left: i32, right: i32, top: i32, bottom: i32, line: i32, colour: usize) -> Stretch {
    if (top..bottom).contains(&line) { (left * PARTS, right * PARTS, colour) } else { (0, 0, colour) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_the_same_each_time_and_differ() {
        let all: Vec<_> = (0..6).map(|kind| picture(kind, "lamp").unwrap()).collect();
        for (kind, drawn) in all.iter().enumerate() {
            assert_eq!(drawn, &picture(kind, "lamp").unwrap());
            assert_eq!(all.iter().filter(|other| *other == drawn).count(), 1);
            assert_ne!(drawn, &picture(kind, "lamb").unwrap());
        }
    }
}
