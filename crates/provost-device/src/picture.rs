//! From a picture to the text of its QR code: PNG, and SVG made of rectangles or horizontal strokes, which is what
//! programs that draw such codes write. rxing, a port of the scanner that phones use, finds and decodes the code. It
//! does not know what the text means.

use provost_account::{Findings, codes::profile as codes};
use rxing::{BarcodeFormat, DecodeHints};

use crate::source_file::SourceFile;
use crate::source_text::OCTETS_MAX;
use crate::xml::{self, Element};

/// Light and dark, row by row.
struct Grey {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

/// Why a picture gives no text.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("the picture is too large")]
    TooLarge,
    #[error("no QR code is found")]
    NoCode,
    #[error("the PNG is broken: {0}")]
    BrokenPng(png::DecodingError),
    #[error("the SVG has neither viewBox nor width and height")]
    NoSize,
    #[error("an SVG of {width} by {height}")]
    Size { width: f64, height: f64 },
    #[error("a transform in line {line} that is not a scale")]
    Transform { line: usize },
    #[error("a rect without numbers in line {line}")]
    Rectangle { line: usize },
    #[error("a path in line {line} that is not made of squares")]
    Path { line: usize },
}

/// Whether bytes are a picture of a kind that is read here, by their start.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(PNG) || xml::has_root(bytes, "svg")
}

/// Whether a file is a picture on which no code is found, as most pictures are.
#[must_use]
pub fn has_no_code(file: &SourceFile<'_>) -> bool {
    is_one(file.bytes) && peek(file.bytes).is_none()
}

/// The text of the code on a picture, to recognize its format. `None`: no code is found.
pub(crate) fn peek(bytes: &[u8]) -> Option<String> {
    text(bytes, &mut Findings::default())
}

/// The text of the code on a picture.
pub(crate) fn text(bytes: &[u8], findings: &mut Findings) -> Option<String> {
    if bytes.len() > OCTETS_MAX {
        findings.add(codes::TOO_LARGE, None, format!("{} bytes", bytes.len()), "check that this is the right file");
        return None;
    }
    let grey = match bytes.starts_with(PNG) {
        true => png(bytes),
        false => svg(&xml::parse(bytes, findings)?),
    };
    found(grey.and_then(scan), findings)
}

/// The text of the code that is drawn by an element of a page.
pub(crate) fn text_of(element: &Element, findings: &mut Findings) -> Option<String> {
    found(svg(element).and_then(scan), findings)
}

fn found(read: Result<String, Unreadable>, findings: &mut Findings) -> Option<String> {
    match read {
        Ok(text) => Some(text),
        Err(why) => {
            let fix = "take a sharp picture with a light border of four modules around the code";
            findings.add(codes::UNREADABLE_PICTURE, None, why.to_string(), fix);
            None
        }
    }
}

fn scan(grey: Grey) -> Result<String, Unreadable> {
    let (Ok(width), Ok(height)) = (u32::try_from(grey.width), u32::try_from(grey.height)) else {
        return Err(Unreadable::TooLarge);
    };
    let mut hints =
        DecodeHints { CharacterSet: Some("UTF-8".to_owned()), TryHarder: Some(true), ..DecodeHints::default() };
    let format = Some(BarcodeFormat::QR_CODE);
    rxing::helpers::detect_in_luma_with_hints(grey.pixels, width, height, format, &mut hints)
        .map(|found| found.getText().to_owned())
        .map_err(|_no_code| Unreadable::NoCode)
}

