//! The permissions as types, one for each guard `Allowed<may::…>`.

use domain::access::Permission;

/// A permission that an operation asks for.
pub trait May: 'static {
    /// The permission; none where being one of the staff, in person, is enough.
    const PERMISSION: Option<Permission>;
}

macro_rules! may {
    ($($(#[$doc:meta])* $name:ident = $permission:expr;)*) => {
        $($(#[$doc])* pub enum $name {}
        impl May for $name {
            const PERMISSION: Option<Permission> = $permission;
        })*
    };
}

may! {
    /// Be one of the staff, in person and in any role.
    BeStaff = None;
    /// See categories and products, visible or not.
    ReadCatalog = Some(Permission::CatalogRead);
    /// Change them.
    WriteCatalog = Some(Permission::CatalogWrite);
    /// See stock.
    ReadStock = Some(Permission::StockRead);
    /// Adjust it.
    WriteStock = Some(Permission::StockWrite);
    /// See orders.
    ReadOrders = Some(Permission::OrdersRead);
    /// Fulfil, cancel and annotate them.
    WriteOrders = Some(Permission::OrdersWrite);
    /// Delete them.
    DeleteOrders = Some(Permission::OrdersDelete);
    /// Pay money back.
    RefundOrders = Some(Permission::OrdersRefund);
    /// See payments.
    ReadPayments = Some(Permission::PaymentsRead);
    /// Capture and void them.
    WritePayments = Some(Permission::PaymentsWrite);
    /// See payment gateways, and what is set for them.
    ReadGateways = Some(Permission::GatewaysRead);
    /// Switch them on and off, set and try them.
    WriteGateways = Some(Permission::GatewaysWrite);
    /// See the store's settings.
    ReadStore = Some(Permission::StoreRead);
    /// Change them.
    WriteStore = Some(Permission::StoreWrite);
    /// See who works here, and in which roles.
    ReadStaff = Some(Permission::StaffRead);
    /// Invite, change and remove staff, and define roles.
    WriteStaff = Some(Permission::StaffWrite);
    /// See API keys.
    ReadKeys = Some(Permission::KeysRead);
    /// Make and revoke them.
    WriteKeys = Some(Permission::KeysWrite);
    /// See reviews, whatever was decided about them.
    ReadReviews = Some(Permission::ReviewsRead);
    /// Decide about them, and remove them.
    WriteReviews = Some(Permission::ReviewsWrite);
    /// See how far imports and exports are.
    ReadJobs = Some(Permission::JobsRead);
    /// Stop them.
    WriteJobs = Some(Permission::JobsWrite);
    /// See webhooks, and what they tell of.
    ReadWebhooks = Some(Permission::WebhooksRead);
    /// See customers.
    ReadCustomers = Some(Permission::CustomersRead);
    /// Note things about them, show and forget what is kept of them.
    WriteCustomers = Some(Permission::CustomersWrite);
    /// Write to them.
    EmailCustomers = Some(Permission::CustomersEmail);
    /// See how the store fares.
    ReadReports = Some(Permission::ReportsRead);
    /// Read who did what.
    ReadAudit = Some(Permission::AuditRead);
    /// See discounts and coupons.
    ReadPromotions = Some(Permission::PromotionsRead);
    /// Change them.
    WritePromotions = Some(Permission::PromotionsWrite);
    /// See exports.
    ReadExports = Some(Permission::ExportsRead);
    /// Make them.
    WriteExports = Some(Permission::ExportsWrite);
}
