//! Ways for objects to be kept: in a folder, in S3-compatible storage, or in memory for tests.

mod bucket;

pub use bucket::Bucket;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::{BackoffConfig, ClientOptions, RetryConfig};

/// How long one request to the storage may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long to connect to it.
const CONNECT: Duration = Duration::from_secs(5);
/// How often a request that failed is sent again.
const RETRIES: usize = 2;

/// S3-compatible storage. Its `Debug` is left out: it holds a secret.
#[derive(Clone)]
pub struct S3 {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// Where the storage is, if it is not Amazon's.
    pub endpoint: Option<String>,
    /// The name of the key to it.
    pub access_key: String,
    /// The key.
    pub secret_key: String,
}

/// Why objects can't be kept there.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The folder.
    #[error("{0} can't be used as a folder for pictures: {1}")]
    Folder(String, std::io::Error),
    /// The storage.
    #[error("the storage for pictures can't be used with these settings")]
    Storage,
}

impl Bucket {
    /// Keeps objects in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`StorageError::Folder`].
    pub fn folder(path: &Path) -> Result<Self, StorageError> {
        let wrong = |err| StorageError::Folder(path.display().to_string(), err);
        std::fs::create_dir_all(path).map_err(wrong)?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(|err| wrong(std::io::Error::other(err)))?;
        // An object that is said to be there survives a loss of power.
        Ok(Self::over(Arc::new(store.with_fsync(true).with_automatic_cleanup(true))))
    }

    /// Keeps objects in S3-compatible storage. Connects when there is something to keep.
    ///
    /// # Errors
    /// [`StorageError::Storage`].
    pub fn s3(settings: &S3) -> Result<Self, StorageError> {
        // Fails only where somebody was first.
        rustls::crypto::ring::default_provider().install_default().ok();
        let options = ClientOptions::new().with_timeout(PATIENCE).with_connect_timeout(CONNECT);
        let retry = RetryConfig { max_retries: RETRIES, retry_timeout: PATIENCE, backoff: BackoffConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key)
            .with_secret_access_key(&settings.secret_key)
            .with_client_options(options)
            .with_retry(retry);
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        Ok(Self::over(Arc::new(builder.build().map_err(|_| StorageError::Storage)?)).describing())
    }

    /// Keeps objects in memory.
    #[must_use]
    pub fn memory() -> Self {
        Self::over(Arc::new(InMemory::new()))
    }
}
