//! Images of products, as staff sees and writes them.

mod shapes;

use domain::audit::Entry;
use domain::catalog::ProductId;
use domain::images::{self, Alt, ImageId, MOST_UPLOADED};
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use uuid::Uuid;

pub(super) use self::shapes::StaffImage;
use self::shapes::{ImageChangeBody, ImageList};
use crate::guard::{Allowed, may};
use crate::http::{
    Answer, Body, Changes, Created, Creates, Done, Expected, Fail, Found, In, Picture, Reads, Removes, Versioned, json,
};
use crate::tag::Tag;

pub(crate) struct ImagesApi;

#[OpenApi(prefix_path = "/products", tag = "Tag::Catalog")]
impl ImagesApi {
    /// List a product's images
    ///
    /// All of them, in the order in which the product shows them. The first stands for it in lists.
    #[oai(path = "/:id/images", method = "get", operation_id = "listProductImages")]
    async fn list(
        &self,
        caller: Allowed<may::ReadCatalog>,
        /// The product's id.
        id: Path<Uuid>,
    ) -> Result<Answer<ImageList>, Fail<Reads>> {
        let mut tx = caller.begin_read().await?;
        domain::catalog::product(&mut tx, ProductId(id.0)).await?;
        let images = images::images(&mut tx, ProductId(id.0)).await?;
        Ok(Answer::plain(&ImageList { items: StaffImage::all(&images, &caller) })?)
    }

    /// Add an image to a product
    ///
    /// The body is the picture itself: JPEG, PNG, WebP or GIF, at most 10 MiB and 25 million pixels. It is decoded, turned
    /// upright, and written anew as WebP and as JPEG in a few widths, never larger than it is; metadata such as places
    /// and names of cameras is not kept. Of a moving picture the first is taken. It becomes the product's last image. A
    /// picture that the product has already is not added again: 200 with the image that is there.
    #[oai(path = "/:id/images", method = "post", operation_id = "addProductImage")]
    async fn add(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The product's id.
        id: Path<Uuid>,
        /// What the picture shows, for who can't see it.
        alt: Query<Option<In<Alt>>>,
        body: Picture<MOST_UPLOADED>,
    ) -> Result<Found<StaffImage>, Fail<Creates>> {
        let (product, store, studio) = (ProductId(id.0), caller.store.id, &caller.app().studio);
        images::room_for_image(&mut caller.begin_read().await?, product).await?;
        let seat = studio.seat(store).await?;
        let kept = studio.prepare(store, body.read().await?).await?;
        let mut tx = caller.begin_note().await?;
        images::announce(&mut tx, &kept).await?;
        tx.commit().await?;
        studio.keep(&kept).await.map_err(images::ImageError::from)?;
        drop(seat);
        let mut change = caller.change().await?;
        let alt = alt.0.map(|alt| alt.0);
        let (image, is_new) = images::add_image(change.tx(), product, &kept, alt.as_ref()).await?;
        let shown = StaffImage::new(&image, &caller);
        if !is_new {
            return Ok(Found::Known(Answer::of_version(&shown, image.version)?));
        }
        change.commit(Entry::new("addProductImage", "image", image.id).after(json(&shown))).await?;
        let location = format!("/admin/v1/products/{product}/images/{}", image.id);
        Ok(Found::Created(Created::at(location, &shown, image.version)?))
    }

    /// Get an image of a product
    ///
    /// With its version, for `If-Match`.
    #[oai(path = "/:id/images/:image_id", method = "get", operation_id = "getProductImage")]
    async fn get(
        &self,
        caller: Allowed<may::ReadCatalog>,
        /// The product's id.
        id: Path<Uuid>,
        /// The image's id.
        image_id: Path<Uuid>,
    ) -> Result<Versioned<StaffImage>, Fail<Reads>> {
        let mut tx = caller.begin_read().await?;
        let image = images::image(&mut tx, ProductId(id.0), ImageId(image_id.0)).await?;
        Ok(Answer::of_version(&StaffImage::new(&image, &caller), image.version)?)
    }

    /// Change an image of a product
    ///
    /// What it shows, and its place among the product's images. The picture itself never changes: upload another, and
    /// remove this one.
    #[oai(path = "/:id/images/:image_id", method = "patch", operation_id = "changeProductImage")]
    async fn change(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The product's id.
        id: Path<Uuid>,
        /// The image's id.
        image_id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<ImageChangeBody>,
    ) -> Result<Versioned<StaffImage>, Fail<Changes>> {
        let (product, id, wanted) = (ProductId(id.0), ImageId(image_id.0), body.0.parse());
        let mut change = caller.change().await?;
        let before = StaffImage::new(&images::image(change.tx(), product, id).await?, &caller);
        let image = images::change_image(change.tx(), product, id, expected.0, &wanted).await?;
        let shown = StaffImage::new(&image, &caller);
        change.commit(Entry::new("changeProductImage", "image", id).before(json(&before)).after(json(&shown))).await?;
        Ok(Answer::of_version(&shown, image.version)?)
    }

    /// Remove an image of a product
    ///
    /// The images behind it move up. Its files may be seen for a while by who knows their addresses.
    #[oai(path = "/:id/images/:image_id", method = "delete", operation_id = "removeProductImage")]
    async fn remove(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The product's id.
        id: Path<Uuid>,
        /// The image's id.
        image_id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let (product, id) = (ProductId(id.0), ImageId(image_id.0));
        let mut change = caller.change().await?;
        let before = StaffImage::new(&images::image(change.tx(), product, id).await?, &caller);
        images::remove_image(change.tx(), product, id, expected.0).await?;
        change.commit(Entry::new("removeProductImage", "image", id).before(json(&before))).await?;
        Ok(Done)
    }
}
