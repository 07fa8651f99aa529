//! The Storefront API: what shops' websites and apps call.

mod addresses;
mod auth;
mod brands;
mod browse;
mod cart;
mod categories;
mod gateways;
mod me;
mod orders;
mod payments;
mod products;
mod rating;
mod reviews;
mod wishlist;

use poem_openapi::OpenApiService;

use crate::documents::server;

type People = (auth::AuthApi, me::MeApi, addresses::AddressesApi, wishlist::WishlistApi);
type Buying = (cart::CartApi, orders::OrdersApi, payments::PaymentsApi, gateways::GatewaysApi);
type Shelves =
    (browse::BrowseApi, products::ProductsApi, categories::CategoriesApi, reviews::ReviewsApi, brands::BrandsApi);

pub(crate) fn service() -> OpenApiService<(People, Shelves, Buying), ()> {
    let people = (auth::AuthApi, me::MeApi, addresses::AddressesApi, wishlist::WishlistApi);
    let buying = (cart::CartApi, orders::OrdersApi, payments::PaymentsApi, gateways::GatewaysApi);
    let shelves =
        (browse::BrowseApi, products::ProductsApi, categories::CategoriesApi, reviews::ReviewsApi, brands::BrandsApi);
    OpenApiService::new((people, shelves, buying), "Stoa Storefront API", "1")
        .description("What a store's website and apps call. The host, or the header `Stoa-Store`, names the store.")
        .server(server("store"))
}
