//! The Admin API: what a store's staff and back office call.

mod auth;
mod categories;
mod products;
mod store;

use poem_openapi::OpenApiService;

pub(crate) use self::store::StoreShown;

use crate::documents::server;

type Apis = (auth::AuthApi, store::StoreApi, products::ProductsApi, categories::CategoriesApi);

pub(crate) fn service() -> OpenApiService<Apis, ()> {
    let apis = (auth::AuthApi, store::StoreApi, products::ProductsApi, categories::CategoriesApi);
    OpenApiService::new(apis, "Stoa Admin API", "1")
        .description(
            "What a store's staff and back office call. The host, or the header `Stoa-Store`, names the store.",
        )
        .server(server("admin"))
}
