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

/// One line of text: a name, a title. Without control characters, 1 to `MAX` characters once trimmed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line<const MAX: usize>(String);

impl<const LONGEST: usize> Text for Line<LONGEST> {
    const NAME: &'static str = "line";
    const MIN: usize = 1;
    const MAX: usize = LONGEST;
    const PATTERN: Option<&'static str> =
        Some(r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$");
    const EXAMPLE: &'static str = "A good name";

    fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TextError::new("must not be empty"));
        }
        if text.chars().any(char::is_control) {
            return Err(TextError::new("must be one line, without control characters"));
        }
        at_most(text, LONGEST)?;
        Ok(Self(text.to_owned()))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
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
    fn prose_may_break_lines_but_hold_no_nul() {
        assert!(Prose::<9>::parse("a\nb\tc").is_ok());
        assert!(Prose::<9>::parse("a\0").is_err());
        assert!(Prose::<9>::parse("").is_ok());
    }
}
