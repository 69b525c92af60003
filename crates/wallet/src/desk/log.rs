//! The award log: a Merkle tree over what was awarded, in its order (RFC 9162, 2.1.1). A leaf is the hash of a signed credential, which has a
//! salt, so that it tells nothing to whoever does not have the badge. Its head goes out with each list of revoked awards: whoever keeps heads
//! sees an award that was put in later, and a log that was told in two ways.

use crate::Sha256;

/// The root over these leaves. That of none is the hash of nothing.
pub fn root(leaves: &[Sha256]) -> Sha256 {
    match leaves {
        [] => Sha256::of(b""),
        [leaf] => Sha256::of(&[&[0], leaf.as_bytes().as_slice()].concat()),
        leaves => {
            // The largest power of two that is smaller than their number.
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            Sha256::of(&[&[1], root(left).as_bytes().as_slice(), root(right).as_bytes()].concat())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(left: Sha256, right: Sha256) -> Sha256 {
        Sha256::of(&[&[1], left.as_bytes().as_slice(), right.as_bytes()].concat())
    }

    #[test]
    fn the_tree_is_that_of_the_standard() {
        let leaves: Vec<Sha256> = (0..7u8).map(|number| Sha256::of(&[number])).collect();
        let one = |at: usize| root(&leaves[at..=at]);
        assert_eq!(root(&[]).to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        // RFC 9162, 2.1.5, has this tree of seven leaves.
        let left = pair(pair(one(0), one(1)), pair(one(2), one(3)));
        assert_eq!(root(&leaves), pair(left, pair(pair(one(4), one(5)), one(6))));
        assert_eq!(root(&leaves[..4]), left);
    }
}
