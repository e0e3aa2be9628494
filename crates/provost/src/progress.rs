//! The progress bar: on a terminal only, so that logs and pipes stay clean.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for `steps` steps of `what`. indicatif draws on standard error, and nothing where that is no terminal.
pub(crate) fn bar(steps: usize, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}")
        .expect("the template is a constant that a test draws")
        .progress_chars("━━─");
    ProgressBar::new(u64::try_from(steps).expect("a list in memory is shorter than 2^64"))
        .with_style(style)
        .with_message(what)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_template_is_valid() {
        super::bar(3, "proving").finish_and_clear();
    }
}
