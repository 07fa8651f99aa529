//! What a product is to be: what is wanted, over what is there.

use std::collections::{BTreeMap, HashMap};

use kernel::{Amount, Text};
use uuid::Uuid;

use super::{Existing, Known, WantedProduct, WantedVariant, WriteFault, Written};
use crate::catalog::{
    CatalogError, Description, NewProduct, NewVariant, OptionName, OptionValue, ProductId, ProductName, ProductOption,
    Sku, VariantId,
};

/// A product as it is to be.
pub(in crate::catalog) struct Merged {
    pub(in crate::catalog) id: Uuid,
    pub(in crate::catalog) is_new: bool,
    pub(in crate::catalog) slug: String,
    pub(in crate::catalog) name: String,
    pub(in crate::catalog) description: String,
    pub(in crate::catalog) brand: Option<Uuid>,
    pub(in crate::catalog) category: Option<Uuid>,
    pub(in crate::catalog) active: bool,
    pub(in crate::catalog) compare_at: Option<i64>,
    pub(in crate::catalog) options: Vec<ProductOption>,
    /// All of them, where they change.
    pub(in crate::catalog) attributes: Option<BTreeMap<Uuid, String>>,
    pub(in crate::catalog) variants: Vec<Draft>,
    /// Whether something of its own row is another than before.
    changed: bool,
    /// Which variant each wanted one is.
    places: Vec<usize>,
}

/// A variant as it is to be.
pub(in crate::catalog) struct Draft {
    pub(in crate::catalog) id: Uuid,
    pub(in crate::catalog) is_new: bool,
    pub(in crate::catalog) changed: bool,
    pub(in crate::catalog) position: i64,
    pub(in crate::catalog) sku: Option<String>,
    pub(in crate::catalog) options: BTreeMap<String, String>,
    pub(in crate::catalog) list: i64,
    /// Which of the wanted variants says so.
    from: Option<usize>,
}

impl Merged {
    pub(super) fn is_change(&self) -> bool {
        self.is_new || self.changed || self.variants.iter().any(|draft| draft.is_new || draft.changed)
    }

    pub(super) fn answer(&self) -> Written {
        let variants = self.places.iter().filter_map(|place| self.variants.get(*place));
        let ids = variants.map(|draft| VariantId(draft.id)).collect();
        match (self.is_new, self.is_change()) {
            (true, _) => Written::Created(ids),
            (false, true) => Written::Changed(ids),
            (false, false) => Written::Unchanged(ids),
        }
    }
}

fn fault(variant: Option<usize>, field: &'static str, reason: impl Into<String>) -> WriteFault {
    WriteFault { variant, field, reason: reason.into() }
}

