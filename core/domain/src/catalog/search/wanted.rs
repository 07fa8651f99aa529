//! What somebody looks for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::document::{EVERYTHING, facet_lexeme};
use super::words::{Word, stem, words};

/// Words of a query that count; the rest is not looked at.
const MOST_WORDS: usize = 8;
/// Characters of a query that count.
const LONGEST: usize = 400;
/// Brands and categories that a word may name.
const MOST_LABELS: usize = 12;

/// What was written into a search box, as words.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Each with the words that it is a part of.
    words: Vec<(Word, Vec<Word>)>,
}

/// Words to find, each in any of its forms; made once for a query and kept in its cursors, so that what is found stays
/// the same from page to page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wanted {
    #[serde(rename = "g")]
    groups: Vec<Group>,
    /// Whether one of the words is enough.
    #[serde(rename = "a")]
    any: bool,
}

/// The forms of a word: any of them will do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Group {
    /// What it is, in all its spellings.
    #[serde(rename = "s")]
    strict: BTreeSet<String>,
    /// What it may begin.
    #[serde(rename = "p", default, skip_serializing_if = "BTreeSet::is_empty")]
    begun: BTreeSet<String>,
    /// What it may have meant.
    #[serde(rename = "m", default, skip_serializing_if = "BTreeSet::is_empty")]
    meant: BTreeSet<String>,
}

/// The arguments of `search_products` that say what is looked for.
#[derive(Debug, Default)]
pub(super) struct Terms {
    pub(super) lexemes: Vec<String>,
    pub(super) groups: Vec<i32>,
    pub(super) prefixes: Vec<bool>,
    pub(super) exact: Option<String>,
    pub(super) loose: Option<String>,
}

impl Asked {
    pub(super) fn new(text: &str) -> Self {
        let text: String = text.chars().take(LONGEST).collect();
        let mut found: Vec<(Word, Vec<Word>)> = Vec::new();
        for compound in words(&text, MOST_WORDS) {
            let joined: Vec<_> = compound.joined().into_iter().collect();
            found.extend(compound.words.into_iter().map(|word| (word, joined.clone())));
        }
        // Some write in two words what others write in one.
        for i in 1..found.len() {
            let joined = found[i - 1].0.join(&found[i].0);
            found[i - 1].1.push(joined.clone());
            found[i].1.push(joined);
        }
        Self { words: found }
    }

    /// Whether there is nothing in it that could be found.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().flat_map(|(word, _)| word.forms())
    }

    /// What brands and categories are looked up by.
    pub(super) fn labels(&self) -> Vec<String> {
        self.words.iter().flat_map(|(word, _)| spellings(word)).collect()
    }

    /// What is looked for. `labels` are the facets that words name; `meant` is what words may have meant, and is none
    /// as long as they are taken for what they are. Words that mean nothing are left out then.
    pub(super) fn wanted(
        &self,
        labels: &BTreeMap<String, Vec<i64>>,
        meant: Option<&BTreeMap<String, Vec<String>>>,
    ) -> Wanted {
        let last = self.words.len().saturating_sub(1);
        let groups = self.words.iter().enumerate().filter_map(|(i, (word, joined))| {
            let mut group = Group { strict: spellings(word).collect(), ..Group::default() };
            group.strict.extend(joined.iter().flat_map(spellings));
            let named = spellings(word).filter_map(|spelling| labels.get(&spelling)).flatten().take(MOST_LABELS);
            group.strict.extend(named.map(|key| facet_lexeme(*key)));
            let begins = |form: &&str| match form.chars().count() {
                0 | 1 => false,
                2 | 3 => i == last,
                _ => true,
            };
            group.begun = word.forms().filter(begins).map(str::to_owned).collect();
            let Some(meant) = meant else { return Some(group) };
            let mut known = false;
            for words in word.forms().filter_map(|form| meant.get(form)) {
                known = true;
                group.meant.extend(words.iter().map(|word| format!("~{}", stem(word))));
            }
            known.then_some(group)
        });
        Wanted { groups: groups.collect(), any: false }
    }
}

