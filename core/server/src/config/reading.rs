//! From texts to settings: every mistake is noted, none ends the reading.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use adapters::mail::{Smtp, SmtpError};
use adapters::objects::S3;
use api::Memory;
use domain::MasterKey;
use host::{CodeFolder, Limits, Options};
use ipnet::IpNet;
use sqlx::postgres::PgConnectOptions;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use url::Url;

use super::model::{Config, DatabaseUrls, Databases, LogFormat, Mail, Pictures};
use super::values::Values;
use crate::gateways::{GatewayHost, compiler};

/// Reads what it takes to work on the database.
pub(super) fn databases(values: &mut Values) -> Option<Databases> {
    let app = values.required("database_url", database);
    let platform = values.required("platform_url", database);
    let worker = values.optional("worker_url", database);
    let direct = values.optional("direct_url", database);
    let migrator = values.optional("migrator_url", database);
    let patience = values.required("database_patience_seconds", number(1..=60));
    let urls = DatabaseUrls {
        app: app?,
        platform: platform?,
        worker: worker.ok()?,
        direct: direct.ok()?,
        migrator: migrator.ok()?,
    };
    Some(Databases { urls, patience: Duration::from_secs(patience?.into()) })
}

/// Reads where the schema is changed.
pub(super) fn migrator(values: &mut Values) -> Option<PgConnectOptions> {
    values.required("migrator_url", database)
}

/// Reads every setting, so that every mistake is noted; none where there was one.
pub(super) fn config(values: &mut Values) -> Option<Config> {
    let listen = values.required("listen", parsed("must be an address and a port such as 127.0.0.1:8080"));
    let media_url = values.optional("media_url", base_url);
    let metrics = values.optional("metrics_listen", parsed("must be an address and a port such as 10.0.0.1:9464"));
    let base_url = values.required("base_url", base_url);
    let databases = databases(values);
    let master = values.required("master_key", |text| MasterKey::parse(text).map_err(|err| err.to_string()));
    let connections = values.required("database_connections", number(1..=1_000));
    let megabytes = values.required("cache_megabytes", number(0..=1_000_000));
    let limits = values.required("limits_enabled", parsed("must be true or false"));
    let trusted_proxies = values.optional("trusted_proxies", networks);
    let workers = values.required("workers", number(1..=256));
    let smtp_url = values.optional("smtp_url", |text| Ok(text.to_owned()));
    let confirms_emails = values.required("confirm_emails", parsed("must be true or false"));
    let mail_from = values.required("mail_from", |text| Ok(text.to_owned()));
    if confirms_emails == Some(true) && matches!(smtp_url, Ok(None)) {
        values.wrong::<()>("confirm_emails", "needs STOA_SMTP_URL: without mail nobody could confirm an address");
    }
    let mail = mail(values, smtp_url.ok()?, mail_from?);
    let pictures = pictures(values);
    let gateways = gateways(values, master.as_ref());
    let shutdown_delay = values.required("shutdown_delay_seconds", number(0..=300));
    let shutdown = values.required("shutdown_seconds", number(0..=3_600));
    let log = values.required("log", filter);
    let log_format = values.required("log_format", log_format);
    let Databases { urls, patience } = databases?;
    Some(Config {
        listen: listen?,
        metrics: metrics.ok()?,
        base_url: base_url?,
        database: urls,
        connections: connections?,
        patience,
        master: master?,
        limits: limits?,
        trusted_proxies: trusted_proxies.ok()?.unwrap_or_default(),
        runs_jobs: false,
        workers: workers?,
        pace: jobs::Pace::default(),
        kinds: None,
        schedules: None,
        mail: mail?,
        pictures: pictures?,
        gateways: gateways?,
        media_url: media_url.ok()?,
        memory: Memory { megabytes: megabytes?, believed: Memory::BELIEVED },
        confirms_emails: confirms_emails?,
        shutdown_delay: Duration::from_secs(shutdown_delay?.into()),
        shutdown: Duration::from_secs(shutdown?.into()),
        log: log?,
        log_format: log_format?,
    })
}

fn parsed<T: FromStr>(rule: &'static str) -> impl FnOnce(&str) -> Result<T, String> {
    move |text| text.trim().parse().map_err(|_| rule.to_owned())
}

fn number(range: std::ops::RangeInclusive<u32>) -> impl FnOnce(&str) -> Result<u32, String> {
    move |text| {
        let number = text.trim().parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("must be a whole number from {} to {}", range.start(), range.end()))
    }
}

