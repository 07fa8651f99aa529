//! The Storefront API: what shops' websites and apps call.

mod categories;
mod products;

use poem_openapi::OpenApiService;

use crate::documents::server;

pub(crate) fn service() -> OpenApiService<(products::ProductsApi, categories::CategoriesApi), ()> {
    OpenApiService::new((products::ProductsApi, categories::CategoriesApi), "Stoa Storefront API", "1")
        .description("What a store's website and apps call. The host, or the header `Stoa-Store`, names the store.")
        .server(server("store"))
}
