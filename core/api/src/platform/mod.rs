//! The Platform API: opening stores, and running the platform.

mod auth;
mod stores;

use poem_openapi::OpenApiService;

use crate::documents::server;

pub(crate) fn service() -> OpenApiService<(stores::StoresApi, auth::AuthApi), ()> {
    OpenApiService::new((stores::StoresApi, auth::AuthApi), "Stoa Platform API", "1")
        .description("Opening stores, which anyone may, and running the platform, which its operators do.")
        .server(server("platform"))
}