/// A word in its forms, and their stems.
pub(super) fn spellings(word: &Word) -> impl Iterator<Item = String> {
    word.forms().flat_map(|form| [form.to_owned(), format!("~{}", stem(form))])
}

impl Wanted {
    /// Whether nothing is asked for by words.
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The same, where one of several words is enough.
    pub(super) fn any(mut self) -> Option<Self> {
        self.any = true;
        (self.groups.len() > 1).then_some(self)
    }

    /// As arguments, together with groups of facets.
    pub(super) fn terms(&self, facets: &[Vec<String>]) -> Terms {
        let mut terms = Terms::default();
        let (mut exact, mut loose) = (BTreeSet::new(), BTreeSet::new());
        for (number, group) in (1..).zip(&self.groups) {
            let number = if self.any { 0 } else { number };
            terms.push(number, &group.strict, false);
            terms.push(number, &group.begun, true);
            terms.push(number, &group.meant, false);
            exact.extend(group.strict.iter().map(|lexeme| format!("'{lexeme}'")));
            loose.extend(group.begun.iter().map(|lexeme| format!("'{lexeme}':*")));
            loose.extend(group.meant.iter().map(|lexeme| format!("'{lexeme}'")));
        }
        for (number, group) in (1_000..).zip(facets) {
            terms.push(number, group, false);
        }
        if terms.lexemes.is_empty() {
            terms.push(0, &[EVERYTHING.to_owned()], false);
        }
        let query = |lexemes: BTreeSet<String>| {
            (!lexemes.is_empty()).then(|| lexemes.into_iter().collect::<Vec<_>>().join("|"))
        };
        (terms.exact, terms.loose) = (query(exact), query(loose));
        terms
    }
}

impl Terms {
    fn push<'a>(&mut self, number: i32, lexemes: impl IntoIterator<Item = &'a String>, prefix: bool) {
        for lexeme in lexemes {
            self.lexemes.push(lexeme.clone());
            self.groups.push(number);
            self.prefixes.push(prefix);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexemes(text: &str) -> Vec<String> {
        Asked::new(text).wanted(&BTreeMap::new(), None).terms(&[]).lexemes
    }

    #[test]
    fn a_word_is_looked_for_in_all_its_forms() {
        let found = lexemes("Käselampen");
        for lexeme in ["kaselampen", "kaeselampen", "~kaselamp", "~kaeselamp"] {
            assert!(found.iter().any(|form| form == lexeme), "{lexeme}: {found:?}");
        }
        assert!(lexemes("foot ball").contains(&"football".to_owned()));
        assert!(lexemes("t-shirt").contains(&"tshirt".to_owned()));
    }

    #[test]
    fn whatever_is_written_is_bounded_and_makes_a_query() {
        for text in ["", "!!!", "& | ! ( ) :* <-> \\ '", &"word ".repeat(5000), &"x".repeat(10_000), "\0", "a:*|b"] {
            let terms = Asked::new(text).wanted(&BTreeMap::new(), None).terms(&[]);
            assert!(terms.groups.len() <= 100 && !terms.lexemes.is_empty(), "{text}");
            let letters = |text: &str| text.chars().all(|c| c.is_alphanumeric() || "~*'|:#".contains(c));
            assert!(terms.exact.as_deref().is_none_or(letters), "{:?}", terms.exact);
        }
    }

    #[test]
    fn what_means_nothing_is_left_out_when_words_are_corrected() {
        let asked = Asked::new("lmap xyzzy");
        let meant = BTreeMap::from([("lmap".to_owned(), vec!["lamp".to_owned()])]);
        let wanted = asked.wanted(&BTreeMap::new(), Some(&meant));
        let lexemes = wanted.terms(&[]).lexemes;
        assert!(lexemes.contains(&"~lamp".to_owned()) && !lexemes.contains(&"xyzzy".to_owned()), "{lexemes:?}");
    }
}
