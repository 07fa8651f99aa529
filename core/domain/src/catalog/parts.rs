//! Where a page of products ends, so that the next one can begin behind it.

use kernel::Text;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Listed, ProductId, Sort};

/// The place of a product in a sorted list: its key, and its id for those that share the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// Behind the product of this id, newest first.
    Newest(Uuid),
    /// Behind the product of this price, in minor units, and id.
    Price(i64, Uuid),
    /// Behind the product of this name and id.
    Name(String, Uuid),
    /// Behind the product of which so many were sold, and id.
    Sold(i64, Uuid),
    /// Behind the product of this relevance and id.
    Score(i64, Uuid),
}

impl Place {
    /// Where `product` stands in a list sorted by `sort`.
    #[must_use]
    pub fn of(product: &Listed, sort: Sort) -> Self {
        match sort {
            Sort::Newest | Sort::Relevance => Self::Newest(product.id.0),
            Sort::BestSelling => Self::Sold(product.sold, product.id.0),
            Sort::PriceUp | Sort::PriceDown => Self::Price(product.price.minor(), product.id.0),
            Sort::Name => Self::Name(product.name.as_str().to_owned(), product.id.0),
        }
    }

    /// The product that it is behind.
    pub(super) fn product(&self) -> ProductId {
        ProductId(self.id())
    }

    pub(super) fn id(&self) -> Uuid {
        match self {
            Self::Newest(id) | Self::Price(_, id) | Self::Name(_, id) | Self::Sold(_, id) | Self::Score(_, id) => *id,
        }
    }

    /// The place before the first product of a list sorted by `sort`.
    pub(super) fn start(sort: Sort) -> Self {
        match sort {
            Sort::Newest => Self::Newest(Uuid::max()),
            Sort::PriceUp => Self::Price(-1, Uuid::nil()),
            Sort::PriceDown => Self::Price(i64::MAX, Uuid::max()),
            Sort::Name => Self::Name(String::new(), Uuid::nil()),
            Sort::BestSelling => Self::Sold(i64::MAX, Uuid::max()),
            Sort::Relevance => Self::Score(i64::MAX, Uuid::max()),
        }
    }
}
