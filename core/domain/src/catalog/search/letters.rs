//! Letters of all scripts, as searching sees them: folded once, alike for what is kept and for what is asked.

/// What a letter is to a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letter {
    /// Part of a word, written so; where German and its neighbours write it out, like that too: `a` and `ae` for `ä`.
    Of(char),
    /// Two letters in both ways of writing.
    Pair(&'static str),
    /// One letter, or its written-out form.
    Either(char, &'static str),
    /// A word by itself: a letter of a script without spaces, an emoji.
    Alone(char),
    /// Joins two words into one that is found by itself too: `-`, `'`, a zero-width non-joiner.
    Joint,
    /// Nothing: a mark above or below, a joiner that shows nothing.
    Unseen,
    /// Ends a word.
    Break,
}

/// What the compatible decomposition should not make letters of.
pub(super) fn is_sign(c: char) -> bool {
    matches!(c, '™' | '®' | '©' | '℠' | '€' | '№')
}

/// What `c`, of a text in compatible decomposition and lower case, is to a word.
pub(super) fn letter(c: char) -> Letter {
    match c {
        'a'..='z' | '0'..='9' => Letter::Of(c),
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5c7}' => Letter::Unseen,
        '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}' => Letter::Unseen,
        '\u{ad}' | '\u{200b}' | '\u{200d}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{3099}' | '\u{309a}' => {
            Letter::Unseen
        }
        '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' => Letter::Unseen,
        '-' | '\'' | '’' | '.' | '_' | '/' | '&' | '+' | '·' | '\u{200c}' | '\u{2010}' | '\u{2011}' => Letter::Joint,
        'ß' => Letter::Pair("ss"),
        'æ' => Letter::Pair("ae"),
        'œ' => Letter::Pair("oe"),
        'þ' => Letter::Pair("th"),
        'ø' => Letter::Either('o', "oe"),
        'đ' | 'ð' => Letter::Of('d'),
        'ł' => Letter::Of('l'),
        'ı' => Letter::Of('i'),
        'ħ' => Letter::Of('h'),
        'ς' => Letter::Of('σ'),
        // Arabic and Persian write some letters in two ways.
        'ي' | 'ى' | 'ې' => Letter::Of('ی'),
        'ك' | 'ڪ' => Letter::Of('ک'),
        'ة' | 'ۀ' | 'ە' | 'ہ' => Letter::Of('ه'),
        'ٱ' => Letter::Of('ا'),
        _ => of_other_script(c),
    }
}

fn of_other_script(c: char) -> Letter {
    if let Some(digit) = digit(c) {
        return Letter::Of(digit);
    }
    match u32::from(c) {
        // Kana, Han: a word is not told by spaces.
        0x3041..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff => Letter::Alone(c),
        // Pictures.
        0x2600..=0x27bf | 0x2b00..=0x2bff | 0x1_f000..=0x1_faff => Letter::Alone(c),
        // The sign that kills a vowel belongs to its word.
        0x94d | 0x9cd | 0xa4d | 0xacd | 0xb4d | 0xbcd | 0xc4d | 0xccd | 0xd4d => Letter::Of(c),
        _ if c.is_alphanumeric() => Letter::Of(c),
        _ => Letter::Break,
    }
}

/// The digit that `c` is in the figures of a script.
fn digit(c: char) -> Option<char> {
    const ZEROS: [u32; 11] = [0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xe50];
    let code = u32::from(c);
    let zero = ZEROS.into_iter().find(|zero| (*zero..zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}
