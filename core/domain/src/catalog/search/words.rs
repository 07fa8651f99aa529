//! Text into words.

use unicode_normalization::UnicodeNormalization as _;

use super::letters::{Letter, is_sign, letter};

/// Letters of a word that count.
pub(super) const LONGEST: usize = 32;

/// A word of a text, as searching sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Word {
    /// Without marks: `kase` for `Käse`.
    pub(super) plain: String,
    /// As it is written out where there are no marks, if that is another word: `kaese`.
    pub(super) written_out: Option<String>,
}

/// Words that stand together without a space between them: `T-Shirt`, `L’Oréal`, `کتاب‌ها`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compound {
    /// At least one.
    pub(super) words: Vec<Word>,
}

impl Word {
    /// Its ways of being written.
    pub(super) fn forms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.plain.as_str()).chain(self.written_out.as_deref())
    }

    /// Both words in one.
    pub(super) fn join(&self, other: &Self) -> Self {
        let either = |word: &Self| word.written_out.clone().unwrap_or_else(|| word.plain.clone());
        let marked = self.written_out.is_some() || other.written_out.is_some();
        let written_out = marked.then(|| cut(either(self) + &either(other)));
        Self { plain: cut(format!("{}{}", self.plain, other.plain)), written_out }
    }
}

fn cut(mut word: String) -> String {
    if let Some((end, _)) = word.char_indices().nth(LONGEST) {
        word.truncate(end);
    }
    word
}

impl Compound {
    /// Its words in one, where it has several.
    pub(super) fn joined(&self) -> Option<Word> {
        let (first, rest) = self.words.split_first().filter(|(_, rest)| !rest.is_empty())?;
        Some(rest.iter().fold(first.clone(), |joined, word| joined.join(word)))
    }
}

/// The words of a text, the first `most` of them.
pub(super) fn words(text: &str, most: usize) -> Vec<Compound> {
    let mut found = Found { compounds: Vec::new(), words: Vec::new(), plain: String::new(), out: String::new(), most };
    let letters = text.chars().map(|c| if is_sign(c) { ' ' } else { c }).nfkd().flat_map(char::to_lowercase);
    for c in letters {
        if found.is_full() {
            break;
        }
        found.take(c);
    }
    found.end_compound();
    found.compounds
}

struct Found {
    compounds: Vec<Compound>,
    words: Vec<Word>,
    plain: String,
    out: String,
    most: usize,
}

impl Found {
    fn is_full(&self) -> bool {
        self.compounds.iter().map(|compound| compound.words.len()).sum::<usize>() + self.words.len() >= self.most
    }

    fn take(&mut self, c: char) {
        // The two dots above a, o and u.
        if c == '\u{308}' && self.plain.ends_with(['a', 'o', 'u']) {
            self.out.push('e');
            return;
        }
        match letter(c) {
            Letter::Of(c) => self.push(c.encode_utf8(&mut [0; 4]), None),
            Letter::Pair(pair) => self.push(pair, None),
            Letter::Either(c, pair) => self.push(c.encode_utf8(&mut [0; 4]), Some(pair)),
            Letter::Alone(c) => {
                self.end_compound();
                self.push(c.encode_utf8(&mut [0; 4]), None);
                self.end_compound();
            }
            Letter::Joint => self.end_word(),
            Letter::Unseen => {}
            Letter::Break => self.end_compound(),
        }
    }

    fn push(&mut self, letters: &str, written_out: Option<&str>) {
        self.plain.push_str(letters);
        self.out.push_str(written_out.unwrap_or(letters));
    }

    fn end_word(&mut self) {
        if self.plain.is_empty() {
            return;
        }
        // Composed again, so that a Korean syllable is one letter.
        let [plain, out] = [&self.plain, &self.out].map(|word| cut(word.nfc().collect()));
        self.words.push(Word { written_out: (out != plain).then_some(out), plain });
        self.plain.clear();
        self.out.clear();
    }

    fn end_compound(&mut self) {
        self.end_word();
        if !self.words.is_empty() {
            self.compounds.push(Compound { words: std::mem::take(&mut self.words) });
        }
    }
}

