//! Words that all parts share: typed ids, money, bounded text, pages, and how a refusal describes itself. No I/O.

mod country;
mod error;
mod id;
mod money;
mod page;
mod reach;
mod slug;
mod text;

pub use country::Country;
pub use error::{DomainError, FieldError, Kind};
pub use money::{Amount, Currency, Money};
pub use page::{Limit, Page};
pub use reach::{Reach, reach};
pub use slug::Slug;
pub use text::{Line, Passage, Prose, Text, TextError};

#[doc(hidden)]
pub use uuid;
