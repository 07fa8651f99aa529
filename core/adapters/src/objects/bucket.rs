//! Objects behind `object_store`.

use std::sync::Arc;

use bytes::Bytes;
use domain::images::{Key, ObjectError, Objects, Soon};
use futures_util::StreamExt as _;
use object_store::path::Path;
use object_store::{Attribute, Attributes, Error, ObjectStore, ObjectStoreExt as _, PutOptions};
use tenants::TenantId;

/// Objects in some storage.
pub struct Bucket {
    store: Arc<dyn ObjectStore>,
    /// Whether the storage keeps what a browser is to be told of an object.
    describes: bool,
}

impl Bucket {
    pub(super) fn over(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, describes: false }
    }

    pub(super) fn describing(self) -> Self {
        Self { describes: true, ..self }
    }
}

/// All objects of a picture are below one place, so that they can be removed without a list of them.
fn place_of(store: TenantId, name: &str) -> Path {
    Path::from_iter(["media".to_owned(), store.to_string(), name.to_owned()])
}

fn place(key: &Key) -> Path {
    place_of(key.store(), key.name()).join(format!("{}.{}", key.width(), key.format().extension()))
}

fn failed(err: Error) -> ObjectError {
    ObjectError(err.to_string())
}

impl Objects for Bucket {
    fn put<'a>(&'a self, key: &'a Key, bytes: Bytes) -> Soon<'a, ()> {
        Box::pin(async move {
            let mut options = PutOptions::default();
            if self.describes {
                // For a content network that reads the bucket itself.
                let mut attributes = Attributes::new();
                attributes.insert(Attribute::ContentType, key.format().media_type().into());
                attributes.insert(Attribute::CacheControl, "public, max-age=31536000, immutable".into());
                options.attributes = attributes;
            }
            self.store.put_opts(&place(key), bytes.into(), options).await.map(drop).map_err(failed)
        })
    }

    fn get<'a>(&'a self, key: &'a Key) -> Soon<'a, Option<Bytes>> {
        Box::pin(async move {
            match self.store.get(&place(key)).await {
                Ok(found) => found.bytes().await.map(Some).map_err(failed),
                Err(Error::NotFound { .. }) => Ok(None),
                Err(err) => Err(failed(err)),
            }
        })
    }

    fn has<'a>(&'a self, key: &'a Key) -> Soon<'a, bool> {
        Box::pin(async move {
            match self.store.head(&place(key)).await {
                Ok(_) => Ok(true),
                Err(Error::NotFound { .. }) => Ok(false),
                Err(err) => Err(failed(err)),
            }
        })
    }

    fn remove<'a>(&'a self, store: TenantId, name: &'a str) -> Soon<'a, ()> {
        Box::pin(async move {
            let place = place_of(store, name);
            let mut found = self.store.list(Some(&place));
            while let Some(object) = found.next().await {
                match self.store.delete(&object.map_err(failed)?.location).await {
                    Ok(()) | Err(Error::NotFound { .. }) => {}
                    Err(err) => return Err(failed(err)),
                }
            }
            Ok(())
        })
    }
}
