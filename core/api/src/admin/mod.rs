//! The Admin API: what a store's staff and back office call.

mod attributes;
mod audit;
mod auth;
mod brands;
mod categories;
mod coupons;
mod customers;
mod dashboard;
mod discounts;
mod events;
mod exports;
mod gateways;
mod images;
mod imports;
mod jobs;
mod keys;
mod locations;
mod orders;
mod payments;
mod products;
mod refunds;
mod reviews;
mod roles;
mod shipping_methods;
mod staff;
mod stock;
mod store;
mod tax_rates;

use poem_openapi::OpenApiService;

pub(crate) use self::store::StoreShown;
use crate::documents::server;

type People = (auth::AuthApi, staff::StaffApi, roles::RolesApi, keys::KeysApi, audit::AuditApi);
type Shop = (store::StoreApi, reviews::ReviewsApi, discounts::DiscountsApi);
type Warehouse =
    (stock::StockApi, locations::LocationsApi, orders::OrdersApi, payments::PaymentsApi, gateways::GatewaysApi);
type Shoppers = (customers::CustomersApi, customers::NotesApi);
type Trade = (coupons::CouponsApi, shipping_methods::ShippingMethodsApi, tax_rates::TaxRatesApi, refunds::RefundsApi);
type Work = (jobs::JobsApi, events::EventsApi, imports::ImportsApi, exports::ExportsApi, dashboard::DashboardApi);
type Catalog = (
    products::ProductsApi,
    products::VariantsApi,
    images::ImagesApi,
    categories::CategoriesApi,
    brands::BrandsApi,
    attributes::AttributesApi,
);

type All = (People, Shop, Shoppers, Catalog, Trade, Warehouse, Work);

pub(crate) fn service() -> OpenApiService<All, ()> {
    let people = (auth::AuthApi, staff::StaffApi, roles::RolesApi, keys::KeysApi, audit::AuditApi);
    let shop = (store::StoreApi, reviews::ReviewsApi, discounts::DiscountsApi);
    let shoppers = (customers::CustomersApi, customers::NotesApi);
    let catalog = (
        products::ProductsApi,
        products::VariantsApi,
        images::ImagesApi,
        categories::CategoriesApi,
        brands::BrandsApi,
        attributes::AttributesApi,
    );
    let warehouse =
        (stock::StockApi, locations::LocationsApi, orders::OrdersApi, payments::PaymentsApi, gateways::GatewaysApi);
    let trade =
        (coupons::CouponsApi, shipping_methods::ShippingMethodsApi, tax_rates::TaxRatesApi, refunds::RefundsApi);
    let work = (jobs::JobsApi, events::EventsApi, imports::ImportsApi, exports::ExportsApi, dashboard::DashboardApi);
    OpenApiService::new((people, shop, shoppers, catalog, trade, warehouse, work), "Stoa Admin API", "1")
        .description(
            "What a store's staff and back office call. The host, or the header `Stoa-Store`, names the store.",
        )
        .server(server("admin"))
}