fn png(bytes: &[u8]) -> Result<Grey, Unreadable> {
    let limits = png::Limits { bytes: PIXELS_MAX * 4 };
    let mut decoder = png::Decoder::new_with_limits(std::io::Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(Unreadable::BrokenPng)?;
    let size = reader.output_buffer_size().filter(|size| *size <= PIXELS_MAX * 4).ok_or(Unreadable::TooLarge)?;
    let mut buffer = vec![0; size];
    let info = reader.next_frame(&mut buffer).map_err(Unreadable::BrokenPng)?;
    let (width, height) = (usize::try_from(info.width), usize::try_from(info.height));
    let (Ok(width), Ok(height)) = (width, height) else { return Err(Unreadable::TooLarge) };
    let samples = info.color_type.samples();
    let color = samples >= 3;
    let pixels = buffer[..info.buffer_size()]
        .chunks_exact(samples)
        .map(|pixel| {
            let grey = if color {
                (u32::from(pixel[0]) * 299 + u32::from(pixel[1]) * 587 + u32::from(pixel[2]) * 114) / 1000
            } else {
                u32::from(pixel[0])
            };
            // What is transparent lies on a light screen.
            let opaque = if samples % 2 == 0 { u32::from(pixel[samples - 1]) } else { 255 };
            let grey = (grey * opaque + 255 * (255 - opaque)) / 255;
            u8::try_from(grey).expect("a mean of octets")
        })
        .collect();
    Ok(Grey { width, height, pixels })
}

/// Draws what is dark: `rect`, and `path` of axis-parallel lines; a light `rect` is background.
fn svg(root: &Element) -> Result<Grey, Unreadable> {
    let view: Vec<f64> =
        root.attribute("viewBox").unwrap_or("").split([' ', ',']).filter_map(|number| number.parse().ok()).collect();
    let length = |name: &str| root.attribute(name).and_then(|text| text.trim_end_matches("px").parse::<f64>().ok());
    let (x, y, width, height) = match (view.as_slice(), length("width"), length("height")) {
        ([x, y, width, height], _, _) => (*x, *y, *width, *height),
        (_, Some(width), Some(height)) => (0.0, 0.0, width, height),
        _ => return Err(Unreadable::NoSize),
    };
    if !(width > 0.0 && height > 0.0 && width <= SIDE_MAX && height <= SIDE_MAX) {
        return Err(Unreadable::Size { width, height });
    }
    // A module may be one unit wide; the scanner wants several pixels.
    let scale = (SIDE_GOOD / width.max(height)).max(1.0).round();
    let pixel = |length: f64| {
        let pixel = (length * scale).round().clamp(0.0, SIDE_MAX * 4.0);
        // Clamped to what is exact in both.
        format!("{pixel:.0}").parse::<usize>().expect("digits of a number that is not negative")
    };
    let mut grey = Grey { width: pixel(width), height: pixel(height), pixels: Vec::new() };
    grey.pixels = vec![255; grey.width * grey.height];
    let mut rectangles = Vec::new();
    collect(root, None, 1.0, &mut rectangles)?;
    for Rectangle { left, top, right, bottom, dark } in rectangles {
        let shade = if dark { 0 } else { 255 };
        for row in pixel(top - y)..pixel(bottom - y).min(grey.height) {
            let range = pixel(left - x)..pixel(right - x).min(grey.width);
            if !range.is_empty() {
                grey.pixels[row * grey.width..][range].fill(shade);
            }
        }
    }
    Ok(grey)
}

struct Rectangle {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
    dark: bool,
}

fn collect(
    element: &Element,
    inherited: Option<&str>,
    scale: f64,
    rectangles: &mut Vec<Rectangle>,
) -> Result<(), Unreadable> {
    let line = element.place.line;
    let fill = element.attribute("fill").or(inherited);
    let dark = !fill.is_some_and(is_light);
    let scale = match element
        .attribute("transform")
        .map(|text| text.strip_prefix("scale(").and_then(|it| it.strip_suffix(')')))
    {
        None => scale,
        Some(factor) => {
            let factor = factor.and_then(|factor| factor.parse::<f64>().ok());
            scale * factor.ok_or(Unreadable::Transform { line })?
        }
    };
    let first = rectangles.len();
    match element.name.as_str() {
        "rect" => {
            let length = |name: &str| match element.attribute(name) {
                None => Some(0.0),
                Some("100%") => Some(SIDE_MAX),
                Some(text) => text.parse::<f64>().ok(),
            };
            let lengths = [length("x"), length("y"), length("width"), length("height")];
            let [Some(left), Some(top), Some(width), Some(height)] = lengths else {
                return Err(Unreadable::Rectangle { line });
            };
            rectangles.push(Rectangle { left, top, right: left + width, bottom: top + height, dark });
        }
        "path" => {
            let stroke = element.attribute("stroke").filter(|stroke| !is_light(stroke));
            let width = stroke.map(|_| element.attribute("stroke-width").and_then(|it| it.parse().ok()).unwrap_or(1.0));
            path(element.attribute("d").unwrap_or(""), dark, width, rectangles).ok_or(Unreadable::Path { line })?;
        }
        _ => {}
    }
    for rectangle in &mut rectangles[first..] {
        rectangle.left *= scale;
        rectangle.top *= scale;
        rectangle.right *= scale;
        rectangle.bottom *= scale;
    }
    element.children.iter().try_for_each(|child| collect(child, fill, scale, rectangles))
}

/// Each subpath of axis-parallel lines around one rectangle; with a stroke of that width, each horizontal line.
fn path(data: &str, dark: bool, stroke: Option<f64>, rectangles: &mut Vec<Rectangle>) -> Option<()> {
    let (mut at, mut start) = ((0.0, 0.0), (0.0, 0.0));
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut strokes = Vec::new();
    let mut close = |points: &mut Vec<(f64, f64)>| {
        let bound = |pick: fn(&(f64, f64)) -> f64, fold: fn(f64, f64) -> f64, from: f64| {
            points.iter().map(pick).fold(from, fold)
        };
        if points.len() >= 4 {
            rectangles.push(Rectangle {
                left: bound(|it| it.0, f64::min, f64::MAX),
                top: bound(|it| it.1, f64::min, f64::MAX),
                right: bound(|it| it.0, f64::max, f64::MIN),
                bottom: bound(|it| it.1, f64::max, f64::MIN),
                dark,
            });
        }
        points.clear();
    };
    let mut rest = data;
    while let Some(command) = rest.chars().next() {
        rest = &rest[command.len_utf8()..];
        let mut number = || -> Option<f64> {
            rest = rest.trim_start_matches([' ', ',']);
            let end = rest.char_indices().find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || *c == '-' && *at == 0));
            let (text, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
            rest = after;
            text.parse().ok()
        };
        match command {
            'M' | 'm' => {
                let (x, y) = (number()?, number()?);
                close(&mut points);
                at = if command == 'M' { (x, y) } else { (at.0 + x, at.1 + y) };
                start = at;
            }
            'H' | 'h' => {
                let (from, length) = (at.0, number()?);
                at.0 = if command == 'H' { length } else { from + length };
                if let Some(width) = stroke {
                    let (top, bottom) = (at.1 - width / 2.0, at.1 + width / 2.0);
                    strokes.push(Rectangle { left: from.min(at.0), top, right: from.max(at.0), bottom, dark: true });
                }
            }
            'V' => at.1 = number()?,
            'v' => at.1 += number()?,
            'L' => at = (number()?, number()?),
            'l' => at = (at.0 + number()?, at.1 + number()?),
            'Z' | 'z' => {
                close(&mut points);
                at = start;
                continue;
            }
            ' ' | ',' | '\n' | '\r' | '\t' => continue,
            _ => return None,
        }
        points.push(at);
    }
    close(&mut points);
    rectangles.append(&mut strokes);
    Some(())
}

fn is_light(fill: &str) -> bool {
    matches!(fill.to_ascii_lowercase().as_str(), "none" | "white" | "#fff" | "#ffffff" | "transparent")
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const PIXELS_MAX: usize = 16 * 1024 * 1024;
const SIDE_MAX: f64 = 4096.0;
const SIDE_GOOD: f64 = 600.0;
