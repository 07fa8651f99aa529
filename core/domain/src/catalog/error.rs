//! Why the catalogue refuses.

use kernel::{DomainError, FieldError, Kind, Slug, Text};
use tenants::DbError;

use super::{AttributeId, BrandId, CategoryId, DiscountId, ProductId, VariantId};

/// Why something could not be done to the catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// No such product in this store.
    #[error("there is no product {0}")]
    NoProduct(ProductId),
    /// No product with this slug that visitors see.
    #[error("there is no product `{}`", .0.as_str())]
    NoProductNamed(Slug),
    /// No such category in this store.
    #[error("there is no category {0}")]
    NoCategory(CategoryId),
    /// No category with this slug.
    #[error("there is no category `{}`", .0.as_str())]
    NoCategoryNamed(Slug),
    /// No brand with this slug.
    #[error("there is no brand `{}`", .0.as_str())]
    NoBrandNamed(Slug),
    /// The category that a write names is not there.
    #[error("there is no category {id}")]
    UnknownCategory {
        /// What was named.
        id: CategoryId,
        /// The field that names it.
        pointer: &'static str,
    },
    /// No such brand in this store.
    #[error("there is no brand {0}")]
    NoBrand(BrandId),
    /// The brand that a write names is not there.
    #[error("there is no brand {0}")]
    UnknownBrand(BrandId),
    /// The product has no such variant.
    #[error("there is no variant {0}")]
    NoVariant(VariantId),
    /// No such attribute in this store.
    #[error("there is no attribute {0}")]
    NoAttribute(AttributeId),
    /// Attributes that a write names are not there, or are named twice.
    #[error("an attribute is not one of this store, or is there twice")]
    UnknownAttributes(Vec<FieldError>),
    /// No such discount in this store.
    #[error("there is no discount {0}")]
    NoDiscount(DiscountId),
    /// What a discount says does not fit together.
    #[error("what the discount says does not fit together")]
    BadDiscount(Vec<FieldError>),
    /// What a discount is for is not there.
    #[error("the discount names what is not in this store")]
    UnknownTargets(Vec<FieldError>),
    /// The product that is to lead a category is not there.
    #[error("there is no product {0}")]
    UnknownTopProduct(ProductId),
    /// Another thing of the kind has the slug.
    #[error("the slug `{}` is taken in this store; choose another or leave it out", .0.as_str())]
    SlugTaken(Slug),
    /// Another variant of the store has one of the SKUs.
    #[error("another product of this store has one of these SKUs: {}", .skus.join(", "))]
    SkuTaken {
        /// Those that are taken.
        skus: Vec<String>,
        /// The fields that name them.
        pointers: Vec<String>,
    },
    /// Another attribute has the name.
    #[error("another attribute of this store has the name")]
    NameTaken,
    /// A product keeps one variant at least.
    #[error("it is the last variant of the product; remove the product, or set its `active` to false")]
    LastVariant,
    /// Options, variants and prices do not fit together.
    #[error("the product's options and variants do not fit together")]
    BadVariants(Vec<FieldError>),
    /// A category in use can't be removed.
    #[error("the category still has products or categories below it; move them first")]
    CategoryInUse,
    /// What has a stock history stays.
    #[error("the product has a stock history, which is kept; set `active` to false to take it off the shelf")]
    HasHistory,
    /// A variant with a stock history stays.
    #[error("the variant has a stock history, which is kept; set its stock to 0 to sell no more of it")]
    VariantHasHistory,
    /// A brand in use can't be removed.
    #[error("the brand still has products; give them another first")]
    BrandInUse,
    /// An attribute in use can't be removed.
    #[error("products still have the attribute; take it from them first")]
    AttributeInUse,
    /// A category can't lie below itself.
    #[error("the category would lie below itself")]
    CategoryCycle,
    /// Categories nest to a depth.
    #[error("categories nest at most {} deep", super::categories::DEEPEST)]
    TooDeep,
    /// The row was changed since the caller read it.
    #[error("it was changed in the meantime; read it again")]
    Stale,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for CatalogError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for CatalogError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoProduct(_)
            | Self::NoProductNamed(_)
            | Self::NoCategory(_)
            | Self::NoCategoryNamed(_)
            | Self::NoBrand(_)
            | Self::NoBrandNamed(_)
            | Self::NoVariant(_)
            | Self::NoAttribute(_)
            | Self::NoDiscount(_) => Kind::NotFound,
            Self::UnknownCategory { .. }
            | Self::UnknownBrand(_)
            | Self::UnknownAttributes(_)
            | Self::UnknownTargets(_)
            | Self::UnknownTopProduct(_)
            | Self::BadVariants(_)
            | Self::BadDiscount(_)
            | Self::CategoryCycle
            | Self::TooDeep => Kind::Invalid,
            Self::SlugTaken(_)
            | Self::SkuTaken { .. }
            | Self::NameTaken
            | Self::LastVariant
            | Self::CategoryInUse
            | Self::BrandInUse
            | Self::AttributeInUse
            | Self::HasHistory
            | Self::VariantHasHistory => Kind::Conflict,
            Self::Stale => Kind::Stale,
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoProduct(_) | Self::NoProductNamed(_) | Self::UnknownTopProduct(_) => "catalog.no_product",
            Self::NoCategory(_) | Self::NoCategoryNamed(_) | Self::UnknownCategory { .. } => "catalog.no_category",
            Self::NoBrand(_) | Self::NoBrandNamed(_) | Self::UnknownBrand(_) => "catalog.no_brand",
            Self::NoVariant(_) => "catalog.no_variant",
            Self::NoAttribute(_) | Self::UnknownAttributes(_) => "catalog.no_attribute",
            Self::NoDiscount(_) => "catalog.no_discount",
            Self::BadDiscount(_) => "catalog.bad_discount",
            Self::UnknownTargets(_) => "catalog.unknown_targets",
            Self::SlugTaken(_) => "catalog.slug_taken",
            Self::NameTaken => "catalog.name_taken",
            Self::LastVariant => "catalog.last_variant",
            Self::SkuTaken { .. } => "catalog.sku_taken",
            Self::BadVariants(_) => "catalog.bad_variants",
            Self::CategoryInUse => "catalog.category_in_use",
            Self::HasHistory | Self::VariantHasHistory => "catalog.has_history",
            Self::BrandInUse => "catalog.brand_in_use",
            Self::AttributeInUse => "catalog.attribute_in_use",
            Self::CategoryCycle => "catalog.category_cycle",
            Self::TooDeep => "catalog.too_deep",
            Self::Stale => "request.stale_version",
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::BadVariants(fields)
            | Self::BadDiscount(fields)
            | Self::UnknownTargets(fields)
            | Self::UnknownAttributes(fields) => fields.clone(),
            Self::UnknownTopProduct(_) => vec![FieldError::new("/top_product_id", self.to_string())],
            Self::NameTaken => vec![FieldError::new("/name", self.to_string())],
            Self::UnknownCategory { pointer, .. } => vec![FieldError::new(*pointer, self.to_string())],
            Self::UnknownBrand(_) => vec![FieldError::new("/brand_id", self.to_string())],
            Self::SlugTaken(_) => vec![FieldError::new("/slug", self.to_string())],
            Self::SkuTaken { pointers, .. } => {
                pointers.iter().map(|pointer| FieldError::new(pointer.clone(), "is taken in this store")).collect()
            }
            Self::TooDeep | Self::CategoryCycle => vec![FieldError::new("/parent_id", self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        if let Self::Db(err) = self { err.retry_after_seconds() } else { None }
    }
}
