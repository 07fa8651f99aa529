//! What a misspelt word may have meant.

/// How many letters may be wrong: none in short words, which would mean anything then.
pub(super) fn allowance(word: &str) -> usize {
    match word.chars().count() {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// Every three letters of a word, its beginning and its end marked.
pub(super) fn grams(word: &str) -> Vec<String> {
    let letters: Vec<char> = std::iter::once('^').chain(word.chars()).chain(std::iter::once('$')).collect();
    letters.windows(3).map(|three| three.iter().collect()).collect()
}

/// Three letters in a row that a word must share with another that is `allowance` away. An exchange of two letters may
/// leave fewer: those are looked up one by one.
pub(super) fn shared(word: &str) -> usize {
    word.chars().count().saturating_sub(3 * allowance(word)).max(1)
}

/// The words that `word` becomes when two neighbours change places.
pub(super) fn exchanges(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let exchanged = |i: usize| {
        let mut letters = letters.clone();
        letters.swap(i, i + 1);
        letters.into_iter().collect()
    };
    (0..letters.len().saturating_sub(1)).map(exchanged).collect()
}

/// Letters left out, put in, exchanged with another or with their neighbour, from one word to the other; `None` beyond
/// `most`. (Damerau and Levenshtein, each pair of letters at most once.)
pub(super) fn distance(one: &str, other: &str, most: usize) -> Option<usize> {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    let mut before = vec![0; other.len() + 1];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1; other.len() + 1];
        for (j, b) in other.iter().enumerate() {
            let changed = last[j] + usize::from(a != b);
            let mut least = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            row[j + 1] = least;
        }
        if row.iter().all(|steps| *steps > most) && last.iter().all(|steps| *steps > most) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|steps| *steps <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_as_far_as_its_letters_are_wrong() {
        for (one, other, steps) in [
            ("lamp", "lamp", Some(0)),
            ("lamp", "lmap", Some(1)),
            ("lamp", "lam", Some(1)),
            ("lamp", "clamp", Some(1)),
            ("keramik", "keramk", Some(1)),
            ("headphone", "haedphnoe", Some(2)),
            ("سرگل", "سرکل", Some(1)),
            ("lamp", "bulb", None),
            ("", "abc", None),
        ] {
            assert_eq!(distance(one, other, 2), steps, "{one} {other}");
            assert_eq!(distance(other, one, 2), steps, "{other} {one}");
        }
        assert_eq!(distance("abcdefgh", "hgfedcba", 2), None);
    }

    #[test]
    fn what_is_near_shares_letters_or_is_an_exchange() {
        let (word, near) = ("keramik", ["keramk", "kermik", "keramikk", "kerxmik", "eramik", "keramis"]);
        let of_word = grams(word);
        for other in near {
            let common = grams(other).iter().filter(|gram| of_word.contains(gram)).count();
            assert!(common >= shared(other), "{other}: {common} of {}", shared(other));
        }
        assert!(exchanges("lmap").contains(&"lamp".to_owned()));
        assert_eq!(
            (exchanges("a").len(), grams("ab"), grams("a")),
            (0, vec!["^ab".into(), "ab$".into()], vec!["^a$".into()])
        );
    }
}
