//! Where pictures are made ready: off the async threads, and never more at once than there is memory for.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use pictures::{Decoder, File, PictureError, Size, files};
use sha2::{Digest as _, Sha256};
use tenants::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{ImageError, ImageId, Key, ObjectError, Objects};

/// Millions of pixels that are worked on at once: some 12 bytes each at the worst.
const MEGAPIXELS: u32 = 40;
/// Uploads at once, which each hold the bytes that were sent.
const UPLOADS: usize = 32;
/// Uploads at once to one store, so that it leaves room for others.
const UPLOADS_OF_STORE: usize = 4;
/// How long an upload waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes pictures ready, and keeps them.
pub struct Studio {
    objects: Arc<dyn Objects>,
    key: [u8; 32],
    /// One permit a million pixels.
    desk: Arc<Semaphore>,
    /// What even a small picture takes, so that there are no more at once than processors.
    least: u32,
    uploads: Arc<Semaphore>,
    stores: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
}

/// A turn to upload. Hold it until the upload is done.
pub struct Seat {
    _of_all: OwnedSemaphorePermit,
    _of_store: OwnedSemaphorePermit,
}

/// A picture that is ready to be kept under its name.
pub struct Kept {
    /// The image that it will be.
    pub id: ImageId,
    /// What its objects are called.
    pub name: String,
    pub(super) content: String,
    pub(super) size: Size,
    pub(super) sizes: Vec<Size>,
    pub(super) bytes: u64,
    tenant: TenantId,
    files: Vec<File>,
}

impl Studio {
    /// A studio with `processors`, that names pictures by `key` and keeps them in `objects`.
    #[must_use]
    pub fn new(objects: Arc<dyn Objects>, key: [u8; 32], processors: usize) -> Self {
        let processors = u32::try_from(processors).unwrap_or(u32::MAX).clamp(1, MEGAPIXELS);
        Self {
            objects,
            key,
            desk: Arc::new(Semaphore::new(MEGAPIXELS as usize)),
            least: MEGAPIXELS.div_ceil(processors),
            uploads: Arc::new(Semaphore::new(UPLOADS)),
            stores: Mutex::default(),
        }
    }

    /// Waits for a turn to upload to a store.
    ///
    /// # Errors
    /// [`ImageError::Busy`] where none came in time.
    pub async fn seat(&self, store: TenantId) -> Result<Seat, ImageError> {
        let of_store = self.uploads_of(store);
        let wait = async {
            let of_store = of_store.acquire_owned().await.map_err(|_| ImageError::Busy)?;
            let of_all = Arc::clone(&self.uploads).acquire_owned().await.map_err(|_| ImageError::Busy)?;
            Ok(Seat { _of_all: of_all, _of_store: of_store })
        };
        tokio::time::timeout(PATIENCE, wait).await.map_err(|_| ImageError::Busy)?
    }

    fn uploads_of(&self, store: TenantId) -> Arc<Semaphore> {
        let mut stores = self.stores.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Those of whom nobody holds or awaits a seat are forgotten.
        stores.retain(|_, seats| Arc::strong_count(seats) > 1 || seats.available_permits() < UPLOADS_OF_STORE);
        Arc::clone(stores.entry(store).or_insert_with(|| Arc::new(Semaphore::new(UPLOADS_OF_STORE))))
    }

    /// Decodes what was uploaded to `tenant`, and makes it ready to be kept.
    ///
    /// # Errors
    /// [`ImageError`], what is wrong with it; [`ImageError::Busy`] where no seat came free in time.
    pub async fn prepare(&self, tenant: TenantId, uploaded: Bytes) -> Result<Kept, ImageError> {
        let megapixels = Decoder::new(&uploaded)?.megapixels().clamp(self.least, MEGAPIXELS);
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.desk).acquire_many_owned(megapixels)).await;
        let turn = turn.map_err(|_| ImageError::Busy)?.map_err(|_| ImageError::Busy)?;
        let (id, key) = (ImageId::generate(), self.key);
        // The turn goes with the work: a caller that is dropped does not free it before the work is done.
        let work = tokio::task::spawn_blocking(move || {
            let ready = ready(tenant, id, &key, &uploaded);
            drop(turn);
            ready
        });
        // A decoder that gives up by a panic says that it can't decode this; the hook has logged where.
        work.await.unwrap_or(Err(PictureError::Broken.into()))
    }

    /// Writes the objects of a picture. Its name must have been announced before.
    ///
    /// # Errors
    /// [`ObjectError`]; then some of them may be there.
    pub async fn keep(&self, kept: &Kept) -> Result<(), ObjectError> {
        for file in &kept.files {
            let key = Key::new(kept.tenant, &kept.name, file.size.width, file.format);
            self.objects.put(&key, file.bytes.clone()).await?;
        }
        Ok(())
    }

    /// An object; none where there is none of this name.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn object(&self, key: &Key) -> Result<Option<Bytes>, ObjectError> {
        self.objects.get(key).await
    }

    /// Whether there is an object of this name.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn has_object(&self, key: &Key) -> Result<bool, ObjectError> {
        self.objects.has(key).await
    }
}

fn ready(tenant: TenantId, id: ImageId, key: &[u8; 32], uploaded: &[u8]) -> Result<Kept, ImageError> {
    let content = Sha256::digest(uploaded);
    let decoder = Decoder::new(uploaded)?;
    let (size, lies) = (decoder.size(), decoder.lies());
    let sizes = size.kept();
    let (picture, orientation) = decoder.pixels()?;
    let files = files(picture, orientation, lies, &sizes)?;
    let bytes = files.iter().map(|file| file.bytes.len() as u64).sum();
    let name = name(key, tenant, id, &content)?;
    Ok(Kept { id, name, content: hex(&content), size, sizes, bytes, tenant, files })
}

/// What the objects of an image are called: nobody without the key can guess it, nor tell from it what it shows. It
/// differs with every image, so that the objects of one that is gone are needed by no other.
fn name(key: &[u8; 32], tenant: TenantId, id: ImageId, content: &[u8]) -> Result<String, PictureError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| PictureError::Unwritten)?;
    mac.update(tenant.0.as_bytes());
    mac.update(id.0.as_bytes());
    mac.update(content);
    Ok(hex(&mac.finalize().into_bytes()[..16]))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}
