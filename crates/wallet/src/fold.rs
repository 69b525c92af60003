//! Text as it is searched: small letters, without accents, in one form for what looks alike (Unicode NFKD). The search of the database folds
//! Latin letters only.

use icu_normalizer::DecomposingNormalizerBorrowed;

/// Folds a text, that of a badge or what is looked for.
pub fn fold(text: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    decomposed.chars().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase).map(unmarked).collect()
}

/// Marks that people leave out when they type: accents, Hebrew points, Arabic vowel signs. Not those of scripts in which a vowel is a mark.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Letters whose mark is a part of them.
fn unmarked(c: char) -> char {
    match c {
        'ł' => 'l',
        'ø' => 'o',
        'đ' => 'd',
        'ı' => 'i',
        'ς' => 'σ',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn what_people_type_for_the_same_word_is_the_same() {
        let same = [
            ("Élève", "eleve"),
            ("Βασική", "βασικη"),
            ("ΣΟΦΟΣ", "σοφος"),
            ("Łódź", "lodz"),
            ("ﬁne", "fine"),
            ("ｶﾀｶﾅ", "カタカナ"),
            ("İstanbul", "istanbul"),
            ("שָׁלוֹם", "שלום"),
            ("مُحَمَّد", "محمد"),
            ("Cafe\u{301}", "café"),
        ];
        for (one, other) in same {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
        assert_ne!(fold("वेल्डिंग"), fold("वलडग"));
    }
}
