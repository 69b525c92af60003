//! What was made lately, by the hash of what it was made from, so that it is not made again for every look. Two generations within a budget of
//! bytes: what is not asked for while the younger one fills is forgotten with the older one.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Values by their keys, the younger generation first.
pub struct Recent<K, V> {
    budget: usize,
    kept: Mutex<Kept<K, V>>,
}

struct Kept<K, V> {
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
    bytes: usize,
}

impl<K: Hash + Eq + Copy, V: Clone> Recent<K, V> {
    /// Nothing yet; at most about twice so many bytes later.
    pub fn new(budget: usize) -> Self {
        Self { budget, kept: Mutex::new(Kept { young: HashMap::new(), old: HashMap::new(), bytes: 0 }) }
    }

    /// What is kept under a key.
    pub fn get(&self, key: &K) -> Option<V> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((value, _)) = kept.young.get(key) {
            return Some(value.clone());
        }
        let (value, bytes) = kept.old.remove(key)?;
        self.put(&mut kept, *key, value.clone(), bytes);
        Some(value)
    }

    /// Keeps a value that takes about so many bytes.
    pub fn keep(&self, key: K, value: V, bytes: usize) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        self.put(&mut kept, key, value, bytes);
    }

    fn put(&self, kept: &mut Kept<K, V>, key: K, value: V, bytes: usize) {
        if kept.bytes + bytes > self.budget {
            kept.old = std::mem::take(&mut kept.young);
            kept.bytes = 0;
        }
        if kept.young.insert(key, (value, bytes)).is_none() {
            kept.bytes += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_is_forgotten() {
        let recent = Recent::new(10);
        for number in 0..1000 {
            recent.keep(number, number, 2);
            assert_eq!(recent.get(&0), Some(0), "{number}");
        }
        assert_eq!((recent.get(&999), recent.get(&500)), (Some(999), None));
        let kept = recent.kept.lock().unwrap();
        assert!(kept.young.len() + kept.old.len() <= 10);
    }
}
