//! Items with the same key together, in the order in which each key comes first. It knows nothing about the items.

use std::collections::BTreeMap;

/// Groups items by their keys. Keys alone are counted by items that are `()`.
pub(crate) fn groups<K: Ord + Clone, T>(items: impl IntoIterator<Item = (K, T)>) -> Vec<(K, Vec<T>)> {
    let mut places = BTreeMap::new();
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    for (key, item) in items {
        let at = *places.entry(key.clone()).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, group)) => group.push(item),
            None => groups.push((key, vec![item])),
        }
    }
    groups
}
