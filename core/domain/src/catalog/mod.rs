//! What a store sells: products with variants, in categories.

mod brands;
mod categories;
mod error;
mod model;
mod ops;
mod parts;
mod prices;
mod queries;
mod rating;
mod sellables;

pub use brands::{
    Brand, BrandChange, BrandId, BrandName, NewBrand, VisibleBrand, add_brand, brand, change_brand, list_brands,
    remove_brand, visible_brands,
};
pub use categories::{
    Category, CategoryChange, CategoryId, CategoryName, NewCategory, add_category, category, change_category,
    list_categories, remove_category, visible_category,
};
pub use error::CatalogError;
pub use model::{
    Description, Listed, MOST_OPTIONS, MOST_VALUES, MOST_VARIANTS, NewProduct, NewVariant, OptionName, OptionValue,
    Product, ProductChange, ProductId, ProductName, ProductOption, Sku, Sort, Variant, VariantId,
};
pub use ops::{
    add_product, change_product, list_all, list_visible, product, remove_product, visible_id, visible_product,
    visible_products,
};
pub use parts::Place;
pub use prices::{State, count_change, renew_prices, state};
pub use rating::{Rating, RatingChange, change_ratings, lock_ratings};
pub use sellables::{Sellable, sellables};
