//! What can be set: names, defaults, and what they are for.

/// Something that can be set, as `name` in the file and `STOA_NAME` in the environment.
#[derive(Debug)]
pub struct Setting {
    /// Its name, in lower case.
    pub name: &'static str,
    /// What it is where nobody sets it.
    pub default: Option<&'static str>,
    /// Whether its value is never printed.
    pub secret: bool,
    /// What it is for, and what it looks like.
    pub help: &'static str,
}

const fn plain(name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { name, default: Some(default), secret: false, help }
}

const fn secret(name: &'static str, help: &'static str) -> Setting {
    Setting { name, default: None, secret: true, help }
}

/// All settings.
pub const SETTINGS: &[Setting] = &[
    plain("listen", "127.0.0.1:8080", "the address and port to listen on"),
    Setting {
        name: "metrics_listen",
        default: None,
        secret: false,
        help: "the address and port at which Prometheus fetches /metrics, such as 10.0.0.1:9464; not where visitors come",
    },
    plain("base_url", "http://localhost:8080", "how a browser reaches the deployment; stores are below its host"),
    secret("database_url", "the database as `stoa_app`: postgres://stoa_app:…@host/stoa"),
    secret("platform_url", "the database as `stoa_platform`"),
    secret("worker_url", "the database as `stoa_worker`, for jobs"),
    secret("direct_url", "the same past a pooler, for the queue of jobs; where it is not set, `worker_url` is"),
    plain("workers", "8", "how many jobs a process does at once"),
    secret("migrator_url", "the database as `stoa_migrator`, for `stoa migrate`"),
    secret(
        "master_key",
        "the deployment's secret: 32 random bytes in base64, as `openssl rand -base64 32` prints them",
    ),
    plain("database_connections", "16", "how many connections to hold to the database"),
    plain("database_patience_seconds", "5", "how long a request waits for a free connection"),
    plain("cache_megabytes", "64", "how much memory to remember answers of the catalogue in; 0 for none"),
    plain("limits_enabled", "true", "whether callers are limited in how often they may try; false for load tests only"),
    Setting {
        name: "trusted_proxies",
        default: None,
        secret: false,
        help: "networks of proxies whose `X-Forwarded-For` is believed: 10.0.0.0/8,fd00::/8",
    },
    secret("smtp_url", "the mail server: smtps://user:password@mail.example.com; without it no mail is sent"),
    plain("confirm_emails", "false", "whether shoppers must confirm their address before they are let in"),
    plain("mail_from", "no-reply@localhost", "the address that mails are sent from"),
    Setting {
        name: "media_url",
        default: None,
        secret: false,
        help: "how a browser reaches /media, where that is through a content network: https://media.example.com",
    },
    Setting {
        name: "media_folder",
        default: None,
        secret: false,
        help: "the folder that pictures are kept in; `media` where no bucket is named. All replicas need the same one",
    },
    Setting {
        name: "s3_bucket",
        default: None,
        secret: false,
        help: "the bucket of S3-compatible storage that pictures are kept in, instead of a folder",
    },
    plain("s3_region", "us-east-1", "the bucket's region"),
    Setting {
        name: "s3_endpoint",
        default: None,
        secret: false,
        help: "where the storage is, if it is not Amazon's: https://storage.example.com",
    },
    secret("s3_access_key", "the name of the key to the bucket"),
    secret("s3_secret_key", "the key to the bucket"),
    plain(
        "gateways_folder",
        "gateways",
        "the folder that compiled gateways are kept in: of this user alone, and each machine its own",
    ),
    plain("gateways_component_mib", "2", "how large a gateway may be, in MiB: up to 16"),
    plain("gateways_memory_mib", "32", "how much memory a call of a gateway may take, in MiB: up to 64"),
    plain(
        "gateways_running_ms",
        "100",
        "how long a call of a gateway may compute, without its waiting for the provider",
    ),
    plain("gateways_fuel_millions", "100", "how many million steps it may take"),
    plain("gateways_compile_seconds", "20", "how much of a processor's time compiling a gateway may take"),
    plain("gateways_allow_loopback", "false", "whether gateways may reach this machine; true for development only"),
    plain("shutdown_delay_seconds", "2", "how long to go on taking requests after /readyz says no"),
    plain("shutdown_seconds", "20", "how long requests under way may take to end when the process is to stop"),
    plain("log", "info", "what is logged: error, warn, info, debug, or a filter such as info,sqlx=debug"),
    plain("log_format", "text", "text or json"),
];