/// What is left of a word without the endings of number and case, the same for `lamp`, `lamps` and `Lampen`. Light, and
/// without knowing the language: it only has to be the same for the forms of one word, not right.
pub(super) fn stem(word: &str) -> String {
    if word.chars().any(|c| c.is_ascii_digit()) {
        return word.to_owned();
    }
    if word.chars().next().is_some_and(|c| ('\u{600}'..'\u{700}').contains(&c)) {
        return persian(word).to_owned();
    }
    let mut stem = match word.strip_suffix("ies").filter(|rest| rest.len() > 2) {
        Some(rest) => format!("{rest}y"),
        None => word.to_owned(),
    };
    while let Some(shorter) = without_ending(&stem) {
        stem.truncate(shorter);
    }
    stem
}

/// How long `word` is without its last ending.
fn without_ending(word: &str) -> Option<usize> {
    const ENDINGS: [&str; 6] = ["ern", "en", "er", "es", "e", "s"];
    let short = |rest: &str| rest.chars().count() < 3;
    let rest = ENDINGS.iter().find_map(|ending| {
        let rest = word.strip_suffix(ending)?;
        let wrong = *ending == "s" && rest.ends_with(['s', 'u', 'i']);
        (!wrong && !short(rest)).then_some(rest)
    });
    let rest = rest.or_else(|| word.strip_suffix('x').filter(|rest| rest.ends_with("eau") || rest.ends_with("eu")));
    rest.map(str::len)
}

fn persian(word: &str) -> &str {
    const ENDINGS: [&str; 6] = ["هایی", "های", "ها", "ترین", "تر", "ات"];
    let rest = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending)).filter(|rest| rest.chars().count() >= 2);
    rest.unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Vec<String> {
        words(text, 20).into_iter().flat_map(|compound| compound.words).map(|word| word.plain).collect()
    }

    #[test]
    fn words_are_folded_alike_in_every_script() {
        for (text, folded) in [
            ("Crème Brûlée", "creme brulee"),
            ("STRASSE Straße", "strasse strasse"),
            ("كتاب‌هاي كوچك", "کتاب های کوچک"),
            ("آبیِ ١٢٣ ۴۵", "ابی 123 45"),
            ("Ελλάς ΕΛΛΆΣ", "ελλασ ελλασ"),
            ("Ёлка елка", "елка елка"),
            ("日本茶 ﬁn Ｗide", "日 本 茶 fin wide"),
            ("👍🏽👍 C++ I❤️NY", "👍 👍 c i ❤ ny"),
            ("İstanbul ırmak Łódź", "istanbul irmak lodz"),
            ("한국어", "한국어"),
            ("Lego™ 100€", "lego 100"),
            ("\0\u{202e}! \t", ""),
        ] {
            assert_eq!(plain(text).join(" "), folded, "{text}");
        }
        assert_eq!(words("Käse Loeffel", 9)[0].words[0].written_out.as_deref(), Some("kaese"));
        assert_eq!(words("T-Shirt", 9)[0].joined().map(|word| word.plain).as_deref(), Some("tshirt"));
        assert_eq!(words("Größe-Öl", 9)[0].joined().and_then(|word| word.written_out).as_deref(), Some("groesseoel"));
        assert_eq!(plain(&"word ".repeat(50)).len(), 20);
        assert_eq!(plain(&"x".repeat(5000))[0].len(), LONGEST);
    }

    #[test]
    fn forms_of_one_word_have_one_stem() {
        for forms in [
            "lamp lamps lampe lampen",
            "box boxes",
            "berry berries",
            "dress dresses",
            "haus hauser hausern",
            "buch bucher buchern",
            "glass glasses",
            "vase vases vasen",
            "stuhl stuhle stuhlen",
            "bateau bateaux",
            "camisa camisas",
            "کتاب کتابها کتابهای کتابهایی",
            "runner runners",
            "watch watches",
        ] {
            let stems: std::collections::BTreeSet<_> = forms.split(' ').map(stem).collect();
            assert_eq!(stems.len(), 1, "{forms}: {stems:?}");
        }
        for (one, other) in [("lamp", "lamb"), ("bus", "bush"), ("کتاب", "کباب"), ("a1s", "a1")] {
            assert_ne!(stem(one), stem(other));
        }
    }
}
