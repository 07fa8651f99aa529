//! The Storefront API: what shops' websites and apps call.

mod auth;
mod brands;
mod cart;
mod categories;
mod me;
mod products;
mod rating;
mod reviews;
mod wishlist;

use poem_openapi::OpenApiService;

use crate::documents::server;

type People = (auth::AuthApi, me::MeApi, wishlist::WishlistApi);
type Shelves = (products::ProductsApi, categories::CategoriesApi, reviews::ReviewsApi, brands::BrandsApi);

pub(crate) fn service() -> OpenApiService<(People, Shelves, cart::CartApi), ()> {
    let people = (auth::AuthApi, me::MeApi, wishlist::WishlistApi);
    let shelves = (products::ProductsApi, categories::CategoriesApi, reviews::ReviewsApi, brands::BrandsApi);
    OpenApiService::new((people, shelves, cart::CartApi), "Stoa Storefront API", "1")
        .description("What a store's website and apps call. The host, or the header `Stoa-Store`, names the store.")
        .server(server("store"))
}
