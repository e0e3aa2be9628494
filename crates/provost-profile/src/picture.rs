//! The QR code of a text, as PNG and as SVG. It does not know what the text means.

use qrcode::render::svg;
use qrcode::types::Color;
use qrcode::{EcLevel, QrCode};

/// A code, to be drawn.
pub(crate) struct Picture(QrCode);

/// A text that no code can hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TooLong {
    pub(crate) octets: usize,
}

impl Picture {
    /// The code of a text. Level L, as Thunderbird's own export has it: fewer modules are easier for a camera than more
    /// that may be damaged.
    pub(crate) fn of(text: &str) -> Result<Self, TooLong> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L);
        code.map(Self).map_err(|_too_long| TooLong { octets: text.len() })
    }

    /// Eight-bit grey, with the quiet zone of four modules that ISO/IEC 18004 asks for.
    pub(crate) fn png(&self) -> Vec<u8> {
        let code = &self.0;
        let modules = code.width() + 2 * QUIET;
        let side = modules * PIXELS;
        let colors = code.to_colors();
        let dark = |x: usize, y: usize| {
            let inside = |at: usize| (QUIET..QUIET + code.width()).contains(&at);
            inside(x) && inside(y) && colors[(y - QUIET) * code.width() + x - QUIET] == Color::Dark
        };
        let pixels: Vec<u8> =
            (0..side * side).map(|at| if dark(at % side / PIXELS, at / side / PIXELS) { 0 } else { 255 }).collect();
        let mut bytes = Vec::new();
        let side = u32::try_from(side).expect("a code has at most 177 modules");
        let mut encoder = png::Encoder::new(&mut bytes, side, side);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().expect("writing to memory");
        writer.write_image_data(&pixels).expect("as many pixels as announced");
        writer.finish().expect("writing to memory");
        bytes
    }

    /// The side with the quiet zone, in modules, and the dark modules as data of an SVG path, one piece for each run.
    pub(crate) fn path(&self) -> (usize, String) {
        let (code, mut path) = (&self.0, String::new());
        let colors = code.to_colors();
        for (y, row) in colors.chunks(code.width()).enumerate() {
            let mut x = 0;
            while x < row.len() {
                let run = row[x..].iter().take_while(|color| **color == Color::Dark).count();
                if run > 0 {
                    path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
                }
                x += run + 1;
            }
        }
        (code.width() + 2 * QUIET, path)
    }

    /// A file of its own.
    pub(crate) fn svg(&self) -> Vec<u8> {
        let picture = self.0.render::<svg::Color<'_>>().module_dimensions(PIXELS_SVG, PIXELS_SVG).build();
        format!("{picture}\n").into_bytes()
    }
}

/// Why a refusal is one.
pub(crate) const TOO_LONG: &str = "a QR code holds at most 2953 bytes";
const QUIET: usize = 4;
const PIXELS: usize = 6;
const PIXELS_SVG: u32 = 6;
