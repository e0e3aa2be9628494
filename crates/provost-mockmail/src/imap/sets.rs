//! Sets of numbers as IMAP writes them: `1:3,5` (RFC 3501 §9, `sequence-set`).

/// Writes numbers in the order that they have, neighbours that ascend as one range: that of SORT is kept, and in that of
/// the folder no form is shorter.
pub(super) fn written(numbers: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*number) => *last = *number,
            Some(_) | None => ranges.push((*number, *number)),
        }
    }
    let range = |(first, last): &(u32, u32)| match first == last {
        true => first.to_string(),
        false => format!("{first}:{last}"),
    };
    ranges.iter().map(range).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_ranges() {
        assert_eq!(written(&[1, 2, 3, 5, 7, 8]), "1:3,5,7:8");
        assert_eq!(written(&[u32::MAX]), "4294967295");
        // A result of SORT, as Dovecot 2.3.19 writes it.
        assert_eq!(written(&[1, 7, 4, 3, 2, 5, 6]), "1,7,4,3,2,5:6");
        assert_eq!(written(&[]), "");
    }
}
