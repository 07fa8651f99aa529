//! Text with limits: parsed once at the edge, then passed as a type.

/// Why a text is refused, in words that follow the name of its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TextError(String);

impl TextError {
    /// A reason that reads well after the field's name: `is not a currency`.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A text with rules. The constants describe the rules to people who read the API's documents.
pub trait Text: Sized {
    /// What it is called in the documents.
    const NAME: &'static str;
    /// Fewest characters (Unicode scalar values).
    const MIN: usize;
    /// Most characters (Unicode scalar values).
    const MAX: usize;
    /// The regular expression (ECMA 262) that it follows, if that says more than the lengths.
    const PATTERN: Option<&'static str> = None;
    /// The format's name in JSON Schema, if it has one.
    const FORMAT: Option<&'static str> = None;
    /// All that there are, where those are few.
    const VALUES: &'static [&'static str] = &[];
    /// A good one.
    const EXAMPLE: &'static str;

    /// Takes a text that follows the rules.
    ///
    /// # Errors
    /// Says which rule it breaks.
    fn parse(text: &str) -> Result<Self, TextError>;

    /// The text.
    fn as_str(&self) -> &str;
}

/// [`breaks_or_turns`], inside the brackets of a pattern.
macro_rules! refused {
    () => {
        r"\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069"
    };
}

/// [`is_unseen`], inside the brackets of a pattern.
macro_rules! unseen {
    () => {
        concat!(
            r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f\u2800\u3164",
            r"\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
        )
    };
}

/// One line of text: a name, a title. Without control characters, other breaks of lines and overrides of direction; 1 to
/// `MAX` characters once trimmed, at least one of which can be seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line<const MAX: usize>(String);

impl<const LONGEST: usize> Line<LONGEST> {
    /// The same where longer ones may stand.
    #[must_use]
    pub fn widened<const WIDER: usize>(self) -> Line<WIDER> {
        const { assert!(WIDER >= LONGEST) };
        Line(self.0)
    }
}

impl<const LONGEST: usize> Text for Line<LONGEST> {
    const NAME: &'static str = "line";
    const MIN: usize = 1;
    const MAX: usize = LONGEST;
    const PATTERN: Option<&'static str> =
        Some(concat!(r"^[^", refused!(), r"]*[^\s", refused!(), unseen!(), r"][^", refused!(), r"]*$"));
    const EXAMPLE: &'static str = "A good name";

    fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TextError::new("must not be empty"));
        }
        if text.chars().any(breaks_or_turns) {
            return Err(TextError::new("must be one line, without control characters and overrides of direction"));
        }
        if text.chars().all(|c| c.is_whitespace() || is_unseen(c)) {
            return Err(TextError::new("must hold something that can be seen"));
        }
        at_most(text, LONGEST)?;
        Ok(Self(text.to_owned()))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// A character that ends a line, controls a device, or makes what stands behind it read the other way round.
fn breaks_or_turns(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A character that joins, splits or fills and has no shape of its own. Some scripts need them between others.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}')
}

/// Text of several lines: a description. Line breaks and tabs are its only control characters; 0 to `MAX` characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prose<const MAX: usize>(String);

impl<const LONGEST: usize> Text for Prose<LONGEST> {
    const NAME: &'static str = "prose";
    const MIN: usize = 0;
    const MAX: usize = LONGEST;
    const PATTERN: Option<&'static str> = Some(r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$");
    const EXAMPLE: &'static str = "A few sentences.";

    fn parse(text: &str) -> Result<Self, TextError> {
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(TextError::new("must not hold control characters other than line breaks and tabs"));
        }
        at_most(text, LONGEST)?;
        Ok(Self(text.to_owned()))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text of several lines that says something: a review, a note. As [`Prose`], but trimmed, and at least one of its
/// characters can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage<const MAX: usize>(String);

/// The control characters that several lines do not need, inside the brackets of a pattern.
macro_rules! controls {
    () => {
        r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"
    };
}

impl<const LONGEST: usize> Text for Passage<LONGEST> {
    const NAME: &'static str = "passage";
    const MIN: usize = 1;
    const MAX: usize = LONGEST;
    const PATTERN: Option<&'static str> =
        Some(concat!(r"^[^", controls!(), r"]*[^\s", controls!(), unseen!(), r"][^", controls!(), r"]*$"));
    const EXAMPLE: &'static str = "A few sentences.";

    fn parse(text: &str) -> Result<Self, TextError> {
        let Prose(text) = Prose::<LONGEST>::parse(text.trim())?;
        if text.chars().all(|c| c.is_whitespace() || is_unseen(c)) {
            return Err(TextError::new("must hold something that can be seen"));
        }
        Ok(Self(text))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

fn at_most(text: &str, longest: usize) -> Result<(), TextError> {
    let length = text.chars().count();
    if length > longest {
        return Err(TextError::new(format!("must have at most {longest} characters, has {length}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_bounded() {
        assert_eq!(Line::<5>::parse("  lamp ").map(|l| l.as_str().to_owned()), Ok("lamp".to_owned()));
        assert!(Line::<5>::parse("lampen").is_err());
        assert!(Line::<5>::parse("   ").is_err());
        assert!(Line::<5>::parse("a\0b").is_err());
        assert!(Line::<5>::parse("سلامت").is_ok(), "characters count, not bytes");
    }

    #[test]
    fn a_line_can_be_seen_and_reads_one_way() {
        let parse = |text: &str| Line::<20>::parse(text).is_ok();
        for unseen in ["\u{200b}", "\u{feff}", "\u{200d}\u{2060}", " \u{3164} ", "\u{2800}", "\u{fe0f}"] {
            assert!(!parse(unseen), "{unseen:?}");
        }
        for turning in ["a\u{2028}b", "a\u{2029}b", "a\u{202e}b", "a\u{202a}b", "a\u{2066}b", "a\u{2069}b"] {
            assert!(!parse(turning), "{turning:?}");
        }
        for good in ["می\u{200c}خواهم", "👩\u{200d}🚀", "❤\u{fe0f}", "שלום\u{200f}!", "ab\u{ad}cd"] {
            assert!(parse(good), "{good:?}");
        }
    }

    #[test]
    fn a_passage_may_break_lines_and_says_something() {
        assert_eq!(Passage::<9>::parse("\n a\nb ").map(|p| p.as_str().to_owned()), Ok("a\nb".to_owned()));
        for bad in ["", " \n\t", "\u{200b}", "a\0", "ten letters"] {
            assert!(Passage::<9>::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn prose_may_break_lines_but_hold_no_nul() {
        assert!(Prose::<9>::parse("a\nb\tc").is_ok());
        assert!(Prose::<9>::parse("a\0").is_err());
        assert!(Prose::<9>::parse("").is_ok());
    }
}
