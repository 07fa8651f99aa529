//! Lists in pages.

/// How many items a page holds: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// The largest page.
    pub const MAX: u8 = 100;

    /// Takes a size; none outside 1 to [`Limit::MAX`].
    #[must_use]
    pub fn new(size: u8) -> Option<Self> {
        (1..=Self::MAX).contains(&size).then_some(Self(size))
    }

    /// What to ask the database for: one more than the page holds, which tells whether another page follows.
    #[must_use]
    pub fn and_one(self) -> i64 {
        i64::from(self.0) + 1
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(20)
    }
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Whether another page follows.
    pub more: bool,
}

impl<T> Page<T> {
    /// Makes a page of what the database gave for [`Limit::and_one`].
    #[must_use]
    pub fn cut(mut items: Vec<T>, limit: Limit) -> Self {
        let more = items.len() > usize::from(limit.0);
        items.truncate(usize::from(limit.0));
        Self { items, more }
    }
}
