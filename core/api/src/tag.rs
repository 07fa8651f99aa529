//! How operations are grouped in the documents.

use poem_openapi::Tags;

/// The group of an operation.
#[derive(Tags)]
pub enum Tag {
    /// Logging in, renewing a log-in, logging out.
    Authentication,
    /// A shopper's own account.
    Account,
    /// Who works here, in which roles.
    Staff,
    /// API keys of back-office integrations.
    Keys,
    /// Who did what.
    Audit,
    /// Those who run the platform.
    Operators,
    /// Products, categories, brands and attributes.
    Catalog,
    /// Those who shop here.
    Customers,
    /// What shoppers say of products.
    Reviews,
    /// What a customer wishes for.
    Wishlist,
    /// A shopper's cart.
    Cart,
    /// Discounts and coupons.
    Promotions,
    /// Work that goes on in the background.
    Jobs,
    /// Products that come and go as files.
    Files,
    /// What has happened.
    Events,
    /// The store itself.
    Store,
    /// Opening and running stores.
    Stores,
    /// What lies where, and how it came there.
    Stock,
    /// What was bought, and what became of it.
    Orders,
    /// Money that comes and goes back.
    Payments,
    /// Through whom money comes.
    Gateways,
    /// How the store fares.
    Reports,
}
