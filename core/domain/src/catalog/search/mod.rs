//! Finding products: by words, by what they are, and counted by it.
//!
//! Words and facets of a product are lexemes behind its store's prefix, in one column that one index holds. The policies
//! keep every text search from an index, so one audited function reads it, at the store of the setting; what it finds is
//! read again under the policies.

mod browse;
mod choice;
mod document;
mod facets;
mod keep;
mod letters;
mod queries;
mod spelling;
mod suggest;
mod wanted;
mod words;

pub use browse::{Browsed, Cursor, Filter, Wants, browse};
pub use choice::AttributeChoice;
pub use facets::{AttributeFacet, FacetValue, Facets};
pub(super) use keep::{forget, keep, keep_brand, keep_category};
pub use suggest::{Suggestions, suggest};
