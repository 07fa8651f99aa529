//! The Storefront API: what shops' websites and apps call.

mod auth;
mod categories;
mod me;
mod products;

use poem_openapi::OpenApiService;

use crate::documents::server;

type Apis = (auth::AuthApi, me::MeApi, products::ProductsApi, categories::CategoriesApi);

pub(crate) fn service() -> OpenApiService<Apis, ()> {
    let apis = (auth::AuthApi, me::MeApi, products::ProductsApi, categories::CategoriesApi);
    OpenApiService::new(apis, "Stoa Storefront API", "1")
        .description("What a store's website and apps call. The host, or the header `Stoa-Store`, names the store.")
        .server(server("store"))
}