/// Merges a wanted product with what is there. `claimed` holds the SKUs of the products before it.
pub(super) fn merge(
    wanted: &WantedProduct,
    known: &Known,
    claimed: &mut HashMap<String, Uuid>,
) -> Result<Merged, Vec<WriteFault>> {
    let (old, mut faults) = (known.products.get(wanted.slug.as_str()), Vec::new());
    let names = match &wanted.options {
        Some(names) => names.clone(),
        None => old.into_iter().flat_map(|old| &old.options).map(|option| option.name.clone()).collect(),
    };
    let (variants, places) = drafts(wanted, old, &names, &mut faults);
    let options = options(&names, old, &variants);
    let first = |given: Option<&Amount>| given.map(|amount| amount.minor());
    let name = wanted.name.as_ref().map(Text::as_str).or(old.map(|old| old.name.as_str()));
    if let (None, Some(now)) = (old, known.renamed.get(wanted.slug.as_str())) {
        faults.push(fault(None, "slug", format!("is what `{now}` was called before: write `{now}`")));
    }
    if name.is_none() {
        faults.push(fault(None, "name", "is required for a new product"));
    }
    let merged = Merged {
        id: old.map_or_else(|| ProductId::generate().0, |old| old.id),
        is_new: old.is_none(),
        slug: wanted.slug.as_str().to_owned(),
        name: name.unwrap_or_default().to_owned(),
        description: match &wanted.description {
            Some(text) => text.as_str().to_owned(),
            None => old.map(|old| old.description.clone()).unwrap_or_default(),
        },
        brand: looked_up(wanted.brand.as_ref(), &known.brands, old.and_then(|old| old.brand), "brand", &mut faults),
        category: looked_up(
            wanted.category.as_ref(),
            &known.categories,
            old.and_then(|old| old.category),
            "category",
            &mut faults,
        ),
        active: wanted.active.or(old.map(|old| old.active)).unwrap_or(true),
        compare_at: match &wanted.compare_at {
            Some(amount) => first(amount.as_ref()),
            None => old.and_then(|old| old.compare_at),
        },
        options,
        attributes: attributes(wanted, known, old, &mut faults),
        variants,
        changed: false,
        places,
    };
    check_skus(&merged, known, claimed, &mut faults);
    check_whole(&merged, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    claimed.extend(merged.variants.iter().filter_map(|draft| Some((draft.sku.clone()?, draft.id))));
    let changed = old.is_some_and(|old| differs(&merged, old));
    Ok(Merged { changed, ..merged })
}

fn differs(merged: &Merged, old: &Existing) -> bool {
    merged.name != old.name
        || merged.description != old.description
        || merged.brand != old.brand
        || merged.category != old.category
        || merged.active != old.active
        || merged.compare_at != old.compare_at
        || merged.options != old.options
        || merged.attributes.is_some()
}

fn looked_up(
    wanted: Option<&Option<kernel::Slug>>,
    known: &HashMap<String, Uuid>,
    old: Option<Uuid>,
    field: &'static str,
    faults: &mut Vec<WriteFault>,
) -> Option<Uuid> {
    let Some(wanted) = wanted else { return old };
    let slug = wanted.as_ref()?.as_str();
    let id = known.get(slug).copied();
    if id.is_none() {
        faults.push(fault(None, field, format!("there is no {field} `{slug}` in this store")));
    }
    id
}

fn attributes(
    wanted: &WantedProduct,
    known: &Known,
    old: Option<&Existing>,
    faults: &mut Vec<WriteFault>,
) -> Option<BTreeMap<Uuid, String>> {
    let mut values = BTreeMap::new();
    for (key, value) in wanted.attributes.as_ref()? {
        match known.attributes.get(key.as_str()) {
            None => faults.push(fault(None, "attributes", format!("`{}` is no attribute of this store", key.as_str()))),
            Some(id) => {
                if values.insert(*id, value.as_str().to_owned()).is_some() {
                    let why = format!("`{}` is there twice, by its slug and by its name", key.as_str());
                    faults.push(fault(None, "attributes", why));
                }
            }
        }
    }
    let same = old.map_or(values.is_empty(), |old| old.attributes == values);
    (!same).then_some(values)
}

/// The variants that are there, then the new ones; and which of them each wanted one is.
fn drafts(
    wanted: &WantedProduct,
    old: Option<&Existing>,
    names: &[OptionName],
    faults: &mut Vec<WriteFault>,
) -> (Vec<Draft>, Vec<usize>) {
    let kept = old.into_iter().flat_map(|old| &old.variants).map(|variant| Draft {
        id: variant.id,
        is_new: false,
        changed: false,
        position: variant.position,
        sku: variant.sku.clone(),
        options: variant.options.clone(),
        list: variant.list,
        from: None,
    });
    let (mut drafts, mut places) = (kept.collect::<Vec<_>>(), Vec::new());
    let usual = wanted.variants.first().and_then(|variant| variant.price).map(Amount::minor);
    for (number, variant) in wanted.variants.iter().enumerate() {
        let chosen: Option<BTreeMap<_, _>> = wanted.options.is_some().then(|| {
            let values = variant.options.iter().map(|value| value.as_str().to_owned());
            names.iter().map(|name| name.as_str().to_owned()).zip(values).collect()
        });
        let place = place_of(&drafts, variant, chosen.as_ref());
        if let Some(place) = place {
            if drafts[place].from.is_some() {
                faults.push(fault(Some(number), "sku", "another line of the product means the same variant"));
                continue;
            }
            change(&mut drafts[place], number, variant, chosen);
            places.push(place);
            continue;
        }
        let Some(list) = variant.price.map(Amount::minor).or(usual) else {
            faults.push(fault(Some(number), "price", "is required for a new variant"));
            continue;
        };
        if chosen.is_none() && !names.is_empty() {
            faults.push(fault(Some(number), "sku", "is no SKU of this product, which has options: name them"));
            continue;
        }
        places.push(drafts.len());
        drafts.push(Draft {
            id: VariantId::generate().0,
            is_new: true,
            changed: false,
            position: drafts.iter().map(|draft| draft.position).max().unwrap_or(0) + 1,
            sku: variant.sku.as_ref().map(|sku| sku.as_str().to_owned()),
            options: chosen.unwrap_or_default(),
            list,
            from: Some(number),
        });
    }
    (drafts, places)
}

/// By SKU, or else by options, or else the only one where the file says nothing about options; any where it says nothing
/// about variants at all.
fn place_of(drafts: &[Draft], variant: &WantedVariant, chosen: Option<&BTreeMap<String, String>>) -> Option<usize> {
    let sku = variant.sku.as_ref().map(Text::as_str);
    let by_sku = drafts.iter().position(|draft| !draft.is_new && sku.is_some() && draft.sku.as_deref() == sku);
    by_sku.or_else(|| match chosen {
        Some(chosen) => drafts.iter().position(|draft| !draft.is_new && draft.options == *chosen),
        None => {
            let any = drafts.len() == 1 || variant.is_silent();
            (any && drafts.first().is_some_and(|draft| !draft.is_new)).then_some(0)
        }
    })
}

fn change(draft: &mut Draft, number: usize, wanted: &WantedVariant, chosen: Option<BTreeMap<String, String>>) {
    let sku = wanted.sku.as_ref().map(|sku| sku.as_str().to_owned()).or_else(|| draft.sku.clone());
    let options = chosen.unwrap_or_else(|| draft.options.clone());
    let list = wanted.price.map_or(draft.list, Amount::minor);
    draft.changed = (&sku, &options, list) != (&draft.sku, &draft.options, draft.list);
    (draft.sku, draft.options, draft.list, draft.from) = (sku, options, list, Some(number));
}

/// Each option with the values that it has, and those that variants bring, in the order in which they come.
fn options(names: &[OptionName], old: Option<&Existing>, variants: &[Draft]) -> Vec<ProductOption> {
    let with_values = |name: &OptionName| {
        let known = old.into_iter().flat_map(|old| &old.options).find(|option| option.name == *name);
        let mut values: Vec<OptionValue> = known.map(|option| option.values.clone()).unwrap_or_default();
        for value in variants.iter().filter_map(|draft| draft.options.get(name.as_str())) {
            if !values.iter().any(|known| known.as_str() == value) {
                values.extend(OptionValue::parse(value).ok());
            }
        }
        ProductOption { name: name.clone(), values }
    };
    names.iter().map(with_values).collect()
}

fn check_skus(merged: &Merged, known: &Known, claimed: &HashMap<String, Uuid>, faults: &mut Vec<WriteFault>) {
    for draft in merged.variants.iter().filter(|draft| draft.from.is_some()) {
        let Some(sku) = &draft.sku else { continue };
        let owner = claimed.get(sku).or_else(|| known.skus.get(sku).map(|(variant, _)| variant));
        if owner.is_some_and(|owner| *owner != draft.id) {
            faults.push(fault(draft.from, "sku", "is taken in this store"));
        }
    }
}

/// Asks the rules of a whole product.
fn check_whole(merged: &Merged, faults: &mut Vec<WriteFault>) {
    let Ok(name) = ProductName::parse(&merged.name) else { return };
    let chosen = |draft: &Draft| {
        let pairs = draft
            .options
            .iter()
            .map(|(name, value)| Some((OptionName::parse(name).ok()?, OptionValue::parse(value).ok()?)));
        pairs.collect::<Option<BTreeMap<_, _>>>().unwrap_or_default()
    };
    let variant = |draft: &Draft| NewVariant {
        sku: draft.sku.as_deref().and_then(|sku| Sku::parse(sku).ok()),
        options: chosen(draft),
        price: None,
    };
    let whole = NewProduct {
        name,
        slug: None,
        description: Description::default(),
        brand: None,
        category: None,
        active: merged.active,
        price: Amount::ZERO,
        compare_at: None,
        attributes: BTreeMap::new(),
        sku: None,
        options: merged.options.clone(),
        variants: merged.variants.iter().map(variant).collect(),
    };
    let Err(CatalogError::BadVariants(wrong)) = whole.checked_variants() else { return };
    for field in wrong {
        let mut parts = field.pointer.split('/').skip(1);
        let (kind, number, what) = (parts.next(), parts.next(), parts.next());
        let draft = number.and_then(|number| number.parse::<usize>().ok()).and_then(|n| merged.variants.get(n));
        match (kind, draft) {
            (Some("variants"), Some(draft)) => {
                let column = if what == Some("sku") { "sku" } else { "option1_value" };
                let reason = match draft.from {
                    Some(_) => field.detail,
                    None => format!("a variant of the product that is not in the file {}", field.detail),
                };
                faults.push(fault(draft.from, column, reason));
            }
            (Some("variants"), None) => {
                faults.push(fault(None, "", format!("the product's variants {}", field.detail)))
            }
            _ => faults.push(fault(None, "option1_name", format!("the product's options: {}", field.detail))),
        }
    }
}