const BARE_URL: &str = "must be a URL of scheme, host and port alone, such as https://shops.example.com";

/// An address that stores can be below: of a host with a name.
fn base_url(text: &str) -> Result<Url, String> {
    bare_url(text).and_then(|url| if url.domain().is_some() { Ok(url) } else { Err(BARE_URL.to_owned()) })
}

fn bare_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|_| BARE_URL.to_owned())?;
    let nobody = url.username().is_empty() && url.password().is_none();
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let served = matches!(url.scheme(), "http" | "https") && url.has_host();
    if nobody && bare && served { Ok(url) } else { Err(BARE_URL.to_owned()) }
}

fn database(text: &str) -> Result<PgConnectOptions, String> {
    let rule = || "must be a URL such as postgres://user:password@host:5432/stoa".to_owned();
    if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
        return Err(rule());
    }
    PgConnectOptions::from_str(text).map_err(|_| rule())
}

fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let network =
        |word: &str| word.parse().or_else(|_| word.parse().map(|address: std::net::IpAddr| IpNet::from(address)));
    let all: Result<_, _> = text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(network).collect();
    all.map_err(|_| "must be addresses or networks such as 10.0.0.0/8, separated by commas".to_owned())
}

fn filter(text: &str) -> Result<String, String> {
    // A word alone that is no level would be taken for the name of a module, and silence all others.
    let is_clear = |word: &str| word.is_empty() || word.contains(['=', '[']) || word.parse::<LevelFilter>().is_ok();
    match EnvFilter::try_new(text) {
        Ok(_) if text.split(',').map(str::trim).all(is_clear) => Ok(text.to_owned()),
        _ => Err("must be error, warn, info, debug, or a filter such as info,sqlx=debug".to_owned()),
    }
}

fn mail(values: &mut Values, server: Option<String>, from: String) -> Option<Mail> {
    let Some(server) = server else { return Some(Mail::Nowhere) };
    match Smtp::new(&server, &from) {
        Ok(smtp) => Some(Mail::Smtp(Arc::new(smtp))),
        Err(err @ (SmtpError::Server | SmtpError::Open)) => values.wrong("smtp_url", &err.to_string()),
        Err(err @ SmtpError::From) => values.wrong("mail_from", &err.to_string()),
    }
}

fn pictures(values: &mut Values) -> Option<Pictures> {
    let text = |text: &str| Ok(text.to_owned());
    let folder = values.optional("media_folder", |text| Ok(PathBuf::from(text))).ok()?;
    let bucket = values.optional("s3_bucket", bucket);
    let region = values.required("s3_region", text);
    let endpoint =
        values.optional("s3_endpoint", |text| bare_url(text).map(|url| url.as_str().trim_end_matches('/').to_owned()));
    let (access, secret) = (values.optional("s3_access_key", text).ok()?, values.optional("s3_secret_key", text).ok()?);
    let (bucket, endpoint) = (bucket.ok()?, endpoint.ok()?);
    match (folder, bucket) {
        (Some(_), Some(_)) => {
            values.wrong("media_folder", "is set, and STOA_S3_BUCKET too: pictures are kept in one place")
        }
        (None, Some(bucket)) => {
            let help = "is not set: STOA_S3_BUCKET needs it";
            let Some(access_key) = access else { return values.wrong("s3_access_key", help) };
            let Some(secret_key) = secret else { return values.wrong("s3_secret_key", help) };
            let endpoint = endpoint.map(|url| url.trim_end_matches('/').to_owned());
            Some(Pictures::S3(S3 { bucket, region: region?, endpoint, access_key, secret_key }))
        }
        (_, None) if endpoint.is_some() || access.is_some() || secret.is_some() => {
            values.wrong("s3_bucket", "is not set, though other settings of the storage are: name the bucket")
        }
        (folder, None) => Some(Pictures::Folder(folder.unwrap_or_else(|| PathBuf::from("media")))),
    }
}

