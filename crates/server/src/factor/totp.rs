//! One-time codes (RFC 6238) as every app makes them: six digits of HMAC-SHA-1, anew every thirty seconds.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use jiff::Timestamp;

/// Bytes that app and server share (RFC 4226, 4: 160 bits are recommended).
pub const LENGTH: usize = 20;

const STEP: i64 = 30;
const DIGITS: u32 = 1_000_000;

/// The step of a time.
pub fn step(time: Timestamp) -> i64 {
    time.as_second().div_euclid(STEP)
}

/// The code of a step.
pub fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let at = usize::from(bytes.last().map_or(0, |last| last & 0x0f));
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).unwrap_or_default();
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % DIGITS)
}

/// The step of a code that was typed now, when it is right and later than `seen`: a clock may go wrong by one step, and no code counts twice.
pub fn matches(secret: &[u8], typed: &str, seen: i64, now: Timestamp) -> Option<i64> {
    let now = step(now);
    (now - 1..=now + 1)
        .filter(|step| *step > seen)
        .find(|step| verify_slices_are_equal(code(secret, *step).as_bytes(), typed.as_bytes()).is_ok())
}

/// A secret as apps take it (RFC 4648, 6, without padding).
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    for five in bytes.chunks(5) {
        let bits = five.iter().enumerate().fold(0_u64, |bits, (at, byte)| bits | u64::from(*byte) << (32 - 8 * at));
        for at in 0..(five.len() * 8).div_ceil(5) {
            out.push(char::from(LETTERS[usize::try_from(bits >> (35 - 5 * at) & 31).unwrap_or_default()]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, and RFC 4226, appendix D; six digits are the last six of eight.
        let secret = b"12345678901234567890";
        for (second, expected) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(code(secret, step(Timestamp::from_second(second).unwrap())), expected[2..], "{second}");
        }
        let counted = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (step, expected) in (0..).zip(counted) {
            assert_eq!(code(secret, step), expected);
        }
    }

    #[test]
    fn a_code_counts_once_and_a_clock_may_be_half_a_minute_off() {
        let secret = b"12345678901234567890";
        let now = Timestamp::from_second(1_111_111_111).unwrap();
        let at = step(now);
        for off in -1..=1 {
            assert_eq!(matches(secret, &code(secret, at + off), 0, now), Some(at + off));
        }
        for off in [-2, 2] {
            assert_eq!(matches(secret, &code(secret, at + off), 0, now), None);
        }
        assert_eq!(matches(secret, &code(secret, at), at, now), None, "it was used");
        assert_eq!(matches(secret, &code(secret, at - 1), at, now), None, "a later one was used");
        assert_eq!(matches(secret, &code(secret, at + 1), at, now), Some(at + 1));
        assert_eq!(matches(secret, "", 0, now), None);
    }

    #[test]
    fn secrets_are_written_as_apps_take_them() {
        // RFC 4648, 10.
        for (plain, expected) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), expected);
        }
    }
}
