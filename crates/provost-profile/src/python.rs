//! Python literals, for clients whose configuration contains expressions or is a program. It writes no program.

/// A string literal: whatever the text is, it stays text. Model texts have no line breaks, so a backslash and the mark
/// itself are all that a literal in quotation marks gives a meaning to (The Python Language Reference §2.4.1).
pub(crate) fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
