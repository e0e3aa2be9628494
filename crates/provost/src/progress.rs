//! The progress bar: on a terminal only, so that logs and pipes stay clean.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for `steps` steps of `what`; a count of them, if nobody knows how many there are. indicatif draws on standard
/// error, and nothing where that is no terminal.
pub(crate) fn bar(steps: Option<u64>, what: &'static str) -> ProgressBar {
    let template = match steps {
        Some(_) => "{msg} {wide_bar} {pos}/{len}  {per_sec:.0}, {eta} left",
        None => "{msg} {pos}",
    };
    let style = ProgressStyle::with_template(template)
        .expect("the templates are constants that a test draws")
        .progress_chars("━━─");
    let bar = match steps {
        Some(steps) => ProgressBar::new(steps),
        None => ProgressBar::no_length(),
    };
    bar.with_style(style).with_message(what)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_templates_are_valid() {
        super::bar(Some(3), "proving").finish_and_clear();
        super::bar(None, "proving").finish_and_clear();
    }
}
