//! The Admin API: what a store's staff and back office call.

mod audit;
mod auth;
mod brands;
mod categories;
mod coupons;
mod keys;
mod products;
mod reviews;
mod roles;
mod shipping_methods;
mod staff;
mod store;
mod tax_rates;

use poem_openapi::OpenApiService;

pub(crate) use self::store::StoreShown;
use crate::documents::server;

type People = (auth::AuthApi, staff::StaffApi, roles::RolesApi, keys::KeysApi, audit::AuditApi);
type Shop = (store::StoreApi, products::ProductsApi, categories::CategoriesApi, reviews::ReviewsApi, brands::BrandsApi);
type Trade = (coupons::CouponsApi, shipping_methods::ShippingMethodsApi, tax_rates::TaxRatesApi);

pub(crate) fn service() -> OpenApiService<(People, Shop, Trade), ()> {
    let people = (auth::AuthApi, staff::StaffApi, roles::RolesApi, keys::KeysApi, audit::AuditApi);
    let shop =
        (store::StoreApi, products::ProductsApi, categories::CategoriesApi, reviews::ReviewsApi, brands::BrandsApi);
    let trade = (coupons::CouponsApi, shipping_methods::ShippingMethodsApi, tax_rates::TaxRatesApi);
    OpenApiService::new((people, shop, trade), "Stoa Admin API", "1")
        .description(
            "What a store's staff and back office call. The host, or the header `Stoa-Store`, names the store.",
        )
        .server(server("admin"))
}
