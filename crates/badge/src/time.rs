//! Times as badges write them. The clock is never read here.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A date and time with a zone (RFC 3339), as OB 3.0 and VC demand it.
pub fn parse_strict(text: &str) -> Option<Timestamp> {
    let zoned = text.ends_with(['Z', 'z']) || text.get(10..).is_some_and(|time| time.contains(['+', '-']));
    let dated = text.get(10..11).is_some_and(|separator| matches!(separator, "T" | "t"));
    if zoned && dated { text.parse().ok() } else { None }
}

/// A time as OB 1 and 2 write it: RFC 3339, ISO 8601 without a zone (taken as UTC), a date alone (its first instant), or Unix seconds.
pub fn parse_loose(value: &serde_json::Value) -> Option<Timestamp> {
    if let Some(seconds) = value.as_i64() {
        return Timestamp::from_second(seconds).ok();
    }
    let text = value.as_str()?.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    parse_strict(text).or_else(|| {
        let civil = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(DateTime::from)).ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })
}

/// A `NumericDate` of a JWT: seconds, perhaps with a fraction (RFC 7519, 2).
pub fn from_seconds(seconds: f64) -> Option<Timestamp> {
    let whole = seconds.is_finite().then(|| seconds.floor())?;
    // Beyond this there is no date, and every integer below is exact.
    #[expect(clippy::cast_possible_truncation, reason = "bounded right before")]
    let whole = (whole.abs() < 1e12).then_some(whole as i64)?;
    Timestamp::from_second(whole).ok()
}
