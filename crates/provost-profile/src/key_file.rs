//! GLib's key files, in which GNOME programs keep their settings: groups, keys, and values with escapes. It decides no
//! key.
//!
//! How GLib reads values was measured: `GLib.KeyFile` of GLib 2.74, 2026-11.

/// A key file that is being written.
#[derive(Debug, Default)]
pub(crate) struct KeyFile(String);

impl KeyFile {
    /// Begins a group.
    pub(crate) fn group(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(&format!("[{name}]\n"));
    }

    /// A value that is one text.
    pub(crate) fn text(&mut self, key: &str, value: &str) {
        self.0.push_str(&format!("{key}={}\n", escaped(value)));
    }

    /// A value that is a list of texts. Each ends in a semicolon, so that an empty last one would be one.
    pub(crate) fn list(&mut self, key: &str, values: &[String]) {
        let values: String = values.iter().map(|value| escaped(value).replace(';', "\\;") + ";").collect();
        self.0.push_str(&format!("{key}={values}\n"));
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// A backslash begins an escape, and a space that comes first would be dropped. Model texts have no control characters.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\");
    let inside = text.trim_start_matches(' ');
    format!("{}{inside}", "\\s".repeat(text.len() - inside.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `GLib.KeyFile.set_string` and `set_string_list` write of the same texts.
    #[test]
    fn values_are_written_as_glib_writes_them() {
        let mut file = KeyFile::default();
        file.group("a");
        file.text("x", "  a\\b ;c é ");
        file.list("l", &["a;b".to_owned(), " c".to_owned(), "d\\".to_owned()]);
        assert_eq!(file.0, "[a]\nx=\\s\\sa\\\\b ;c é \nl=a\\;b;\\sc;d\\\\;\n");
    }
}