fn gateways(values: &mut Values, master: Option<&MasterKey>) -> Option<GatewayHost> {
    let folder = values.required("gateways_folder", |text| Ok(PathBuf::from(text)));
    let component = values.required("gateways_component_mib", number(1..=16));
    let memory = values.required("gateways_memory_mib", number(1..=64));
    let running = values.required("gateways_running_ms", number(10..=10_000));
    let fuel = values.required("gateways_fuel_millions", number(1..=10_000));
    let compiling = values.required("gateways_compile_seconds", number(1..=300));
    let allow_loopback = values.required("gateways_allow_loopback", parsed("must be true or false"));
    let limits = Limits {
        component: u64::from(component?) << 20,
        memory: usize::try_from(memory?).ok()? << 20,
        running: Duration::from_millis(running?.into()),
        fuel: u64::from(fuel?) * 1_000_000,
        compiling: Duration::from_secs(compiling?.into()),
        ..Limits::default()
    };
    let folder = CodeFolder { path: folder?, key: master?.derive("gateway code") };
    let allow_loopback = allow_loopback?;
    Some(GatewayHost::Sandbox(Box::new(Options {
        limits,
        allow_loopback,
        compiler: compiler(),
        folder: Some(folder),
        ..Options::default()
    })))
}

fn bucket(text: &str) -> Result<String, String> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
    if (3..=63).contains(&text.len()) && text.bytes().all(allowed) {
        return Ok(text.to_owned());
    }
    Err("must be the bucket's name: 3 to 63 lower-case letters, digits, dots and dashes".to_owned())
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("must be text or json".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::load::values;

    use super::*;

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    fn read(file: &str, environment: &[(&str, &str)]) -> Result<(Config, Vec<String>), Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stoa.toml");
        std::fs::write(&path, file).unwrap();
        let environment: Vec<_> = environment.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let mut values = values(Some(&path), &environment).map_err(|mistakes| mistakes.0)?;
        let config = config(&mut values);
        if values.mistakes.is_empty() { Ok((config.unwrap(), values.warnings)) } else { Err(values.mistakes) }
    }

    fn good() -> String {
        let url = "postgres://stoa_app:hunter2@localhost/stoa";
        format!("database_url = \"{url}\"\nplatform_url = \"{url}\"\nmaster_key = \"{KEY}\"\n")
    }

    #[test]
    fn the_environment_wins_over_the_file_and_that_over_the_defaults() {
        let (config, _) =
            read(&(good() + "listen = \"127.0.0.1:1\"\nlimits_enabled = false"), &[("STOA_LISTEN", "127.0.0.1:2")])
                .unwrap();
        assert_eq!((config.listen.port(), config.limits, config.connections), (2, false, 16));
    }

    #[test]
    fn every_mistake_is_a_line_and_none_prints_a_secret() {
        let file =
            "listen = \"here\"\ndatabase_url = \"mysql://root:hunter2@x\"\nmaster_key = \"hunter2\"\nlog_fromat = 1";
        let mistakes = read(file, &[("STOA_DATABASE_CONNECTIONS", "many")]).unwrap_err();
        assert_eq!(mistakes.len(), 6, "{mistakes:#?}");
        assert!(mistakes.iter().all(|line| !line.contains("hunter2") && !line.contains('\n')));
        assert!(mistakes.iter().any(|line| line.contains("is `log_format` meant?")));
        assert!(mistakes.iter().any(|line| line.starts_with("STOA_PLATFORM_URL is not set")));
        assert!(mistakes.iter().any(|line| line.contains("(from the environment) `many`")));
    }

    #[test]
    fn mail_that_cannot_be_sent_or_gives_its_password_away_is_a_mistake() {
        let mistakes = read(&good(), &[("STOA_CONFIRM_EMAILS", "true")]).unwrap_err();
        assert!(
            mistakes.len() == 1 && mistakes[0].starts_with("STOA_CONFIRM_EMAILS needs STOA_SMTP_URL"),
            "{mistakes:?}"
        );
        for open in ["smtp://me:hunter2@mail.example", "smtp://me:hunter2@mail.example?tls=opportunistic"] {
            let mistakes = read(&good(), &[("STOA_SMTP_URL", open)]).unwrap_err();
            assert!(mistakes.len() == 1 && mistakes[0].contains("tls=required"), "{mistakes:?}");
            assert!(!mistakes[0].contains("hunter2"));
        }
        for closed in [
            "smtps://me:hunter2@mail.example",
            "smtp://me:hunter2@mail.example:587?tls=required",
            "smtp://me:hunter2@localhost:2525",
            "smtp://me:hunter2@127.0.0.1:2525",
            "smtp://mail.example",
        ] {
            read(&good(), &[("STOA_SMTP_URL", closed), ("STOA_CONFIRM_EMAILS", "true")]).unwrap();
        }
    }

    #[test]
    fn nothing_is_the_default() {
        let (config, _) = read(&good(), &[("STOA_LISTEN", ""), ("STOA_TRUSTED_PROXIES", "")]).unwrap();
        assert_eq!((config.listen.port(), config.trusted_proxies.len()), (8080, 0));
        let mistakes = read(&good(), &[("STOA_MASTER_KEY", "")]).unwrap_err();
        assert!(mistakes[0].starts_with("STOA_MASTER_KEY is not set"), "{mistakes:?}");
    }

    #[test]
    fn what_would_be_misread_is_refused() {
        for (name, value) in [
            ("STOA_LOG", "verbose"),
            ("STOA_LOG", "info,sqlx"),
            ("STOA_BASE_URL", "https://:hunter2@shops.example"),
            ("STOA_BASE_URL", "https://me@shops.example"),
        ] {
            let mistakes = read(&good(), &[(name, value)]).unwrap_err();
            assert!(mistakes.len() == 1 && mistakes[0].starts_with(name), "{name}={value}: {mistakes:?}");
        }
        for value in ["warn", "DEBUG", "info,sqlx=debug", "info,api[request]=trace"] {
            read(&good(), &[("STOA_LOG", value)]).unwrap();
        }
        let mistakes = read(&(good() + "trusted_proxies = [10]"), &[]).unwrap_err();
        assert!(mistakes[0].contains("`trusted_proxies`") && mistakes[0].contains("in quotes"), "{mistakes:?}");
    }

    #[test]
    fn pictures_are_kept_in_one_place_that_is_wholly_named() {
        let read = |settings: &[(&str, &str)]| read(&good(), settings).map(|(config, _)| config.pictures);
        assert!(matches!(read(&[]), Ok(Pictures::Folder(folder)) if folder.as_os_str() == "media"));
        let (bucket, access, secret) =
            (("STOA_S3_BUCKET", "shop"), ("STOA_S3_ACCESS_KEY", "hunter2"), ("STOA_S3_SECRET_KEY", "hunter2"));
        let whole = read(&[bucket, access, secret, ("STOA_S3_ENDPOINT", "http://127.0.0.1:9000")]).unwrap();
        assert!(matches!(&whole, Pictures::S3(s3) if s3.endpoint.as_deref() == Some("http://127.0.0.1:9000")));
        assert!(!format!("{whole:?}").contains("hunter2"));
        for (settings, blamed) in [
            (vec![bucket, access, secret, ("STOA_MEDIA_FOLDER", "here")], "STOA_MEDIA_FOLDER"),
            (vec![bucket, access], "STOA_S3_SECRET_KEY"),
            (vec![bucket, secret], "STOA_S3_ACCESS_KEY"),
            (vec![access, secret], "STOA_S3_BUCKET"),
            (vec![("STOA_S3_BUCKET", "Hunter_2"), access, secret], "STOA_S3_BUCKET"),
            (vec![bucket, access, secret, ("STOA_S3_ENDPOINT", "storage")], "STOA_S3_ENDPOINT"),
            (vec![("STOA_MEDIA_URL", "https://x.example/path")], "STOA_MEDIA_URL"),
        ] {
            let mistakes = read(&settings).unwrap_err();
            assert!(mistakes.len() == 1 && mistakes[0].starts_with(blamed), "{settings:?}: {mistakes:?}");
            assert!(!mistakes[0].contains("hunter2") && !mistakes[0].contains('\n'));
        }
    }

    #[test]
    fn a_command_needs_what_it_uses() {
        let mut only =
            values(None, &[("STOA_MIGRATOR_URL".to_owned(), "postgres://localhost/stoa".to_owned())]).unwrap();
        assert!(migrator(&mut only).is_some() && only.mistakes.is_empty(), "{:?}", only.mistakes);
        assert!(databases(&mut only).is_none());
        assert_eq!(only.mistakes.len(), 2, "the master key is none of the database's: {:?}", only.mistakes);
    }

    #[test]
    fn a_file_that_is_no_toml_says_where() {
        assert!(read("listen = \n", &[]).unwrap_err()[0].contains("line 1"));
    }

    #[test]
    fn what_an_orchestrator_sets_is_no_mistake() {
        let (config, warnings) = read(&good(), &[("STOA_SERVICE_HOST", "10.0.0.1")]).unwrap();
        assert_eq!(warnings.len(), 1);
        assert!(!format!("{config:?}").contains("hunter2"), "a configuration prints without its secrets");
    }
}
