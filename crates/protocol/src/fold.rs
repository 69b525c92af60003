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

/// Scripts that put no space between words: Thai, Lao, Tibetan, Myanmar, Khmer, kana, Han. A search would take their sentences for one word.
pub fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{f00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The same text with each letter of such a script as a word of its own, so that what stands side by side is found as that.
pub fn spaced(text: &str) -> String {
    if !text.chars().any(is_unspaced) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(2 * text.len());
    let mut before = false;
    for c in text.chars() {
        let is_alone = is_unspaced(c);
        if before || is_alone {
            out.push(' ');
        }
        out.push(c);
        before = is_alone;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{fold, spaced};

    #[test]
    fn letters_of_scripts_without_spaces_stand_alone() {
        assert_eq!(spaced("plain text"), "plain text");
        assert_eq!(spaced("溶接abc"), " 溶 接 abc");
    }

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
