//! The Platform API: opening stores, and running the platform.

mod auth;
mod gateways;
mod jobs;
mod operators;
mod stores;

use poem_openapi::OpenApiService;

use crate::documents::server;

type Apis = (stores::StoresApi, operators::OperatorsApi, jobs::JobsApi, gateways::GatewaysApi, auth::AuthApi);

pub(crate) fn service() -> OpenApiService<Apis, ()> {
    OpenApiService::new(
        (stores::StoresApi, operators::OperatorsApi, jobs::JobsApi, gateways::GatewaysApi, auth::AuthApi),
        "Stoa Platform API",
        "1",
    )
    .description("Opening stores, which anyone may, and running the platform, which its operators do.")
    .server(server("platform"))
}
