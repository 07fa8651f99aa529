//! What a store sells: products with variants, in categories.

mod attributes;
mod brands;
mod bulk;
mod categories;
mod discounts;
mod error;
mod model;
mod ops;
mod parts;
mod prices;
mod queries;
mod rating;
mod search;
mod sellables;
mod variants;

pub use attributes::{
    Attribute, AttributeChange, AttributeId, AttributeKey, AttributeName, AttributeValue, MOST_ATTRIBUTES,
    NewAttribute, add_attribute, attribute, change_attribute, list_attributes, remove_attribute,
};
pub use brands::{
    Brand, BrandChange, BrandId, BrandName, NewBrand, VisibleBrand, add_brand, brand, change_brand, list_brands,
    remove_brand, visible_brands,
};
pub use bulk::{WantedProduct, WantedVariant, WriteFault, Written, write_products};
pub use categories::{
    Category, CategoryChange, CategoryId, CategoryName, CategoryText, NewCategory, VisibleCategory, add_category,
    around, category, change_category, list_categories, moved_category, remove_category, visible_categories,
    visible_category,
};
pub use discounts::{
    Discount, DiscountGiven, DiscountId, DiscountName, DiscountTerms, MOST_TARGETS, Off, OffKind, Targets,
    add_discount, change_discount, discount, list_discounts, remove_discount,
};
pub use error::CatalogError;
pub use model::{
    Description, Listed, MOST_OPTIONS, MOST_VALUES, MOST_VARIANTS, NewProduct, NewVariant, OptionName, OptionValue,
    Product, ProductChange, ProductId, ProductName, ProductOption, Sku, Sort, StockLevel, Variant, VariantId,
};
pub use ops::{
    add_product, change_product, list_all, list_visible, moved_product, product, remove_product, visible_id,
    visible_product, visible_products,
};
pub use parts::Place;
pub use prices::{State, renew_prices, state};
pub use rating::{Rating, RatingChange, change_ratings, lock_ratings};
pub use search::{
    AttributeChoice, AttributeFacet, Browsed, Cursor, FacetValue, Facets, Filter, Suggestions, Wants, browse, suggest,
};
pub use sellables::{Sellable, sellables};
pub use variants::{VariantChange, add_variant, change_variant, remove_variant};
